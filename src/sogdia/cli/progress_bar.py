"""A bar on standard error with the time that remains: on a terminal, and after two seconds."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PROGRESS_AFTER_S = 2.0  # what is quicker needs no bar


def _in_silence(done: int, total: int) -> None:
    del done, total


@contextmanager
def progress_bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what to call with (done, of how many); nothing is shown without a terminal."""
    if not sys.stderr.isatty():
        yield _in_silence
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    begin = time.monotonic()
    bar = Progress(
        words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = bar.add_task(words)

    def show(done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - begin > PROGRESS_AFTER_S:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        bar.stop()
