"""A line of the log now and then: it tells a day in which nothing happened from a stop."""

import asyncio
from collections.abc import Callable

from sogdia.ledger.node.logs import log
from sogdia.ledger.node.parts import Parts

HEARTBEAT_S = 600.0  # 144 lines a day


async def say_regularly(
    parts: Parts, peers: Callable[[], int], every_s: float = HEARTBEAT_S
) -> None:
    """Log where the ledger stands every `every_s` seconds, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        # Beside the loop: what is read waits for the ledger's writer, and it for the medium.
        log.info("running", **await asyncio.to_thread(_where, parts), peers=peers())


def _where(parts: Parts) -> dict[str, int]:
    head, _ = parts.executor.head()
    standing, waiting = parts.consensus.standing(), parts.pool.status()
    return {
        "epoch": head,
        "height": standing.best_height,
        "confirmed": standing.confirmed_height,
        "waiting": waiting.ready + waiting.queued,
    }
