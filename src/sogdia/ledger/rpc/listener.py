"""The listening sockets of JSON-RPC: a port for everybody, and a file for who runs the node."""

import asyncio
import os
import socket
from pathlib import Path

from sogdia.ledger.rpc.connection import Connection
from sogdia.ledger.rpc.http import JsonRpcApp
from sogdia.ledger.rpc.late_door import LateDoor
from sogdia.ledger.rpc.limits import RpcLimits

# Connections that the system holds until the loop takes them.
BACKLOG = 512


class Listener:
    """A JSON-RPC port or socket, or several that serve the same: closed once, all together."""

    def __init__(
        self, app: JsonRpcApp, limits: RpcLimits, websocket: LateDoor | None = None
    ) -> None:
        self._app = app
        self._websocket = websocket
        self._limits = limits
        self._connections: set[Connection] = set()
        self._servers: list[asyncio.Server] = []

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port, which is the system's choice when 0 was asked for.

        Raises:
            OSError: the address is in use, or not this machine's.
        """
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connection, host, port, backlog=BACKLOG)
        self._servers.append(server)
        opened: int = server.sockets[0].getsockname()[1]
        return opened

    async def open_at(self, path: Path) -> None:
        """Listen on a socket in the file system that nobody else may open.

        Raises:
            OSError: something is there already, or the path is longer than the system takes.
        """
        stream = socket.socket(socket.AF_UNIX)
        try:
            # Before the file is there: it never has another mode.
            os.fchmod(stream.fileno(), 0o600)
            stream.bind(str(path))
            loop = asyncio.get_running_loop()
            server = await loop.create_unix_server(self._connection, sock=stream, backlog=BACKLOG)
        except BaseException:
            stream.close()
            raise
        self._servers.append(server)

    def _connection(self) -> Connection:
        return Connection(self._app, self._limits, self._connections, self._websocket)

    async def close(self, grace_s: float) -> None:
        """Stop accepting, let running requests end for up to `grace_s`, then drop them."""
        if not self._servers:
            return
        for server in self._servers:
            server.close()
        if self._websocket is not None:
            await self._websocket.close(grace_s)
        running = [task for c in list(self._connections) if (task := c.shut_down()) is not None]
        if running:
            await asyncio.wait(running, timeout=grace_s)
        for connection in list(self._connections):
            connection.abort()
        self._servers.clear()
