"""Traces run one after the other: each executes an epoch again, and a node has other work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sogdia.ledger.rpc.errors import LimitExceeded


class TraceQueue:
    """One runs, `waiting_max` wait, the next is refused."""

    def __init__(self, waiting_max: int) -> None:
        self._waiting_max = waiting_max
        self._running = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn.

        Raises:
            LimitExceeded: too many wait already.
        """
        if self._waiting >= self._waiting_max:
            raise LimitExceeded(f"{self._waiting} traces wait already: try again later")
        self._waiting += 1
        try:
            await self._running.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._running.release()
