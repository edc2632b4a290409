"""Virtual time: what happens next, and when.

    T1  Time never goes back; what is due at one time happens in the order it was asked for.
    T2  Times are whole microseconds, so that no rounding depends on the machine.

An event queue and not an asyncio loop: a message is one entry of a heap, a few microseconds.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

SECOND = 1_000_000  # microseconds
MILLISECOND = 1_000


class Timeline:
    """The events of a run, in order."""

    def __init__(self) -> None:
        self.now = 0
        """Microseconds since the start."""
        self._next = 0
        self._due: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []

    def at(self, time: int, action: Callable[..., None], *arguments: Any) -> None:
        """Do `action` at `time`, or now if that has passed."""
        self._next += 1
        heappush(self._due, (max(time, self.now), self._next, action, arguments))

    def after(self, delay: int, action: Callable[..., None], *arguments: Any) -> None:
        """Do `action` in `delay` microseconds."""
        self.at(self.now + delay, action, *arguments)

    def run_until(self, time: int) -> None:
        """Let everything happen that is due before or at `time`, and be there."""
        due = self._due
        while due and due[0][0] <= time:
            self.now, _, action, arguments = heappop(due)
            action(*arguments)
        self.now = time

    @property
    def seconds(self) -> float:
        """Now, in seconds."""
        return self.now / SECOND
