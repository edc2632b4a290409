"""One interface for every way that two nodes can be joined.

    T1  A frame arrives whole or not at all, in the order it was sent.
    T2  `peer_id` is proved by the transport, never merely claimed.
    T3  No length is believed: a frame over the limit is refused before it is allocated.

Two implementations: `tls` between strangers, `memory` for simulations. The family's plain framing,
which proves nothing, is the reference harness's alone (`sogdia.conflux.plain`).
"""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a node listens: an IP address in text, and a port."""

    host: str
    port: int

    @staticmethod
    def parse(text: str) -> "Address":
        """Read `HOST:PORT`, the host an IP address, an IPv6 one in brackets.

        Raises:
            ValueError: it is not one.
        """
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        number = int(port)
        if not 0 <= number < 65536:
            raise ValueError(f"port {number} is not in 0..65535")
        return Address(str(ipaddress.ip_address(host)), number)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Connection(Protocol):
    """A joined pair, as one side sees it."""

    @property
    def peer_id(self) -> bytes:
        """The node at the other end, 32 bytes, proved."""

    @property
    def remote(self) -> Address:
        """Where the other end is."""

    def send(self, frame: bytes) -> None:
        """Queue a frame.

        Raises:
            FrameTooLarge: the frame is over the limit.
            PeerTooSlow: too much waits unread; the connection is closed.
            PeerGone: the connection has ended.
        """

    async def receive(self, *, timeout_s: float) -> bytes:
        """Return the next frame.

        Raises:
            PeerTimeout: nothing came within `timeout_s`, or a frame did not come whole in time.
            FrameTooLarge: the other side announced more than the limit.
            PeerGone: the connection has ended.
        """

    def close(self) -> None:
        """End the connection; what was queued may be lost."""


OnConnection = Callable[[Connection], Awaitable[None]]


class Listener(Protocol):
    """An open door."""

    @property
    def address(self) -> Address:
        """Where it listens; the port is the real one when 0 was asked for."""

    async def close(self) -> None:
        """Shut the door; connections that came through it stay."""


class Transport(Protocol):
    """A way to join nodes."""

    async def listen(self, address: Address, on_connection: OnConnection) -> Listener:
        """Open a door; `on_connection` is called for each peer that proved its identity.

        Raises:
            OSError: the address cannot be had.
        """

    async def dial(self, address: Address, *, expected_id: bytes | None = None) -> Connection:
        """Join the node at `address`; with `expected_id`, only if it is that one.

        Raises:
            HandshakeFailed: the other side proved no identity, or another than expected.
            PeerTimeout: it did not answer in time.
            PeerGone: it refused or hung up.
        """
