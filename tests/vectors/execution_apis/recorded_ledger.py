"""The recorded chain, executed on our executor and served by our methods.

Every block of `chain.rlp` is one epoch: its transactions, rules, rewards and withdrawals are
Ethereum's of its time, its pivot is the recorded block's hash. So hashes, places, logs, gas and
state agree with the recording wherever they do not come from Ethereum's own header or trie.

Two things of the chain have no place here. Blob transactions: the ledger carries none, and executes
for each the dynamic-fee transaction of the same sender and fields, which has another hash.
The system contracts' storage, which Ethereum writes without a transaction.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from coincurve import PublicKey
from tests.vectors.archives import unpack

from sogdia._core import Store
from sogdia.ledger.execution.api import BlockInput, EpochInput, GenesisAccount, TransactionLocation
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.traces import Options, Tracer
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.primitives import rlp
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import (
    Transaction,
    decode_impersonated,
    decode_transactions,
)
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.debug.queue import TraceQueue
from sogdia.ledger.rpc.events import EventHub
from sogdia.ledger.rpc.filters import FilterStore
from sogdia.ledger.rpc.intake import TransactionIntake
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.storage.tables.pool_journal import TABLE, PoolJournal

ETHER = 10**18
GWEI = 10**9
BLOB = 3
# Rules by block number, then by time (`forkenv.json`).
BY_NUMBER = (
    (0, "homestead"), (3, "tangerine"), (6, "spurious_dragon"), (9, "byzantium"),
    (15, "petersburg"), (18, "istanbul"), (24, "berlin"), (27, "london"), (36, "merge"),
)  # fmt: skip
BY_TIME = ((390, "shanghai"), (420, "cancun"), (450, "prague"), (480, "osaka"))


@dataclass(frozen=True, slots=True)
class RecordedBlock:
    """A block of the chain: header fields as RLP has them, transactions as raw bytes."""

    header: list[bytes]
    raws: list[bytes]
    ommers: list[list[bytes]]
    withdrawals: list[list[bytes]]
    size: int

    def number_at(self, field: int) -> int:
        """Return a header field as a number."""
        return int.from_bytes(self.header[field])

    @property
    def hash(self) -> bytes:
        """Its hash, which stands for a pivot's."""
        return keccak256(rlp.encode(self.header))

    @property
    def height(self) -> int:
        """Its number: what `Consensus.header` is asked for here."""
        return self.number_at(8)

    @property
    def gas_limit(self) -> int:
        """Its gas limit."""
        return self.number_at(9)

    @property
    def base_price(self) -> int:
        """Its base fee, zero before there was one."""
        return self.number_at(15) if len(self.header) > 15 else 0

    @property
    def rules(self) -> str:
        """The rules of its time, as `ExecutionParams.spec` names them."""
        past = [name for number, name in BY_NUMBER if number <= self.height]
        past += [name for time, name in BY_TIME if time <= self.number_at(11)]
        return past[-1]

    def rewards(self) -> list[tuple[bytes, int]]:
        """Return what the protocol pays outside transactions."""
        paid = [(w[2], int.from_bytes(w[3]) * GWEI) for w in self.withdrawals]
        if self.height >= 36:
            return paid
        block = ETHER * (5 if self.height < 9 else 3 if self.height < 12 else 2)
        for ommer in self.ommers:
            depth = self.height - int.from_bytes(ommer[8])
            paid.append((ommer[2], block * (8 - depth) // 8))
        return [*paid, (self.header[2], block + len(self.ommers) * block // 32)]


def recorded_blocks() -> Iterator[RecordedBlock]:
    """Yield the blocks of the chain, from number 1."""
    data = (unpack("execution-apis") / "tests" / "chain.rlp").read_bytes()
    while data:
        width = data[0] - 0xF7
        size = 1 + width + int.from_bytes(data[1 : 1 + width])
        header, transactions, ommers, *rest = rlp.decode(data[:size])
        raws = [t if isinstance(t, bytes) else rlp.encode(t) for t in transactions]
        yield RecordedBlock(header, raws, ommers, rest[0] if rest else [], size)
        data = data[size:]


class RecordedChain:
    """What the methods ask of consensus, answered from the recorded headers."""

    def __init__(self, genesis: bytes, blocks: list[RecordedBlock]) -> None:
        self._by_hash = {block.hash: block for block in blocks}
        self._by_hash[genesis] = RecordedBlock([b""] * 15, [], [], [], 0)
        self._head = blocks[-1]
        # The recording names its head as safe and as finalized.
        self.stable_height = self._head.height

    def has_block(self, block_hash: bytes) -> bool:
        """Tell whether the chain holds it."""
        return block_hash in self._by_hash

    def header(self, block_hash: bytes) -> RecordedBlock:
        """Return its header."""
        return self._by_hash[block_hash]

    def best_block(self) -> bytes:
        """Return the head's hash."""
        return self._head.hash

    def best_height(self) -> int:
        """Return the head's number."""
        return self._head.height

    def confirmed_height(self) -> int:
        """Return the head's number."""
        return self._head.height

    def space_gas_limits(self, height: int, gas_limit: int) -> tuple[int, int]:
        """Return all gas for the one space there is."""
        del height
        return 0, gas_limit

    def base_price(self, parent: bytes, packed_gas: tuple[int, int]) -> tuple[int, int]:
        """Return the next base fee, which Ethereum takes from what the head used."""
        del packed_gas
        head = self._by_hash[parent]
        target = head.gas_limit // 2
        change = head.base_price * (target - head.number_at(10)) // target // 8
        return 0, head.base_price - change


class TracerOfItsTime(Tracer):
    """Traces each block under the rules that it was executed under, and calls under the last."""

    def __init__(self, eras: list[CoreExecutor]) -> None:
        super().__init__(eras[-1].tracer._core)
        self._eras = eras

    def transaction(self, place: TransactionLocation, options: Options) -> bytes:
        """Trace under the rules of its block."""
        return self._eras[place.epoch].tracer.transaction(place, options)

    def epoch(self, number: int, options: Options) -> list[tuple[bytes, bytes]] | None:
        """Trace under the rules of the block."""
        return self._eras[number].tracer.epoch(number, options)


def _genesis_allocation(genesis: dict[str, Any]) -> list[GenesisAccount]:
    return [
        GenesisAccount(
            bytes.fromhex(name),
            balance=int(entry.get("balance", "0x0"), 16),
            nonce=int(entry.get("nonce", "0x0"), 16),
            code=bytes.fromhex(entry.get("code", "0x")[2:]),
            storage={int(k, 16): int(v, 16) for k, v in entry.get("storage", {}).items()},
        )
        for name, entry in genesis["alloc"].items()
    ]


def _executor(store: Store, rules: str, chain_id: int) -> CoreExecutor:
    params = ExecutionParams(spec=rules)
    return CoreExecutor(store, params, chain_id=chain_id, pay_author_at_once=True)


def _stand_in(raw: bytes, chain_id: int) -> Transaction:
    """Return the dynamic-fee transaction that is executed for a blob transaction."""
    fields = rlp.decode(raw[1:])
    digest = keccak256(raw[:1] + rlp.encode(fields[:11]))
    r, s = (field.rjust(32, b"\0") for field in fields[12:14])
    signed = r + s + bytes([int.from_bytes(fields[11])])
    key = PublicKey.from_signature_and_message(signed, digest, hasher=None)
    sender = keccak256(key.format(compressed=False)[1:])[12:]
    dynamic = b"\x02" + rlp.encode([*fields[:9], *fields[11:14]])
    return decode_impersonated(dynamic, chain_id, sender)


def _transactions(block: RecordedBlock, chain_id: int) -> list[Transaction]:
    plain = [raw for raw in block.raws if raw[0] != BLOB]
    decoded = iter(decode_transactions(plain, chain_id))
    each = [_stand_in(raw, chain_id) if raw[0] == BLOB else next(decoded) for raw in block.raws]
    transactions = [transaction for transaction in each if isinstance(transaction, Transaction)]
    assert len(transactions) == len(block.raws), each
    return transactions


def _execute(executor: CoreExecutor, block: RecordedBlock, chain_id: int) -> None:
    entry = BlockInput(
        hash=block.hash,
        author=block.header[2],
        timestamp=block.number_at(11),
        difficulty=block.number_at(7),
        gas_limit=block.gas_limit,
        transactions=_transactions(block, chain_id),
        nonce=int.from_bytes(block.header[14]),
        size=block.size,
        transactions_root=block.header[4],
    )
    outcome = executor.execute_epoch(
        EpochInput(
            block.height,
            block.hash,
            [entry],
            block.base_price,
            block.rewards(),
            prev_randao=block.header[13],
        )
    )
    assert not outcome.unexecuted, (block.height, outcome.unexecuted)
    assert outcome.gas_used == block.number_at(10), f"block {block.height} used other gas"


def recorded_backend(workers: ThreadPoolExecutor) -> Backend:
    """Execute the whole chain and return the node's side of the methods over it."""
    genesis = json.loads((unpack("execution-apis") / "tests" / "genesis.json").read_text())
    chain_id = genesis["config"]["chainId"]
    store = Store.memory([TABLE.name])
    blocks = list(recorded_blocks())
    executor = _executor(store, "homestead", chain_id)
    executor.genesis(
        _genesis_allocation(genesis),
        blocks[0].header[0],
        timestamp=0,
        gas_limit=int(genesis["gasLimit"], 16),
    )
    eras = [executor]
    rules = "homestead"
    for block in blocks:
        if block.rules != rules:
            rules = block.rules
            executor = _executor(store, rules, chain_id)
        _execute(executor, block, chain_id)
        eras.append(executor)
    node = _backend(executor, store, RecordedChain(blocks[0].header[0], blocks), chain_id, workers)
    return replace(node, tracer=TracerOfItsTime(eras))


def _backend(
    executor: CoreExecutor,
    store: Store,
    chain: RecordedChain,
    chain_id: int,
    workers: ThreadPoolExecutor,
) -> Backend:
    price = chain.base_price(chain.best_block(), (0, 0))[1]
    pool = Pool(
        MempoolParams(), executor, PoolJournal(store), base_price=price, block_gas_max=200_000_000
    )
    # What the recording's client allowed a call.
    limits = RpcLimits(call_gas=50_000_000)
    filters = FilterStore(
        EventHub(),
        lambda: 0.0,
        iter(range(1, 1_000)).__next__,
        filters_max=limits.filters,
        idle_s=limits.filter_idle_s,
    )
    return Backend(
        chain_id=chain_id,
        network_id=chain_id,
        client_version="recorded",
        consensus=chain,  # type: ignore[arg-type]
        executor=executor,
        tracer=executor.tracer,
        at_hand=executor.at_hand,
        simulator=executor.simulator,
        pool=pool,
        intake=TransactionIntake(pool, lambda raws: decode_transactions(raws, chain_id), workers),
        workers=workers,
        limits=limits,
        filters=filters,
        traces=TraceQueue(limits.traces_waiting),
        clock=lambda: 540,
        default_tip=1,
    )
