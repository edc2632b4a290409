"""What happens in the node, told to those who asked to hear of it.

V1  Everything here runs on the loop's thread.
V2  An event is told after what it speaks of can be read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EpochsExecuted:
    """Epochs `first` to `last` were executed; those from `first` on may have replaced others."""

    first: int
    last: int
    # The lowest epoch that was taken back before, None when nothing was.
    undone_from: int | None = None


@dataclass(frozen=True, slots=True)
class TransactionsAccepted:
    """The pool took these in; hashes in order."""

    hashes: Sequence[bytes]


Event = EpochsExecuted | TransactionsAccepted
Listener = Callable[[Event], None]


@dataclass(slots=True)
class EventHub:
    """Passes events on. The node publishes; filters and subscriptions listen."""

    _listeners: list[Listener] = field(default_factory=list)

    def publish(self, event: Event) -> None:
        """Tell everybody. A listener must not raise and must not take long."""
        for listener in tuple(self._listeners):
            listener(event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of events from now on; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
