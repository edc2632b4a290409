"""The family's wire protocol in the clear, spoken to a node of real parts."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.sync.nodes import PARAMS, Node, run, settle

from sogdia.conflux.errors import RefusedTransaction
from sogdia.conflux.plain import messages
from sogdia.conflux.plain.door import Door, SharedPort
from sogdia.conflux.plain.framing import HELLO, USER, Packet, frame, read_frame
from sogdia.conflux.plain.peer import Ledger, PlainPeers
from sogdia.ledger.network.errors import FrameTooLarge, InvalidMessage, PeerGone
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.limits import FRAME_BYTES_MAX
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.tls import TlsTransport
from sogdia.ledger.network.transport import Address, Connection
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.rlp import Item, decode, encode

NODE_ID = bytes(range(64))


async def read_from(data: bytes) -> bytes:
    """Read one frame out of bytes that end there."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_frame(reader)


@given(st.binary(max_size=40))
def test_frames_come_back(data: bytes) -> None:
    """Of every length, also those too short for anything to be moved to their end."""
    assert asyncio.run(read_from(frame(data))) == data


def test_a_frame_as_the_protocol_says() -> None:
    """Three bytes of length, then the rest, then the first three bytes."""
    assert frame(b"abcdef") == b"\x06\x00\x00defabc"
    assert frame(b"abc") == b"\x03\x00\x00abc"
    with pytest.raises(FrameTooLarge):
        frame(bytes(FRAME_BYTES_MAX + 1))
    with pytest.raises(FrameTooLarge):
        asyncio.run(read_from(b"\xff\xff\xff"))
    with pytest.raises(PeerGone):
        asyncio.run(read_from(b"\x05\x00\x00ab"))


@given(st.binary(max_size=20), st.sampled_from([None, b"cfx"]))
def test_packets_come_back(payload: bytes, protocol: bytes | None) -> None:
    """With and without a protocol; what is too short is refused."""
    packet = Packet(USER, payload, protocol)
    assert Packet.decode(packet.encode()) == packet
    for broken in (b"", b"\x10", b"ab\x01\x10"):
        with pytest.raises(InvalidMessage):
            Packet.decode(broken)


@dataclass(slots=True)
class Client:
    """A peer as the harness has it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def join(cls, door: Door, genesis: bytes) -> "Client":
        """Dial, name ourselves, exchange hellos and statuses."""
        client = cls(*await asyncio.open_connection(door.address.host, door.address.port))
        client.writer.write(frame(NODE_ID))
        assert len(await read_frame(client.reader)) == 64
        hello = Packet.decode(await read_frame(client.reader))
        assert hello.kind == HELLO
        client.writer.write(frame(Packet(HELLO, hello.payload).encode()))
        number, item = await client.hear()
        assert number == messages.STATUS
        assert item[1] == genesis
        client.say(messages.STATUS, messages.status_item(10, genesis, 0, []))
        return client

    def say(self, number: int, item: Item) -> None:
        """Send a message."""
        payload = messages.encode_message(number, item)
        self.writer.write(frame(Packet(USER, payload, messages.SYNC).encode()))

    async def leave(self) -> None:
        """Hang up."""
        self.writer.close()
        await self.writer.wait_closed()

    async def hear(self) -> tuple[int, list[Item]]:
        """Return the next message."""
        packet = Packet.decode(await read_frame(self.reader))
        assert packet.protocol == messages.SYNC
        number, item = messages.decode_message(packet.payload)
        assert isinstance(item, list)
        return number, item


async def open_door(
    node: Node,
    joined: list[Connection],
    limits: tuple[tuple[int, int], ...] = (),
    admitted: list[bytes] | None = None,
) -> tuple[Door, PlainPeers]:
    """Open a port in front of a node, for both protocols; transactions go to `admitted`."""
    address = Address("127.0.0.1", 0)

    async def admit(raw: bytes) -> bytes:
        if admitted is None:
            raise RefusedTransaction("not here")
        admitted.append(raw)
        return raw[:32]

    parts = Ledger(node.consensus, node.sync.intake, 10, PARAMS.chain_id, NODE_ID, address, admit)
    plain = PlainPeers(parts, limits)
    tls = TlsTransport(NodeIdentity.from_seed(bytes([node.number]) * 32))

    async def on_connection(connection: Connection) -> None:
        joined.append(connection)

    return await SharedPort(tls, plain.serve).listen(address, on_connection), plain


def item_of(block: Block) -> Item:
    """Return a block as the family sends it."""
    return messages.block_item(block)


def test_blocks_of_a_plain_peer_enter_the_graph() -> None:
    """In order, and out of order: what is missing is asked for, and then both are in."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        node, other = nodes
        door, plain = await open_door(node, [])
        client = await Client.join(door, node.consensus.genesis)
        first, second, third = other.mine(3)
        client.say(messages.NEW_BLOCK, item_of(first))
        client.say(messages.NEW_BLOCK, item_of(third))
        number, request = await client.hear()
        assert (number, request[2]) == (messages.GET_BLOCKS, [second.hash])
        client.say(messages.BLOCKS, [request[0], [item_of(second)]])
        await settle(lambda: node.consensus.best_block() == third.hash)
        client.say(messages.GET_HEADERS, [b"\x07", [second.hash, bytes(32)]])
        assert await client.hear() == (
            messages.HEADERS,
            [b"\x07", [decode(second.header.encode())]],
        )
        client.say(messages.GET_BLOCKS, [b"\x08", b"\0", [first.hash]])
        assert await client.hear() == (messages.BLOCKS, [b"\x08", [item_of(first)]])
        client.say(messages.GET_TERMINALS, [b"\x09"])
        assert await client.hear() == (messages.TERMINALS, [b"\x09", [third.hash]])
        client.say(messages.GET_EPOCH_HASHES, [b"\x0a", [b"\x02", b"\x63"]])
        assert await client.hear() == (messages.EPOCH_HASHES, [b"\x0a", [second.hash]])
        (fourth,) = node.mine(1)
        plain.announce(third)  # it came from this peer
        plain.announce(fourth)
        assert await client.hear() == (messages.NEW_BLOCK_HASHES, [fourth.hash])
        await client.leave()
        await settle(lambda: not plain.live)
        await door.close()

    run(2, scenario, runner=asyncio.run)  # the peer is behind a real socket


