"""The listening socket: uvicorn's HTTP protocol, with the limits that it leaves to a proxy.

L1  A request's headers arrive within `header_time_s` and in `header_bytes`, or the connection
    ends with 408 or 431.
L2  A connection that says nothing is closed after `idle_time_s`.
"""

import asyncio

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from sogdia.ledger.rpc.http import AsgiApp
from sogdia.ledger.rpc.limits import RpcLimits


class LimitedProtocol(HttpToolsProtocol):
    """One connection under the limits L1 and L2."""

    def __init__(self, limits: RpcLimits, config: uvicorn.Config, state: ServerState) -> None:
        super().__init__(config, state, {})
        self.timeout_keep_alive = limits.idle_time_s  # type: ignore[assignment]
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin: an idle connection has `idle_time_s` to say something."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self._limits.idle_time_s, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """End: nothing may fire afterwards."""
        self._clear_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; refuse headers that are too long or too slow."""
        began_before = self._in_headers
        super().data_received(data)
        if not self._in_headers or self.transport.is_closing():
            return
        # The piece in which the headers begin may hold the end of another request too, so it alone
        # never is too long.
        limit = self._limits.header_bytes
        self._header_bytes += len(data) if began_before else min(len(data), limit)
        if self._header_bytes > limit:
            self._refuse(431, f"headers longer than {limit} bytes")
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self._limits.header_time_s, self._too_slow)

    def on_message_begin(self) -> None:
        """A request's first byte has come."""
        super().on_message_begin()
        self._in_headers = True
        self._header_bytes = 0

    def on_headers_complete(self) -> None:
        """All headers are here: judge their size, then let the request begin."""
        self._in_headers = False
        self._clear_deadline()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.header_bytes:
            self._refuse(431, f"headers of {size} bytes, limit {self._limits.header_bytes}")
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, unless the request was refused already."""
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body, unless the request was refused already."""
        if self.cycle is not None:
            super().on_message_complete()

    def _too_slow(self) -> None:
        self._deadline = None
        self._refuse(408, f"headers did not arrive within {self._limits.header_time_s:g} s")

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int, reason: str) -> None:
        if self.transport.is_closing():
            return
        text = reason.encode() + b"\n"
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: text/plain; charset=utf-8\r\ncontent-length: "
            + str(len(text)).encode()
            + b"\r\nconnection: close\r\n\r\n"
            + text
        )
        self.transport.close()


class Listener:
    """A JSON-RPC port: opened once, closed once.

    Raises:
        OSError: the address is in use or not ours, from `open`.
    """

    def __init__(self, app: AsgiApp, limits: RpcLimits, host: str, port: int) -> None:
        self._limits = limits
        self._host = host
        self._port = port
        # uvicorn counts the connection that asks as well.
        self._config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            # The rate limit counts by address: a header that anybody can write must not set it.
            proxy_headers=False,
            date_header=False,
            server_header=False,
            log_config=None,
            access_log=False,
            limit_concurrency=limits.connections + 1,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; return the port, which is the system's choice when 0 was asked for."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, self._host, self._port, backlog=512)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self, grace_s: float) -> None:
        """Stop accepting, let running requests end for up to `grace_s`, then drop them."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=grace_s)
        for connection in list(self._state.connections):
            connection.transport.abort()
        self._server = None

    def _connect(self) -> asyncio.Protocol:
        return LimitedProtocol(self._limits, self._config, self._state)
