"""An event loop whose clock jumps to the next thing that is due: minutes of waiting take none."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any


class _Selector(selectors.SelectSelector):
    """Waits by moving the clock."""

    def __init__(self, wait: Callable[[float], None]) -> None:
        super().__init__()
        self._wait = wait

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; when nothing is, the time has passed."""
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for something that is never due"
            self._wait(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """What others do on threads is done at once, so that nothing happens outside of its time."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_Selector(self._on_wait))

    def _on_wait(self, seconds: float) -> None:
        self._now_s += max(0.0, seconds)

    def time(self) -> float:
        """Return the seconds since the loop began."""
        return self._now_s

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call `func` now."""
        del executor
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done


def run_virtually(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)
