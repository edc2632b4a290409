"""One conversation with the harness's own peer.

P1  The peer names itself, is told who we are, and hears our hello first; then both tell where they
    are, and only then is anything else understood.
P2  What it sends goes the way of any peer's blocks: checked, kept if its past is missing, relayed.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sogdia.conflux.lag import Lag
from sogdia.conflux.plain import messages
from sogdia.conflux.plain.framing import DISCONNECT, HELLO, USER, Packet, frame, read_frame
from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.errors import InvalidMessage, NetworkError, PeerGone
from sogdia.ledger.network.transport import Address
from sogdia.ledger.node.logs import log
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.rlp import Item, decode, encode, read_fixed, read_list
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.sync.intake import BlockIntake

NODE_ID_BYTES = 64
BLOCKS_PER_ANSWER = 16


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a conversation needs of the node."""

    consensus: Consensus
    intake: BlockIntake
    network_id: int
    chain_id: int
    node_id: bytes
    address: Address
    admit: Callable[[bytes], Awaitable[bytes]]
    """Offers a raw transaction to the pool; raises RpcError when it is refused."""


@dataclass(slots=True, eq=False)
class PlainPeer:
    """The other side of one connection."""

    ledger: Ledger
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    remote: Address
    node_id: bytes = b""
    is_ready: bool = False
    told: set[bytes] = field(default_factory=set)
    lag: Lag = field(default_factory=Lag)

    async def run(self) -> None:
        """Talk until the connection ends.

        Raises:
            NetworkError: why it ended.
            SogdiaError: the peer sent something that no rule allows.
        """
        self.node_id = await read_frame(self.reader)
        if len(self.node_id) != NODE_ID_BYTES:
            raise InvalidMessage("node id", f"{len(self.node_id)} bytes")
        self._write(self.ledger.node_id)
        host = ipaddress.ip_address(self.ledger.address.host).packed
        hello = messages.hello_item(self.ledger.network_id, host, self.ledger.address.port)
        self._write(Packet(HELLO, encode(hello)).encode())
        while True:
            await self._on_packet(Packet.decode(await read_frame(self.reader)))
            await self.writer.drain()

    async def _on_packet(self, packet: Packet) -> None:
        if packet.kind == DISCONNECT:
            raise PeerGone("it said so")
        if packet.kind == HELLO:
            read_list(decode(packet.payload, "hello"), "hello", 4)
            self.send(messages.STATUS, self._status())
        elif packet.kind == USER and packet.protocol == messages.SYNC:
            await self._on_message(*messages.decode_message(packet.payload))
        else:
            raise InvalidMessage("packet", f"kind {packet.kind:#x} of {packet.protocol!r}")

    async def _on_message(self, number: int, item: Item) -> None:
        if number == messages.STATUS:
            self._check_status(item)
            self.is_ready = True
        elif not self.is_ready:
            raise InvalidMessage("message", f"{number:#x} came before the status")
        elif number == messages.NEW_BLOCK:
            await self._take([messages.read_block(item, self.ledger.chain_id)])
        elif number == messages.BLOCKS:
            _, blocks = read_list(item, "blocks", 2)
            for block in read_list(blocks, "blocks"):
                await self._take([messages.read_block(block, self.ledger.chain_id)])
        elif number == messages.TRANSACTIONS:
            await self._admit(messages.read_transactions(item))
        elif number == messages.NEW_BLOCK_HASHES:
            self._ask_for(messages.read_hashes(item))
        elif number in _ANSWERS:
            _ANSWERS[number](self, read_list(item, "request"))
        else:
            log.debug("a message of the family that is not understood", number=hex(number))

    def announce(self, block: Block) -> None:
        """Tell of a block that the graph has, unless this peer told us of it."""
        if self.is_ready and block.hash not in self.told:
            self.send(messages.NEW_BLOCK_HASHES, [block.hash])

    def send(self, number: int, item: Item) -> None:
        """Queue a message; a peer that is gone hears nothing."""
        payload = messages.encode_message(number, item)
        self._write(Packet(USER, payload, messages.SYNC).encode())

    def _write(self, data: bytes) -> None:
        self.lag.do(lambda: self._write_now(frame(data)))

    def _write_now(self, framed: bytes) -> None:
        if not self.writer.is_closing():
            self.writer.write(framed)

    def _status(self) -> Item:
        consensus = self.ledger.consensus
        outlook = consensus.outlook()
        return messages.status_item(
            self.ledger.network_id,
            consensus.genesis,
            outlook.best_height,
            outlook.terminals[-messages.HASHES_MAX :],
        )

    def _check_status(self, item: Item) -> None:
        genesis = read_fixed(read_list(item, "status", 5)[1], "genesis", messages.HASH_BYTES)
        if genesis != self.ledger.consensus.genesis:
            raise InvalidMessage("status", f"genesis {genesis.hex()} is not ours")

    async def _take(self, blocks: list[Block]) -> None:
        intake = self.ledger.intake
        for block in blocks:
            self.told.add(block.hash)
            missing = intake.missing_of(block.header)
            if missing:
                intake.keep_orphan(block, missing, self.node_id[:32])
                self._ask_for(missing)
            else:
                await intake.take([block])

    async def _admit(self, raws: list[bytes]) -> None:
        for raw in raws:
            try:
                await self.ledger.admit(raw)
            except RpcError as refused:
                log.debug("a transaction of a plain peer is refused", reason=str(refused))

    def _ask_for(self, hashes: list[bytes]) -> None:
        missing: list[Item] = [h for h in hashes if not self.ledger.consensus.has_block(h)]
        if missing:
            self.send(messages.GET_BLOCKS, [b"", b"\0", missing])

    def send_headers(self, request: list[Item]) -> None:
        """Send the headers that were asked for."""
        consensus = self.ledger.consensus
        found: list[Item] = [
            decode(consensus.header(h).encode())
            for h in messages.read_hashes(request[1])
            if consensus.has_block(h)
        ]
        self.send(messages.HEADERS, [messages.read_request_id(request[0]), found])

    def send_blocks(self, request: list[Item]) -> None:
        """Send the blocks that were asked for."""
        consensus = self.ledger.consensus
        wanted = [h for h in messages.read_hashes(request[2]) if consensus.has_block(h)]
        found = [messages.block_item(consensus.block(h)) for h in wanted[:BLOCKS_PER_ANSWER]]
        self.send(messages.BLOCKS, [messages.read_request_id(request[0]), found])

    def send_terminals(self, request: list[Item]) -> None:
        """Send the blocks that nobody refers to yet that were asked for."""
        found: list[Item] = list(self.ledger.consensus.outlook().terminals[-messages.HASHES_MAX :])
        self.send(messages.TERMINALS, [messages.read_request_id(request[0]), found])

    def send_epochs(self, request: list[Item]) -> None:
        """Send the blocks of epochs that were asked for."""
        outlook = self.ledger.consensus.outlook()
        found: list[Item] = [
            block for number in messages.read_numbers(request[1]) for block in outlook.epoch(number)
        ]
        self.send(messages.EPOCH_HASHES, [messages.read_request_id(request[0]), found])


