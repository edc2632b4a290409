"""Whole nodes of real parts, joined in memory: engine, executor, pool, sync. No work is needed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from tests.attacks.virtual_time import run_virtually

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.execution.driver import EpochDriver
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.network.address_book import AddressBook
from sogdia.ledger.network.bans import BanList
from sogdia.ledger.network.exchange import PeerExchange
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import PROTOCOL_VERSION, Hello
from sogdia.ledger.network.peers import PeerSet, Slots
from sogdia.ledger.network.session import Session
from sogdia.ledger.network.transport import Address
from sogdia.ledger.node.ledger import Ledger
from sogdia.ledger.node.parts import write_genesis
from sogdia.ledger.node.recent_blocks import RecentBlocks
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.primitives.work import StopFlag, search_work
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables.pool_journal import PoolJournal
from sogdia.ledger.sync.phases import Progress
from sogdia.ledger.sync.service import SyncService
from sogdia.ledger.sync.short_ids import ShortIdIndex

PARAMS = replace(
    LOCAL_NET,
    consensus=replace(
        LOCAL_NET.consensus, initial_difficulty=1, difficulty_period=0, espace_height_period=1
    ),
)
START_S = 1_800_000_000


@dataclass(eq=False)
class Node:
    """One node; `time_s` is its clock."""

    number: int
    network: MemoryNetwork
    chance: random.Random
    time_s: int = START_S
    progress: list[Progress] = field(default_factory=list)
    bans: list[str] = field(default_factory=list)
    params: NetworkParams = PARAMS

    def __post_init__(self) -> None:
        """Build the parts as the node does, over a store in memory."""
        store = Database.in_memory().store
        executor = CoreExecutor(store, PARAMS.execution, chain_id=PARAMS.chain_id)
        write_genesis(executor, self.params)
        self.consensus = Engine(self.params, store, executor, lambda: self.time_s)
        self.pool = Pool(
            PARAMS.mempool, executor, PoolJournal(store), base_price=0, block_gas_max=0
        )
        recent = RecentBlocks(self.consensus.block)
        driver = EpochDriver(self.params, self.consensus, executor, recent)
        self.executor = executor
        self.ledger = Ledger(self.consensus, driver, self.pool, recent, listeners=[])
        self.ledger.follow_tip()
        self.builder = BlockBuilder(
            self.params.consensus,
            self.consensus,
            self.pool,
            author=bytes([self.number]) * 20,
            clock=lambda: self.time_s,
        )
        self._join()

    def _join(self) -> None:
        self.sync = SyncService(
            consensus=self.consensus,
            chain_id=PARAMS.chain_id,
            held=ShortIdIndex(bytes([self.number]) * 16),
            submit=self._submit,
            add_transactions=self._add,
            ban=self._ban,
            now_s=lambda: asyncio.get_running_loop().time(),
            on_progress=self.progress.append,
        )
        self.ledger.block_listeners.append(self.sync.announce)
        self.pool.subscribe(self._on_pool)
        identity = NodeIdentity.from_seed(bytes([self.number]) * 32)
        node_id = identity.node_id
        self.address = Address(f"10.{self.number}.0.1", 32_323)
        genesis = self.consensus.genesis
        key = self.sync.held.key
        self.peers = PeerSet(
            self.network.transport(node_id),
            node_id,
            Hello(PROTOCOL_VERSION, 7, genesis, "test", self.address.port, key),
            AddressBook.empty(node_id, self.chance),
            BanList(),
            self.sync.on_session,
            lambda: self.time_s,
            self.chance,
            Slots(inbound_per_host=100, inbound_per_subnet=100),
        )
        self.exchange = PeerExchange(
            identity, 7, self.peers.book, lambda: self.time_s, lambda: self.address
        )
        self.sync.exchange = self.exchange

    def _ban(self, session: Session, reason: str) -> None:
        self.bans.append(reason)
        self.peers.ban(session, reason)

    def _on_pool(self, transactions: object) -> None:
        assert isinstance(transactions, list | tuple)
        self.sync.held.add(transactions)
        self.sync.relay.announce_transactions(transactions)

    async def _submit(self, blocks: list[Block]) -> None:
        self.ledger.submit_all(blocks)

    async def _add(self, transactions: list[Transaction]) -> None:
        self.pool.add(transactions)

    @property
    def node_id(self) -> bytes:
        """Its identity."""
        return self.peers.own_id

    def mine(self, count: int = 1) -> list[Block]:
        """Make blocks on our own tip, with their work."""
        blocks = []
        for _ in range(count):
            block = self.builder.build()
            assert block is not None, "the state five epochs back is executed"
            block = Block(solve(block.header, self.chance), block.transactions)
            self.ledger.submit(block)
            blocks.append(block)
        return blocks

    def view(self) -> tuple[bytes, frozenset[bytes], tuple[object, ...]]:
        """What must be equal on all honest nodes: tip, terminals, order of every epoch."""
        best = self.consensus.best_height()
        plans = tuple(self.consensus.epoch_plan(height) for height in range(1, best + 1))
        return self.consensus.best_block(), frozenset(self.consensus.terminals()), plans


def solve(header: Header, chance: random.Random) -> Header:
    """Return the header with a nonce that meets its difficulty."""
    nonce = search_work(
        header.problem_hash, header.difficulty, chance.getrandbits(64), 1 << 40, StopFlag()
    )
    assert nonce is not None
    return replace(header, nonce=nonce)


async def settle(is_reached: Callable[[], bool], turns: int = 120_000) -> None:
    """Give the loop turns until something holds."""
    for _ in range(turns):
        if is_reached():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never settled")


Scenario = Callable[[list[Node], MemoryNetwork], Awaitable[None]]


def run(
    count: int,
    scenario: Scenario,
    *,
    link: Link | None = None,
    params: NetworkParams = PARAMS,
    runner: Callable[[Coroutine[Any, Any, None]], None] = run_virtually,
) -> None:
    """Run a scenario on `count` nodes that listen and are not joined yet.

    In virtual time: how long the machine takes for it decides nothing.
    """

    async def started() -> None:
        chance = random.Random(11)
        network = MemoryNetwork(chance, default_link=link or Link())
        nodes = [Node(n + 1, network, random.Random(n), params=params) for n in range(count)]
        for node in nodes:
            await node.peers.listen(node.address)
        try:
            await scenario(nodes, network)
        finally:
            for node in nodes:
                await node.peers.close()

    runner(started())
