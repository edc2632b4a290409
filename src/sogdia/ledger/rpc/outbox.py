"""Messages on their way to one WebSocket connection.

Messages for a connection that keeps up are written at once, all that there are in one write: a task
that wakes for them would cost three times as much, and hundreds of subscribers hear of each head.

    O1  A connection's messages go out in the order in which they were put.
    O2  A connection that does not read is given up when `queued_messages` or `queued_bytes` of the
        limits wait for it.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from aiohttp import web

from sogdia.ledger.rpc.limits import RpcLimits

# How long a connection that was given up may take to read that it was.
GIVE_UP_S = 5.0
# What a connection's transport holds itself, before messages wait here.
TRANSPORT_BYTES_MAX = 64 << 10
# How often a transport that holds them is looked at, at first and at most.
PAUSE_S_LEAST, PAUSE_S_MOST = 0.001, 0.05
TRY_AGAIN_LATER = 1013  # RFC 6455's registry: the server is too busy for this client


class Outbox:
    """Messages that wait for one connection (O1, O2)."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        limits: RpcLimits,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._ending: asyncio.Task[None] | None = None
        self._limits = limits
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self.is_overrun = False

    def put(self, messages: Sequence[bytes]) -> bool:
        """Send or queue messages; a connection that lags too far is given up.

        Return whether it goes on.
        """
        transport = self._open_transport()
        if transport is None:
            return False  # the socket learns of it when it is next read
        if not self._waiting and transport.get_write_buffer_size() <= TRANSPORT_BYTES_MAX:
            transport.write(b"".join(map(text_frame, messages)))
            return True
        # What waits already is judged: one answer, or one epoch's logs, may be larger than all
        # that may wait, and nobody can read them before they were put here.
        limits = self._limits
        waiting_bytes = self._bytes + transport.get_write_buffer_size()
        if len(self._waiting) >= limits.queued_messages:
            self.give_up(f"{len(self._waiting)} messages wait")
        elif waiting_bytes > limits.queued_bytes:
            self.give_up(f"{waiting_bytes} bytes wait")
        else:
            self._waiting.extend(messages)
            self._bytes += sum(map(len, messages))
            self._wake.set()
        return not self.is_overrun

    async def run(self) -> None:
        """Send what waits until the connection ends or is given up."""
        while await self._wake.wait():
            self._wake.clear()
            while self._waiting and (transport := await self._free_transport()) is not None:
                message = self._waiting.popleft()
                self._bytes -= len(message)
                transport.write(text_frame(message))

    async def _free_transport(self) -> asyncio.Transport | None:
        """Return the transport once it takes more; `None` if the connection ended meanwhile."""
        pause_s = PAUSE_S_LEAST
        while (transport := self._open_transport()) is not None:
            if transport.get_write_buffer_size() <= TRANSPORT_BYTES_MAX:
                break
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_S_MOST)
        return transport

    def _open_transport(self) -> asyncio.Transport | None:
        """Return the transport, or `None` once no frame may follow: a close frame is the last."""
        transport = self._transport
        has_ended = self.is_overrun or self._socket.closed
        return None if has_ended or transport is None or transport.is_closing() else transport

    def give_up(self, reason: str) -> None:
        """End the connection, and tell it why."""
        if self.is_overrun:
            return
        self.is_overrun = True
        self._waiting.clear()
        self._ending = asyncio.get_running_loop().create_task(self._end(reason))

    async def _end(self, reason: str) -> None:
        """Say why, and end whether or not the other side ever reads it."""
        try:
            async with asyncio.timeout(GIVE_UP_S):
                await self._socket.close(code=TRY_AGAIN_LATER, message=reason.encode())
        except TimeoutError:
            if self._transport is not None:
                self._transport.abort()


def text_frame(message: bytes) -> bytes:
    """Return a whole text message of a server: one frame, not masked (RFC 6455 §5.2)."""
    length = len(message)
    if length < 126:
        return b"\x81%c%b" % (length, message)
    if length < 1 << 16:
        return b"\x81\x7e%b%b" % (length.to_bytes(2), message)
    return b"\x81\x7f%b%b" % (length.to_bytes(8), message)
