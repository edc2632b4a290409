"""The listening socket of the JSON-RPC port."""

import asyncio

from sogdia.ledger.rpc.connection import Connection
from sogdia.ledger.rpc.http import JsonRpcApp
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.websocket import WebSocketDoor

# Connections that the system holds until the loop takes them.
BACKLOG = 512


class Listener:
    """A JSON-RPC port: opened once, closed once."""

    def __init__(
        self,
        app: JsonRpcApp,
        limits: RpcLimits,
        host: str,
        port: int,
        websocket: WebSocketDoor | None = None,
    ) -> None:
        self._app = app
        self._websocket = websocket
        self._limits = limits
        self._host = host
        self._port = port
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; return the port, which is the system's choice when 0 was asked for.

        Raises:
            OSError: the address is in use, or not this machine's.
        """
        loop = asyncio.get_running_loop()
        upgraded = None if self._websocket is None else self._websocket.protocol
        self._server = await loop.create_server(
            lambda: Connection(self._app, self._limits, self._connections, upgraded),
            self._host,
            self._port,
            backlog=BACKLOG,
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self, grace_s: float) -> None:
        """Stop accepting, let running requests end for up to `grace_s`, then drop them."""
        if self._server is None:
            return
        self._server.close()
        if self._websocket is not None:
            await self._websocket.close(grace_s)
        running = [task for c in list(self._connections) if (task := c.shut_down()) is not None]
        if running:
            await asyncio.wait(running, timeout=grace_s)
        for connection in list(self._connections):
            connection.abort()
        self._server = None
