"""One port for two protocols: our own over TLS, and the family's in the clear.

The harness has its own peer dial the port on which it says other nodes are. The first byte tells
who it is: a TLS handshake begins with 0x16, a plain peer with 64, the length of its name.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from sogdia.conflux.lag import LaggingConnection
from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import HandshakeFailed
from sogdia.ledger.network.framing import StreamConnection
from sogdia.ledger.network.tls import TlsTransport, build_context, proved_identity
from sogdia.ledger.network.transport import Address, Connection, OnConnection

TLS_HANDSHAKE = b"\x16"
BACKLOG = 128
# A bare socket that says nothing holds a slot for so long.
FIRST_BYTE_S = 30.0

OnPlain = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Address], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Door:
    """An open port, and the connections that came through it."""

    listening: socket.socket
    address: Address
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until the door closes."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)  # the loop holds tasks weakly
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """Stop accepting, and end what plain peers say; sessions over TLS end by themselves."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.listening.close()


@dataclass(frozen=True, slots=True)
class SharedPort:
    """`Transport` over TLS 1.3, with a second protocol behind the same door."""

    tls: TlsTransport
    on_plain: OnPlain

    async def listen(self, address: Address, on_connection: OnConnection) -> Door:
        """Open a door; see `transport.Transport.listen`."""
        listening = socket.create_server((address.host, address.port), backlog=BACKLOG)
        listening.setblocking(False)
        door = Door(listening, Address(*listening.getsockname()[:2]))
        context = build_context(self.tls.identity, is_server=True)
        door.start(self._accept(door, context, on_connection))
        return door

    async def dial(self, address: Address, *, expected_id: bytes | None = None) -> Connection:
        """Join another node, over TLS; see `transport.Transport.dial`."""
        return LaggingConnection(await self.tls.dial(address, expected_id=expected_id))

    async def _accept(
        self, door: Door, context: ssl.SSLContext, on_connection: OnConnection
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            accepted, peer = await loop.sock_accept(door.listening)
            accepted.setblocking(False)
            door.start(self._sort(accepted, Address(*peer[:2]), context, on_connection))

    async def _sort(
        self,
        accepted: socket.socket,
        remote: Address,
        context: ssl.SSLContext,
        on_connection: OnConnection,
    ) -> None:
        try:
            async with asyncio.timeout(FIRST_BYTE_S):
                first = await _peek(accepted)
            is_tls = first == TLS_HANDSHAKE
            reader, writer = await _open(accepted, context if is_tls else None)
        except (OSError, TimeoutError):
            accepted.close()
            return
        if not is_tls:
            await self.on_plain(reader, writer, remote)
            return
        try:
            peer_id = proved_identity(writer)
        except HandshakeFailed:
            writer.transport.abort()
            return
        await on_connection(LaggingConnection(StreamConnection(reader, writer, peer_id, remote)))


async def _peek(accepted: socket.socket) -> bytes:
    """Return the first byte that comes, and leave it where it is."""
    loop = asyncio.get_running_loop()
    is_there = asyncio.Event()
    descriptor = accepted.fileno()
    loop.add_reader(descriptor, is_there.set)
    try:
        await is_there.wait()
    finally:
        loop.remove_reader(descriptor)
    return accepted.recv(1, socket.MSG_PEEK)


async def _open(
    accepted: socket.socket, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limits.FRAME_BYTES_MAX, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    handshake_s = None if context is None else limits.TLS_TIMEOUT_S
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol, accepted, ssl=context, ssl_handshake_timeout=handshake_s
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
