"""How long work tells how far it is."""

from collections.abc import Callable

# Called with (done, of how many), as often as the work likes.
Progress = Callable[[int, int], None]


def in_silence(done: int, total: int) -> None:
    """Tell nobody."""
    del done, total
