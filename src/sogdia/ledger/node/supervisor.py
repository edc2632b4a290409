"""Runs a node until it is told to stop, and decides what a failure means.

U1  The first SIGINT, SIGTERM or SIGHUP (the terminal is gone) stops intake, lets running work end,
    syncs, and ends with 0 within `STOP_GRACE_S`. A second SIGINT or SIGTERM ends at once with 130
    or 143. A second SIGHUP does not, since one closed terminal sends several; nor does one that
    nohup had ignored.
U2  What stops the store, a state that cannot follow the pivot chain, or a panic of the core, stops
    the node with the trace in the log and code 1. Nothing acknowledged is lost: it was written
    before.
U3  Any other defect that a request meets is logged with its trace and a number; the caller is told
    the number and nothing else, and the node goes on.
"""

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from sogdia.ledger.execution.errors import DamagedState, UndoTooDeep
from sogdia.ledger.node.config import Config
from sogdia.ledger.node.logs import log
from sogdia.ledger.node.node import Node
from sogdia.ledger.node.ready import Ready
from sogdia.ledger.primitives.errors import SogdiaError, StorageError
from sogdia.ledger.rpc.errors import InternalError

STOP_GRACE_S = 5.0  # what U1 promises
LOOP_WATCH_S = 0.05  # how often the loop is asked whether it turns
# Objects made before the young ones are walked, about a millisecond for so many; then how many
# walks of a generation before the next older one is walked too.
COLLECTOR_THRESHOLDS = (20_000, 20, 50)
# Blocks up to this size stay with the process, and twice as much at the end of its heap; the
# numbers are <malloc.h>'s.
KEPT_BLOCK_BYTES = 4 << 20
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LOOP_LAG_S_MAX = 0.1  # longer turns of the loop are logged: something that takes time runs on it


def run_node(
    config: Config,
    environment: Mapping[str, str],
    *,
    fresh: bool,
    announce: Callable[[Ready], None],
) -> int:
    """Run until stopped; return the exit code. `announce` is called once the node takes work.

    Raises:
        NodeError, StorageError: the node could not start.
    """
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        supervisor = Supervisor(lambda own: Node(config, environment, fresh=fresh, supervisor=own))
        return runner.run(supervisor.run(announce))


class Runnable(Protocol):
    """What is started once and stopped once."""

    async def start(self) -> Any:
        """Build everything, take work, and return what there is to announce."""

    async def stop(self) -> None:
        """Take it apart, also after a start that failed."""


