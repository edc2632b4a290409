"""Who waits for the writer, and who does not."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.unit.ledger.sync.nodes import PARAMS, START_S, Node

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.node.parts import build_consensus
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.table import Change, Writer

GIVE_UP_S = 60


@dataclass
class SlowMedium:
    """A store whose commits wait until the medium is let on."""

    store: Writer
    has_begun: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Reads go to the store itself."""
        self.get, self.get_many, self.range = (
            self.store.get,
            self.store.get_many,
            self.store.range,
        )

    def commit(self, rows: Sequence[Change], *, synced: bool = False) -> None:
        """Write once the medium is let on."""
        self.has_begun.set()
        assert self.may_go_on.wait(GIVE_UP_S)
        self.store.commit(rows, synced=synced)


def ends_meanwhile(work: Callable[[], None]) -> bool:
    """Whether `work` ends on another thread while we wait for nothing else."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    return not thread.is_alive()


def test_what_the_loop_asks_does_not_wait_for_the_medium() -> None:
    """A block is being synced: outlook and what is known of other blocks are there meanwhile."""
    node = Node(1, MemoryNetwork(random.Random(1)), random.Random(1))
    first, second = node.mine(2)
    medium = SlowMedium(Database.in_memory().store)
    medium.may_go_on.set()
    consensus = build_consensus(PARAMS, medium, node.executor, lambda: START_S)
    consensus.outlook()
    consensus.submit_block(first)
    medium.has_begun.clear()
    medium.may_go_on.clear()
    writer = threading.Thread(target=consensus.submit_block, args=(second,))
    writer.start()

    def read() -> None:
        assert consensus.outlook().best == first.hash
        assert consensus.has_block(first.hash)
        assert not consensus.has_block(second.hash)
        assert consensus.header(first.hash) == first.header
        assert consensus.header_bytes(first.hash) == first.header.encode()
        assert consensus.references(first.hash) == (consensus.genesis,)
        assert consensus.body_bytes(first.hash)
        assert consensus.status(first.hash) is BlockStatus.VALID

    try:
        assert medium.has_begun.wait(GIVE_UP_S)
        assert ends_meanwhile(read)
        assert not ends_meanwhile(lambda: print(consensus.best_height())), "others take turns"
    finally:
        medium.may_go_on.set()
        writer.join()
    assert consensus.outlook().best == second.hash