@pytest.mark.parametrize("wrong", ["genesis", "order", "rlp", "work", "kind", "protocol"])
def test_a_plain_peer_that_breaks_a_rule_is_hung_up_on(wrong: str) -> None:
    """Another ledger, a block before the status, bytes that are none, a block without work."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        node, other = nodes
        door, _ = await open_door(node, [])
        client = joined = await Client.join(door, node.consensus.genesis)
        (block,) = other.mine(1)
        if wrong == "genesis":
            client.say(messages.STATUS, messages.status_item(10, bytes(32), 0, []))
        elif wrong == "order":
            late = await asyncio.open_connection(door.address.host, door.address.port)
            late[1].write(frame(NODE_ID))
            client = Client(*late)
            client.say(messages.NEW_BLOCK, item_of(block))
            await read_frame(client.reader)
            await read_frame(client.reader)
        elif wrong == "rlp":
            packet = Packet(USER, b"\xc1" + bytes((messages.NEW_BLOCK,)), messages.SYNC)
            client.writer.write(frame(packet.encode()))
        elif wrong in ("kind", "protocol"):
            packet = Packet(0, b"") if wrong == "kind" else Packet(USER, b"")
            client.writer.write(frame(packet.encode()))
        else:
            header = decode(block.header.encode())
            assert isinstance(header, list)
            client.say(messages.NEW_BLOCK, [[*header[:1], b"\x09", *header[2:]], []])
        with pytest.raises(PeerGone):
            await read_frame(client.reader)
        assert not node.consensus.has_block(block.hash)
        await client.leave()
        await joined.leave()
        await door.close()

    run(2, scenario, runner=asyncio.run)  # the peer is behind a real socket


def test_transactions_of_a_plain_peer_are_offered_to_the_pool() -> None:
    """Lists and byte strings alike; one that is refused ends nothing."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        for admitted in ([], None):
            door, plain = await open_door(nodes[0], [], admitted=admitted)
            client = await Client.join(door, nodes[0].consensus.genesis)
            client.say(messages.TRANSACTIONS, [[b"\x01", b"\x02"], b"\x02\xc0"])
            client.say(messages.GET_TERMINALS, [b"\x09"])
            assert (await client.hear())[0] == messages.TERMINALS
            assert admitted in (None, [encode([b"\x01", b"\x02"]), b"\x02\xc0"])
            await client.leave()
            await settle(lambda plain=plain: not plain.live)
            await door.close()

    run(1, scenario, runner=asyncio.run)


def test_no_more_plain_peers_of_one_network_than_allowed() -> None:
    """The one too many is hung up on without a word; when one goes, another may come."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        door, plain = await open_door(nodes[0], [], limits=((32, 9), (24, 2)))
        genesis = nodes[0].consensus.genesis
        first, second = [await Client.join(door, genesis) for _ in range(2)]
        reader, writer = await asyncio.open_connection(door.address.host, door.address.port)
        writer.write(frame(NODE_ID))
        with pytest.raises(PeerGone):
            await read_frame(reader)
        writer.close()
        await first.leave()
        await settle(lambda: len(plain.live) == 1)
        third = await Client.join(door, genesis)
        await second.leave()
        await third.leave()
        await settle(lambda: not plain.live)
        await door.close()

    run(1, scenario, runner=asyncio.run)


def test_our_own_peers_come_through_the_same_port() -> None:
    """A TLS handshake is told from a name by its first byte, and proves an identity."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        joined: list[Connection] = []
        door, plain = await open_door(nodes[0], joined)
        identity = NodeIdentity.from_seed(b"\x05" * 32)
        connection = await TlsTransport(identity).dial(door.address)
        await settle(lambda: bool(joined))
        assert joined[0].peer_id == identity.node_id
        connection.send(b"words")
        assert await joined[0].receive(timeout_s=60) == b"words"
        assert not plain.live
        connection.close()
        joined[0].close()
        await door.close()

    run(1, scenario, runner=asyncio.run)


def test_transactions_are_items_or_strings() -> None:
    """A legacy transaction travels as a list inside its block, a typed one as bytes."""
    legacy, typed = encode([b"\x01", b"\x02"]), b"\x02\xc0"
    assert messages.transaction_item(legacy) == [b"\x01", b"\x02"]
    assert messages.transaction_item(typed) == typed
