"""Delay what goes out on a connection, for tests that ask for slow links."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.transport import Address, Connection


@dataclass(slots=True)
class Lag:
    """How late things happen; they happen in their order, whatever changes meanwhile."""

    seconds: float = 0.0
    waiting: deque[tuple[float, Callable[[], None]]] = field(default_factory=deque)
    """What is to be done, and when; the loop does not keep the order of equal times."""

    def do(self, work: Callable[[], None]) -> None:
        """Do `work` after the lag, at once when there is none."""
        if not self.seconds and not self.waiting:
            work()
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + self.seconds
        if self.waiting:
            due = max(due, self.waiting[-1][0])
        else:
            loop.call_at(due, self._do_due)
        self.waiting.append((due, work))

    def _do_due(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting and self.waiting[0][0] <= loop.time():
            self.waiting.popleft()[1]()
        if self.waiting:
            loop.call_at(self.waiting[0][0], self._do_due)


@dataclass(slots=True, eq=False)
class LaggingConnection:
    """A `Connection` whose frames go out after a lag."""

    inner: Connection
    lag: Lag = field(default_factory=Lag)

    @property
    def peer_id(self) -> bytes:
        """The proved identity at the other end."""
        return self.inner.peer_id

    @property
    def remote(self) -> Address:
        """Where the other end is."""
        return self.inner.remote

    def send(self, frame: bytes) -> None:
        """Queue a frame; see `transport.Connection.send`."""
        if not self.lag.seconds and not self.lag.waiting:
            self.inner.send(frame)
        else:
            self.lag.do(lambda: self._send_late(frame))

    def _send_late(self, frame: bytes) -> None:
        with contextlib.suppress(NetworkError):  # its session hears of it when it reads
            self.inner.send(frame)

    async def receive(self, *, timeout_s: float) -> bytes:
        """Return the next frame; see `transport.Connection.receive`."""
        return await self.inner.receive(timeout_s=timeout_s)

    def close(self) -> None:
        """End the connection."""
        self.inner.close()
