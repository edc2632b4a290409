"""Signals that end a command which others depend on: what it started is taken down first."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AskedToEnd(BaseException):
    """A signal asked the command to end, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def asked_by_signals() -> Iterator[None]:
    """Raise `AskedToEnd` once at the first signal; what follows the block is left in peace.

    A closed terminal sends SIGHUP more than once, so it is ignored from then on. A second Ctrl-C or
    SIGTERM ends the command at once. A SIGHUP that nohup had ignored stays ignored.
    """

    def on_signal(number: int, frame: FrameType | None) -> None:
        del frame
        _calm()
        raise AskedToEnd(number)

    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, on_signal)
    try:
        yield
    finally:
        _calm()


def _calm() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
