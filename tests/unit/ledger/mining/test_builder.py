"""Blocks built over the real graph, state and pool, and accepted by them."""

import itertools

import pytest
from tests.unit.ledger.mempool.builders import CHAIN_ID, GWEI, RICH, address_of, transfer

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.consensus.genesis import build_genesis
from sogdia.ledger.execution.api import GenesisAccount
from sogdia.ledger.execution.driver import EpochDriver
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.params.network import Genesis, NetworkParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables.pool_journal import PoolJournal

AUTHOR = b"\xaa" * 20
FUNDED = [address_of(sender) for sender in range(4)]


class Chain:
    """One miner's ledger with a clock of its own."""

    def __init__(self, **rules: int) -> None:
        balances = tuple((address, RICH) for address in FUNDED)
        consensus = {
            "initial_difficulty": 1,
            "difficulty_period": 0,
            "espace_height_period": 1,
            "min_base_price": (GWEI, GWEI),
        }
        self.params = NetworkParams(
            name="test",
            chain_id=CHAIN_ID,
            network_id=CHAIN_ID,
            genesis=Genesis(balances=balances),
            consensus=ConsensusParams(**(consensus | rules)),  # type: ignore[arg-type]
            mempool=MempoolParams(ready_per_sender_max=1_000, queued_per_sender_max=10),
            is_eager=True,
        )
        store = Database.in_memory().store
        self.executor = CoreExecutor(store, self.params.execution, chain_id=CHAIN_ID)
        genesis = build_genesis(self.params)
        allocation = [GenesisAccount(address, balance=RICH) for address in FUNDED]
        if self.executor.epoch(0) is None:
            self.executor.genesis(allocation, genesis.hash)
        clock = itertools.count(1)
        self.engine = Engine(self.params, store, self.executor, lambda: 10**6)
        self.driver = EpochDriver(self.params, self.engine, self.executor)
        self.pool = Pool(
            self.params.mempool,
            self.executor,
            PoolJournal(store),
            base_price=GWEI,
            block_gas_max=30_000_000,
        )
        self.builder = BlockBuilder(
            self.params.consensus,
            self.engine,
            self.pool,
            author=AUTHOR,
            clock=lambda: next(clock),
        )

    def mine(self) -> Block:
        """Build a block, accept it and follow it."""
        block = self.builder.build()
        assert block is not None
        self.engine.submit_block(block)
        self.pool.mark_packed(block.transactions)
        for outcome in self.driver.advance().executed:
            self.pool.on_epoch(outcome.number, outcome.senders, outcome.unexecuted)
        return block


def test_what_waits_is_packed_executed_and_gone() -> None:
    """The block is accepted as it was built: root, price, gas, roots of earlier epochs."""
    chain = Chain()
    row = [transfer(0, nonce, value=5) for nonce in range(3)]
    assert chain.pool.add(row) == [None] * 3
    block = chain.mine()
    assert list(block.transactions) == row
    assert block.header.author == AUTHOR
    assert chain.executor.account(address_of(0)).nonce == 3
    assert chain.executor.account(b"\x22" * 20).balance == 15
    assert chain.pool.status().ready == 0
    assert chain.mine().transactions == ()


def test_a_long_row_of_blocks_commits_to_its_states() -> None:
    """Each header carries the roots of five epochs before; none blames another."""
    chain = Chain()
    for number in range(12):
        chain.pool.add([transfer(1, number)])
        block = chain.mine()
        assert block.header.height == number + 1
        assert block.header.blame == 0
    old = chain.executor.epoch_roots(7)
    assert old is not None
    assert block.header.deferred_state_root == old.state_root
    assert block.header.timestamp == 12


def test_no_block_from_the_future_is_built() -> None:
    """B3: the clock was put back by more than blocks may be ahead; and caught up again."""
    chain = Chain()
    times = iter([5_000, 4_399, 4_400])
    chain.builder._clock = lambda: next(times)
    chain.mine()
    assert chain.builder.build() is None
    block = chain.builder.build()
    assert block is not None
    assert block.header.timestamp == 5_000


def test_a_cap_at_the_present_price_is_packed() -> None:
    """A block that is not full lowers the price, so it can hold who offers just the present one."""
    chain = Chain(espace_gas_percent=50)
    prices = []
    for sender in range(4):  # drive the price up: full blocks
        chain.pool.add([transfer(sender, n, tip=9 * GWEI, gas=7_000_000) for n in range(1)])
    prices.append(chain.mine().header.base_price)
    price = prices[0][1] if prices[0] else 0
    assert price > GWEI, "four times seven million is nearly all of thirty"
    chain.pool.set_conditions(base_price=price, block_gas_max=30_000_000)
    exact = transfer(0, 1, tip=0, cap=price)
    assert chain.pool.add([exact]) == [None]
    block = chain.mine()
    assert block.transactions == (exact,)
    assert block.header.base_price is not None
    assert block.header.base_price[1] <= price


def test_a_full_block_leaves_out_who_cannot_pay_its_own_price() -> None:
    """B1: the price that the block itself states is what its transactions pay."""
    chain = Chain()
    fills = [transfer(sender, 0, tip=5 * GWEI, gas=9_900_000) for sender in range(3)]
    poor = transfer(3, 0, tip=0, cap=GWEI)
    assert chain.pool.add([*fills, poor]) == [None] * 4
    block = chain.mine()
    assert set(block.transactions) == set(fills)
    assert block.header.base_price is not None
    assert block.header.base_price[1] > GWEI
    assert chain.pool.get(poor.hash) == poor


@pytest.mark.parametrize("height", range(1, 11))
def test_only_the_heights_that_carry_espace_pack_it(height: int) -> None:
    """Every fifth height."""
    chain = Chain(espace_height_period=5)
    chain.pool.add([transfer(0, nonce) for nonce in range(2)])
    blocks = [chain.mine() for _ in range(height)]
    packed = [len(block.transactions) for block in blocks]
    assert packed == [2 if number == 5 else 0 for number in range(1, height + 1)]


def test_a_block_is_no_larger_than_its_bytes_allow() -> None:
    """The rest waits for the next one."""
    size = transfer(0, 0).size
    chain = Chain(max_block_size_bytes=3 * size + size // 2)
    chain.pool.add([transfer(0, nonce) for nonce in range(5)])
    assert [len(chain.mine().transactions) for _ in range(3)] == [3, 2, 0]