class Supervisor:
    """One node's life."""

    def __init__(self, build: Callable[["Supervisor"], Runnable]) -> None:
        """`build` makes the node, which reports its failures to this."""
        self._build = build
        self._ended: asyncio.Future[int]

    async def run(self, announce: Callable[[Any], None]) -> int:
        """Start, wait for a signal or a failure, stop; return the exit code."""
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        is_alone = threading.current_thread() is threading.main_thread()
        if is_alone:
            for number in ending_signals():
                loop.add_signal_handler(number, self._on_signal, number)
        node = self._build(self)
        watching = contextlib.ExitStack()
        try:
            ready = await node.start()
            # Not before: a start imports and builds on the loop, which nobody waits for yet.
            watch = asyncio.create_task(self._watch_loop(), name="loop watch")
            watching.callback(watch.cancel)
            if is_alone:
                relax_collector()
            if not self._ended.done():
                announce(ready)
            if is_alone:
                keep_freed_memory()
            code = await self._ended
        finally:
            watching.close()
            is_clean = await self._stop(node)
        return code if is_clean else max(code, 1)

    async def _stop(self, node: Runnable) -> bool:
        """Take the node apart; tell whether all of it was closed as it should be."""
        try:
            async with asyncio.timeout(STOP_GRACE_S):
                await node.stop()
        except TimeoutError:
            log.error("stopped before all work had ended", grace_s=STOP_GRACE_S)
        except Exception as error:
            # After a failure the store cannot be closed either, and says so once more.
            is_known = isinstance(error, SogdiaError) or self._ended.done()
            reason = str(error)
            log.error("closing failed", reason=reason, exc_info=None if is_known else error)
            return False
        return True

    async def _watch_loop(self) -> None:
        """Log what held the loop, by the processor time of its thread: waiting holds nobody."""
        while True:
            due, used = time.monotonic() + LOOP_WATCH_S, time.thread_time()
            await asyncio.sleep(LOOP_WATCH_S)
            late_s, used_s = time.monotonic() - due, time.thread_time() - used
            if min(late_s, used_s) > LOOP_LAG_S_MAX:
                log.warning("the loop was held", seconds=round(min(late_s, used_s), 3))

    def _on_signal(self, number: signal.Signals) -> None:
        if self._ended.done():
            if number is signal.SIGHUP:
                return
            os._exit(128 + number)
        log.info("stopping", signal=number.name)
        self._ended.set_result(0)

    def end(self) -> None:
        """Stop the node as a signal would; any thread may call, also when it has ended."""

        def finish() -> None:
            if not self._ended.done():
                self._ended.set_result(0)

        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._ended.get_loop().call_soon_threadsafe(finish)

    def fail(self, error: BaseException) -> None:
        """Stop the node for `error` (U2); any thread may call."""
        loop = self._ended.get_loop()
        loop.call_soon_threadsafe(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        if self._ended.done():
            return
        self._ended.set_result(1)
        is_known = isinstance(error, SogdiaError)
        log.critical("the node stops", reason=str(error), exc_info=None if is_known else error)

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return `work(*arguments)`; what nobody foresaw is answered with a number (U3)."""
        try:
            return work(*arguments)
        except Exception as error:
            return self.defect(error)

    async def wait(self, work: Awaitable[Any]) -> Any:
        """Return what `work` comes to; what nobody foresaw is answered with a number (U3)."""
        try:
            return await work
        except Exception as error:
            return self.defect(error)

    def meet(self, error: BaseException) -> None:
        """Log a defect that nobody waits to be told of; stop the node if it must (U2)."""
        log.error("a session met a defect of this node", exc_info=error)
        if is_fatal(error):
            self.fail(error)

    def defect(self, error: Exception) -> InternalError:
        """Log `error`, stop the node if it must (U2), and return what the caller is told."""
        if is_fatal(error):
            self.fail(error)
        number = secrets.token_hex(4)
        # Of a medium that failed a trace tells nothing, and buries the line that says it.
        is_of_medium = isinstance(error, StorageError)
        trace = None if is_of_medium else error
        log.error("a request failed", incident=number, reason=str(error), exc_info=trace)
        return InternalError(number)


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end the process cleanly, without a SIGHUP that nohup had ignored."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers


def relax_collector() -> None:
    """Let the cycle collector look less often, and never at what a started node keeps for good.

    Waiting transactions and their queues are no cycles, but with the interpreter's own thresholds
    walking over them took a third of the time of taking them in. What a start leaves unreachable is
    some hundred small objects: less than a walk over all others is worth.
    """
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    gc.enable()


def keep_freed_memory() -> None:
    """Let the C library keep blocks that it would give back to the system at once.

    An answer of 130 kB is as large as what it takes for long-lived by default: each was mapped anew
    and cleared page by page, at the cost of half the answers, or not, as the heap happened to lie.
    """
    import ctypes  # two milliseconds, which no start waits for

    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc's
        libc.mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES)
        libc.mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BLOCK_BYTES)


def is_fatal(error: BaseException) -> bool:
    """Tell whether `error`, or one of a group, means that the node must not go on (U2)."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(is_fatal, error.exceptions))
    # The core reports a panic as SystemError: its memory may be half changed.
    stops = StorageError | DamagedState | UndoTooDeep | SystemError | MemoryError
    return isinstance(error, stops)
