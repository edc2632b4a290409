"""What happens in the node, told to those who asked to hear of it.

V1  Everything here runs on the loop's thread.
V2  An event is told after what it speaks of can be read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EpochsExecuted:
    """Epochs `first` to `last` were executed."""

    first: int
    last: int


class LogSelection(Protocol):
    """Which logs somebody wants: an empty list, or an empty position, means any."""

    @property
    def addresses(self) -> Sequence[bytes]:
        """The contracts."""

    @property
    def topics(self) -> Sequence[Sequence[bytes]]:
        """What each position may be."""


@dataclass(frozen=True, slots=True)
class RemovedLog:
    """A log that counts no longer: its epoch was taken back. `json` says `removed: true`."""

    epoch: int
    address: bytes
    topics: tuple[bytes, ...]
    json: bytes

    def is_wanted(self, selection: LogSelection) -> bool:
        """Return whether a selection names it."""
        if selection.addresses and self.address not in selection.addresses:
            return False
        if len(selection.topics) > len(self.topics):
            return False
        pairs = zip(selection.topics, self.topics, strict=False)
        return all(not wanted or topic in wanted for wanted, topic in pairs)


@dataclass(frozen=True, slots=True)
class EpochsUndone:
    """Epochs `first` to `last` were taken back; `logs` are theirs, the newest first."""

    first: int
    last: int
    logs: Sequence[RemovedLog]


@dataclass(frozen=True, slots=True)
class TransactionsAccepted:
    """The pool took these in; hashes in order."""

    hashes: Sequence[bytes]


Event = EpochsExecuted | EpochsUndone | TransactionsAccepted
Listener = Callable[[Event], None]


@dataclass(slots=True)
class EventHub:
    """Passes events on. The node publishes; filters and subscriptions listen."""

    undo_count: Callable[[], int] = field(default=lambda: 0)
    """How often epochs were taken back, counted when that begins; any thread may ask."""
    _undos_told: int = field(init=False)
    _listeners: list[Listener] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._undos_told = self.undo_count()

    def is_behind(self) -> bool:
        """Tell whether epochs are being taken back, or were, of which nobody was told yet."""
        return self.undo_count() != self._undos_told

    def publish(self, event: Event) -> None:
        """Tell everybody. A listener must not raise and must not take long."""
        if isinstance(event, EpochsUndone):
            self._undos_told += 1
        for listener in tuple(self._listeners):
            listener(event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of events from now on; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
