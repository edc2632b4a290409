"""The time of the chain: the machine's, unless a development chain's user moved it.

Y1  The clock begins no earlier than the last block: a chain that was moved ahead goes on.
Y2  A time that is set for the next block is used once, and the clock goes on from it.
"""

from collections.abc import Callable


class ChainClock:
    """The machine's clock, moved by its user. Read by consensus and by the block builder."""

    def __init__(self, machine: Callable[[], int]) -> None:
        self._machine = machine
        self._ahead_s = 0
        self._next: int | None = None

    def __call__(self) -> int:
        """Return the time, Unix seconds."""
        held = self._next
        return self._machine() + self._ahead_s if held is None else held

    @property
    def ahead_s(self) -> int:
        """How far this clock is ahead of the machine's."""
        return self._ahead_s

    def advance(self, seconds: int) -> None:
        """Move the clock ahead."""
        self._ahead_s += seconds

    def set_ahead(self, seconds: int) -> None:
        """Be so far ahead of the machine's clock, and hold no time."""
        self._ahead_s, self._next = seconds, None

    def begin_after(self, timestamp: int) -> None:
        """Go on from the last block, if it lies ahead of the machine (Y1)."""
        if timestamp > self():
            self.set(timestamp)

    def set(self, timestamp: int) -> None:
        """Show `timestamp` now and go on from it."""
        self._ahead_s = timestamp - self._machine()

    def hold(self, timestamp: int) -> None:
        """Show `timestamp` until `release`."""
        self._next = timestamp

    def release(self) -> None:
        """Go on from the time that was held, if one was (Y2)."""
        if self._next is not None:
            self.set(self._next)
            self._next = None
