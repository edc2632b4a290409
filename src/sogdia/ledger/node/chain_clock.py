"""The time of the chain: the machine's, unless a development chain's user moved it.

Y1  The clock begins no earlier than the last block: a chain that was moved ahead goes on.
Y2  A time that is set for the next block is used once, and the clock goes on from it.
Y3  A development chain's clock does not follow a machine's that falls: blocks go on. A network's
    does: its nodes must agree on the time, and a wrong one was put right.
Y4  The clock is not moved past `TIME_MAX_S`, from where no later block could have a timestamp.
"""

from collections.abc import Callable

TIME_MAX_S = 1 << 63  # headers have 64 bits; from here on the machine may go on for ever


class ChainClock:
    """The machine's clock, moved by its user. Read by consensus and by the block builder."""

    def __init__(self, machine: Callable[[], int], *, is_steady: bool = True) -> None:
        """`is_steady` is for a development chain (Y3)."""
        self._machine = self._steady if is_steady else machine
        self._source = machine
        self._shown = 0  # what the machine's clock would show if it had never fallen
        self._fallen_s = 0
        self._ahead_s = 0
        self._next: int | None = None

    def __call__(self) -> int:
        """Return the time, Unix seconds."""
        held = self._next
        return self._machine() + self._ahead_s if held is None else held

    def _steady(self) -> int:
        now = self._source() + self._fallen_s
        if now < self._shown:
            self._fallen_s += self._shown - now
        self._shown = max(now, self._shown)
        return self._shown

    @property
    def ahead_s(self) -> int:
        """How far this clock is ahead of the machine's."""
        return self._ahead_s

    def advance(self, seconds: int) -> None:
        """Move the clock ahead; raises as `set`."""
        _check(self._machine() + self._ahead_s + seconds)
        self._ahead_s += seconds

    def set_ahead(self, seconds: int) -> None:
        """Be so far ahead of the machine's clock, and hold no time."""
        self._ahead_s, self._next = seconds, None

    def begin_after(self, timestamp: int) -> None:
        """Go on from the last block, if it lies ahead of the machine (Y1)."""
        if timestamp > self():
            self.set(timestamp)

    def set(self, timestamp: int) -> None:
        """Show `timestamp` now and go on from it.

        Raises:
            ValueError: it is past `TIME_MAX_S`; nothing was changed.
        """
        _check(timestamp)
        self._ahead_s = timestamp - self._machine()

    def hold(self, timestamp: int) -> None:
        """Show `timestamp` until `release`; raises as `set`."""
        _check(timestamp)
        self._next = timestamp

    def let_go(self) -> None:
        """Forget the time that was held, if one was."""
        self._next = None

    def release(self) -> None:
        """Go on from the time that was held, if one was (Y2)."""
        if self._next is not None:
            self.set(self._next)
            self._next = None


def _check(timestamp: int) -> None:
    if timestamp > TIME_MAX_S:
        raise ValueError(f"timestamp {timestamp} is past {TIME_MAX_S}, the last that can be set")
