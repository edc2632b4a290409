"""A miner for tests: fills the engine's template, or spoils one field of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.mining.builder import complete_header
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.work import search_work
from sogdia.ledger.storage.database import Database

NOW_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Roots:
    """Roots of one epoch."""

    state_root: bytes
    receipts_root: bytes
    logs_bloom_hash: bytes


class KnownRoots:
    """The roots of a chain of empty epochs, up to a height: what an executor would answer."""

    def __init__(self, executed: int = 1 << 30) -> None:
        self.executed = executed

    def epoch_roots(self, number: int, pivot: bytes | None = None) -> Roots | None:
        """Return made-up roots that differ between epochs."""
        del pivot
        if number > self.executed:
            return None
        return Roots(*(keccak256(bytes([kind]) + number.to_bytes(8, "big")) for kind in range(3)))


def network(**consensus: Any) -> NetworkParams:
    """Return a network whose blocks cost almost no work; `consensus` replaces parameters."""
    defaults: dict[str, Any] = {
        "initial_difficulty": 4,
        "difficulty_period": 0,
        "timer_ratio": 3,
        "timer_beta": 3,
        "heavy_ratio": 5,
        "adaptive_beta": 5,
    }
    return NetworkParams(
        name="test", chain_id=77, network_id=77, consensus=ConsensusParams(**defaults | consensus)
    )


@dataclass
class Ledger:
    """An engine over a database in memory, with a clock that tests move."""

    params: NetworkParams = field(default_factory=network)
    roots: KnownRoots = field(default_factory=KnownRoots)
    now_s: int = NOW_S
    database: Database = field(default_factory=Database.in_memory)

    def __post_init__(self) -> None:
        self.engine = self.open()

    def open(self) -> Engine:
        """Start an engine over the database, as a restart does."""
        return Engine(self.params, self.database.store, self.roots, lambda: self.now_s)

    def build(self, solve: bool = True, **fields: Any) -> Block:
        """Return an empty block on the template, with `fields` of the header replaced."""
        return build_block(self.engine, self.now_s, fields, solve=solve)

    def mine(self, count: int = 1, **fields: Any) -> list[Block]:
        """Submit `count` empty blocks, one after the other."""
        blocks = []
        for _ in range(count):
            block = self.build(**fields)
            self.engine.submit_block(block)
            blocks.append(block)
        return blocks


def build_block(
    engine: Engine, now_s: int, fields: Mapping[str, Any], *, solve: bool = True
) -> Block:
    """Return a block on the engine's template; height and base price follow a given parent."""
    template = engine.block_template()
    deferred = template.deferred
    assert deferred is not None, "the roots are known"
    parent = fields.get("parent", template.parent)
    known = engine.has_block(parent)
    header = complete_header(
        template,
        deferred,
        author=b"\x01" * 20,
        timestamp=now_s,
        base_price=engine.base_price(parent, (0, 0)) if known else (1, 1),
        transactions=(),
    )
    if parent != template.parent:
        height = engine.header(parent).height + 1 if known else 1
        header = replace(header, height=height, referees=())
    header = replace(header, **fields)
    return Block(solved(header) if solve else header)


def solved(header: Header, accept: Callable[[Header], bool] = lambda _: True) -> Header:
    """Return the header with the first nonce that meets its difficulty and that `accept` likes."""
    nonce = header.nonce
    while True:
        found = search_work(header.problem_hash, header.difficulty, nonce, 1 << 20)
        assert found is not None, "tests use difficulties that a million attempts solve"
        candidate = replace(header, nonce=found)
        if accept(candidate):
            return candidate
        nonce = found + 1
