"""What contracts of a development chain print, joined to the node: who looks, and when."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sogdia.ledger.node.logs import log
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.rpc.dev.console import MARK, Console
from sogdia.ledger.rpc.events import EpochsExecuted, Event, EventHub

CODE = "code"  # the core's table: hash of the code, code
CODES_AT_ONCE = 64


def build_console(parts: Parts, workers: ThreadPoolExecutor, events: EventHub) -> Console:
    """Return a console that shows the lines of every epoch, in the order of the epochs."""

    def show(line: str, source: str) -> None:
        log.show(f"console.log: {line}", by=source)

    console = Console(parts.executor.tracer, parts.executor, show)
    workers.submit(_note_kept_code, console, parts)
    one_at_a_time = asyncio.Lock()
    tasks: set[asyncio.Task[None]] = set()

    async def show_epochs(first: int, last: int) -> None:
        async with one_at_a_time:
            loop = asyncio.get_running_loop()
            for number in range(first, last + 1):
                await loop.run_in_executor(workers, console.show_epoch, number)

    def on_event(event: Event) -> None:
        if console.is_used and isinstance(event, EpochsExecuted):
            task = asyncio.create_task(show_epochs(event.first, event.last))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    events.listen(on_event)
    return console


def _note_kept_code(console: Console, parts: Parts) -> None:
    """Look through the code that the chain has from earlier runs."""
    start = b""
    while rows := parts.database.store.range(CODE, start, limit=CODES_AT_ONCE):
        if any(MARK in code for _, code in rows):
            console.note_code(MARK)
            return
        start = rows[-1][0] + b"\0"
