"""Delay what goes out on a connection, for tests that ask for slow links."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.transport import Address, Connection


@dataclass(slots=True)
class Lag:
    """How late things happen; they happen in their order, whatever changes meanwhile."""

    seconds: float = 0.0
    last_due: float = 0.0

    def do(self, work: Callable[[], None]) -> None:
        """Do `work` after the lag, at once when there is none."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self.seconds and self.last_due <= now:
            work()
            return
        self.last_due = max(self.last_due, now + self.seconds)
        loop.call_at(self.last_due, work)


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
        if not self.lag.seconds and not self.lag.last_due:
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
