"""What we know of one peer's knowledge, so that nothing is told twice."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.network.messages import Status
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.transaction import Transaction

KNOWN_BLOCKS_MAX = 4_096  # what is older has been told long ago: half an hour at two a second
KNOWN_IDS_MAX = 65_536  # a little more than a full pool
BATCHES_MAX = 64  # announcements that may still be asked for: a minute at one a second


class RecentSet:
    """A set that forgets its oldest members."""

    def __init__(self, size_max: int) -> None:
        """Keep at most `size_max` members."""
        self._size_max = size_max
        self._members: OrderedDict[object, None] = OrderedDict()

    def add(self, members: Iterable[object]) -> None:
        """Add members, newest last."""
        for member in members:
            self._members[member] = None
            self._members.move_to_end(member)
        while len(self._members) > self._size_max:
            self._members.popitem(last=False)

    def __contains__(self, member: object) -> bool:
        """Return whether it is remembered."""
        return member in self._members


@dataclass(slots=True)
class PeerView:
    """One live session, as sync sees it."""

    session: Session
    status: Status | None = None
    blocks: RecentSet = field(default_factory=lambda: RecentSet(KNOWN_BLOCKS_MAX))
    short_ids: RecentSet = field(default_factory=lambda: RecentSet(KNOWN_IDS_MAX))
    batches: OrderedDict[int, Sequence[Transaction]] = field(default_factory=OrderedDict)
    next_batch: int = 0
    is_followed: bool = False
    """A task is at its latest status already."""
    asked_last_until_s: float = 0.0
    """It did not answer in time: until then everyone else is asked first."""
    light_until_s: float = 0.0
    """It told of a branch that most of the work has left: until then that is not noted again."""
    tasks: int = 0
    compact_tasks: int = 0

    @property
    def best_height(self) -> int:
        """The height that the peer says it has, 0 before it said anything."""
        return 0 if self.status is None else self.status.best_height

    def claim(self, best: bytes, height: int) -> None:
        """Note a block of the peer's that is higher than its last status said."""
        if self.status is None or height > self.status.best_height:
            terminals = [] if self.status is None else self.status.terminals
            self.status = Status(best, height, terminals)

    def remember_batch(self, transactions: Sequence[Transaction]) -> int:
        """Keep an announcement until it is asked for, and return its number."""
        number = self.next_batch
        self.next_batch = (number + 1) % 2**32
        self.batches[number] = transactions
        while len(self.batches) > BATCHES_MAX:
            self.batches.popitem(last=False)
        return number
