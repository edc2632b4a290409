"""Answers about a long past: what they cost the one who is asked."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from tests.unit.ledger.sync.nodes import PARAMS, START_S, Node

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.consensus.stores import chain_store
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import GetPast, Headers
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.table import Change, Writer
from sogdia.ledger.storage.tables import headers
from sogdia.ledger.sync.answers import find_answer

LENGTH = 300


@dataclass
class Counting:
    """A store that counts reads of headers."""

    store: Writer
    reads: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What is not counted goes to the store itself."""
        self.get_many, self.range = self.store.get_many, self.store.range

    def get(self, table: str, key: bytes) -> bytes | None:
        """Return a value."""
        if table == headers.TABLE.name:
            self.reads.append(key)
        return self.store.get(table, key)

    def commit(self, rows: Sequence[Change], *, synced: bool = False) -> None:
        """Write."""
        self.store.commit(rows, synced=synced)


def merged() -> tuple[Node, Node]:
    """A node with two branches that one of its blocks refers to, and an empty one."""
    network = MemoryNetwork(random.Random(1))
    one, other = (Node(number, network, random.Random(number)) for number in (1, 2))
    one.mine(LENGTH // 2)
    for block in other.mine(LENGTH // 2):
        one.ledger.submit(block)
    one.mine(4)
    return one, other


def test_a_past_is_read_once_and_not_for_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second part of the same past reads its own headers; a hundred parts read each once more."""
    monkeypatch.setattr(chain_store, "HEADERS_HELD_MAX", 16)
    one, _ = merged()
    store = Counting(Database.in_memory().store)
    engine = Engine(PARAMS, store, one.executor, lambda: START_S)
    engine.outlook()
    blocks = [one.consensus.block(hash_) for _, hash_ in one.consensus.arrivals_since(1, 10**6)]
    for block in blocks:
        engine.submit_block(block)
    question = GetPast(1, [blocks[-1].hash], [], 8)
    assert isinstance(find_answer(engine, question), Headers)
    assert len(store.reads) > LENGTH // 3
    store.reads.clear()
    answer = find_answer(engine, question)
    assert isinstance(answer, Headers)
    assert len(answer.headers) == 8
    assert len(store.reads) <= 3 * 8


def test_references_are_those_of_the_header() -> None:
    """Of blocks with and without referees, from the bytes of the store."""
    one, _ = merged()
    engine = Engine(PARAMS, one.consensus._store, one.executor, lambda: START_S)
    referees = 0
    for _, hash_ in engine.arrivals_since(0, 10**6):
        header = one.consensus.header(hash_)
        assert engine.references(hash_) == (header.parent, *header.referees)
        assert engine.header_bytes(hash_) == header.encode()
        referees += len(header.referees)
    assert referees
