"""Nodes joined inside one process, with delay, loss and bandwidth: for tests and simulations.

Time is the event loop's, chance is handed in: on a loop with virtual time a run is a function of
its seed. What follows a lost frame waits for it: frames are never reordered (T1).
"""

import asyncio
import random
from dataclasses import dataclass, field

from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import (
    FrameTooLarge,
    HandshakeFailed,
    PeerGone,
    PeerTimeout,
    PeerTooSlow,
)
from sogdia.ledger.network.transport import Address, OnConnection


@dataclass(frozen=True, slots=True)
class Link:
    """One direction between two nodes.

    `loss_rate` is the chance that a frame is lost and sent again after a round trip, as TCP does;
    `cut_rate` that it ends the connection.
    """

    delay_s: float = 0.0
    bytes_per_s: float = float("inf")
    cut_rate: float = 0.0
    loss_rate: float = 0.0


@dataclass(slots=True, eq=False)
class MemoryConnection:
    """One end of a pair."""

    network: "MemoryNetwork"
    own_id: bytes
    peer_id: bytes
    remote: Address
    link: Link
    arrived: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    other: "MemoryConnection | None" = None
    free_at_s: float = 0.0
    under_way_bytes: int = 0
    is_closed: bool = False

    def send(self, frame: bytes) -> None:
        """Queue a frame; see `transport.Connection.send`."""
        if len(frame) > limits.FRAME_BYTES_MAX:
            raise FrameTooLarge(len(frame), limits.FRAME_BYTES_MAX)
        if self.is_closed or self.other is None:
            raise PeerGone("closed")
        if self.under_way_bytes + len(frame) > limits.WRITE_BUFFER_BYTES_MAX:
            waiting = self.under_way_bytes + len(frame)
            self.close()
            raise PeerTooSlow(waiting, limits.WRITE_BUFFER_BYTES_MAX)
        if self.network.is_apart(self.own_id, self.peer_id):
            return  # into the void, until a timeout notices
        if self.link.cut_rate and self.network.chance.random() < self.link.cut_rate:
            self.close()
            return
        loop = asyncio.get_running_loop()
        start_s = max(loop.time(), self.free_at_s)
        while self.link.loss_rate and self.network.chance.random() < self.link.loss_rate:
            start_s += 2 * self.link.delay_s
        self.free_at_s = start_s + len(frame) / self.link.bytes_per_s
        self.under_way_bytes += len(frame)
        loop.call_at(self.free_at_s + self.link.delay_s, self._deliver, frame)

    def _deliver(self, frame: bytes) -> None:
        self.under_way_bytes -= len(frame)
        if self.other is not None and not self.network.is_apart(self.own_id, self.peer_id):
            self.other.arrived.put_nowait(frame)

    async def receive(self, *, timeout_s: float) -> bytes:
        """Return the next frame; see `transport.Connection.receive`."""
        if self.is_closed:
            raise PeerGone("closed")
        try:
            async with asyncio.timeout(timeout_s):
                frame = await self.arrived.get()
        except TimeoutError:
            self.close()
            raise PeerTimeout("frame", timeout_s) from None
        if frame is None:
            self.is_closed = True
            raise PeerGone("closed")
        return frame

    def close(self) -> None:
        """End both ends; the other side learns it after the link's delay."""
        if self.is_closed:
            return
        self.is_closed = True
        self.arrived.put_nowait(None)
        if self.other is not None:
            arrives_at_s = max(asyncio.get_running_loop().time(), self.free_at_s)
            asyncio.get_running_loop().call_at(
                arrives_at_s + self.link.delay_s, self.other.arrived.put_nowait, None
            )


@dataclass(frozen=True, slots=True)
class MemoryListener:
    """An open door of the memory network."""

    network: "MemoryNetwork"
    address: Address

    async def close(self) -> None:
        """Shut the door."""
        self.network.doors.pop(self.address, None)


@dataclass(slots=True, eq=False)
class MemoryNetwork:
    """All the doors, and what the links between them are like."""

    chance: random.Random
    default_link: Link = field(default_factory=Link)
    links: dict[tuple[bytes, bytes], Link] = field(default_factory=dict)
    side_of: dict[bytes, int] = field(default_factory=dict)
    doors: dict[Address, tuple[bytes, OnConnection]] = field(default_factory=dict)
    accepting: set[asyncio.Task[None]] = field(default_factory=set)

    def transport(self, node_id: bytes) -> "MemoryTransport":
        """Return the transport of one node; the network itself vouches for its identity."""
        return MemoryTransport(self, node_id)

    def partition(self, sides: dict[bytes, int]) -> None:
        """Part the nodes: frames pass within a side only. An empty dict heals."""
        self.side_of = sides

    def is_apart(self, one: bytes, other: bytes) -> bool:
        """Return whether a partition stands between two nodes."""
        return self.side_of.get(one, 0) != self.side_of.get(other, 0)

    def home_of(self, node_id: bytes) -> Address:
        """Return where a node listens; one without a door is nowhere in particular."""
        homes = (address for address, (owner, _) in self.doors.items() if owner == node_id)
        return next(homes, Address("0.0.0.0", 0))

    def link(self, origin: bytes, target: bytes) -> Link:
        """Return the link from `origin` to `target`."""
        return self.links.get((origin, target), self.default_link)


@dataclass(frozen=True, slots=True)
class MemoryTransport:
    """`Transport` inside one process."""

    network: MemoryNetwork
    node_id: bytes

    async def listen(self, address: Address, on_connection: OnConnection) -> MemoryListener:
        """Open a door; see `transport.Transport.listen`."""
        if address in self.network.doors:
            raise OSError(f"{address} is in use")
        self.network.doors[address] = (self.node_id, on_connection)
        return MemoryListener(self.network, address)

    async def dial(self, address: Address, *, expected_id: bytes | None = None) -> MemoryConnection:
        """Join the node at `address`; see `transport.Transport.dial`."""
        door = self.network.doors.get(address)
        if door is None:
            raise PeerGone(f"nobody listens at {address}")
        peer_id, on_connection = door
        there, back = (
            self.network.link(self.node_id, peer_id),
            self.network.link(peer_id, self.node_id),
        )
        await asyncio.sleep(there.delay_s + back.delay_s)  # one round trip to agree on keys
        if self.network.is_apart(self.node_id, peer_id):
            raise PeerTimeout("handshake", limits.TLS_TIMEOUT_S)
        if expected_id is not None and expected_id != peer_id:
            raise HandshakeFailed(
                f"expected node {expected_id.hex()[:12]}, met {peer_id.hex()[:12]}"
            )
        own = MemoryConnection(self.network, self.node_id, peer_id, address, there)
        origin = self.network.home_of(self.node_id)
        theirs = MemoryConnection(self.network, peer_id, self.node_id, origin, back)
        own.other, theirs.other = theirs, own
        task = asyncio.ensure_future(on_connection(theirs))
        self.network.accepting.add(task)  # the loop holds tasks weakly
        task.add_done_callback(self.network.accepting.discard)
        return own