_ANSWERS: Mapping[int, Callable[[PlainPeer, list[Item]], None]] = {
    messages.GET_HEADERS: PlainPeer.send_headers,
    messages.GET_BLOCKS: PlainPeer.send_blocks,
    messages.GET_TERMINALS: PlainPeer.send_terminals,
    messages.GET_EPOCH_HASHES: PlainPeer.send_epochs,
}


@dataclass(slots=True)
class PlainPeers:
    """The peers that came through the plain door."""

    ledger: Ledger
    limits: Sequence[tuple[int, int]] = ()
    """How many may come from one network, by the length of its prefix."""
    live: list[PlainPeer] = field(default_factory=list)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, remote: Address
    ) -> None:
        """Talk with one peer until it goes, or does what no rule allows."""
        if self._is_full(remote.host):
            log.info("plain peer refused", address=str(remote))
            writer.close()
            return
        peer = PlainPeer(self.ledger, reader, writer, remote)
        self.live.append(peer)
        log.info("plain peer joined", address=str(remote))
        try:
            await peer.run()
        except (NetworkError, SogdiaError, ValueError) as error:
            log.info("plain peer left", address=str(remote), reason=str(error))
        finally:
            self.live.remove(peer)
            writer.close()

    def _is_full(self, host: str) -> bool:
        hosts = [ipaddress.ip_address(peer.remote.host) for peer in self.live]
        for length, limit in self.limits:
            network = ipaddress.ip_network(f"{host}/{length}", strict=False)
            if sum(each in network for each in hosts) >= limit:
                return True
        return False

    def announce(self, block: Block) -> None:
        """Tell all of them of a block that the graph has."""
        for peer in self.live:
            peer.announce(block)
