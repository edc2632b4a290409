"""Attacks below the messages, on real TLS sockets: lengths, slowness, rubbish."""

import asyncio
import contextlib
import random
import ssl
import tracemalloc

import pytest
from tests.unit.ledger.sync.nodes import Node
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network import limits, messages
from sogdia.ledger.network.errors import InvalidMessage, NetworkError
from sogdia.ledger.network.framing import StreamConnection
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import PROTOCOL_VERSION, Hello
from sogdia.ledger.network.session import Session, open_session
from sogdia.ledger.network.tls import TlsTransport
from sogdia.ledger.network.transport import Address
from sogdia.ledger.sync.answers import status
from sogdia.ledger.sync.compact import build_compact

DOOR = Address("127.0.0.1", 0)
MUTATIONS = 4_000


def identity(number: int) -> NodeIdentity:
    """The key of a node."""
    return NodeIdentity.from_seed(number.to_bytes(32, "big"))


async def open_node() -> tuple[Node, Address]:
    """A whole node behind a TLS door, with some blocks and room for many peers of one host."""
    node = Node(1, MemoryNetwork(random.Random(1)), random.Random(1))
    node.mine(12)
    node.peers.transport = TlsTransport(identity(1))
    return node, await node.peers.listen(DOOR)


async def open_socket(address: Address, number: int) -> StreamConnection:
    """A proved connection, before the hello."""
    return await TlsTransport(identity(number)).dial(address)


async def join(node: Node, address: Address, number: int) -> Session:
    """An honest session."""
    hello = Hello(PROTOCOL_VERSION, 7, node.consensus.genesis, "test", 0)
    connection = await open_socket(address, number)
    return await open_session(connection, hello, now_s=asyncio.get_running_loop().time)


async def is_ended(connection: StreamConnection) -> None:
    """Read what still comes; returns when the other side has hung up."""
    async with asyncio.timeout(300):
        while await connection.reader.read(65_536):
            pass


def test_a_length_bomb_allocates_nothing() -> None:
    """A frame of 2^32 - 1 bytes is announced, before the hello and after it: hung up at once."""

    async def scenario() -> None:
        node, address = await open_node()
        bombs = [await open_socket(address, 2), (await join(node, address, 3)).connection]
        await asyncio.sleep(0.1)
        tracemalloc.start()
        for bomb in bombs:
            assert isinstance(bomb, StreamConnection)
            bomb.writer.write((2**32 - 1).to_bytes(4, "big") + bytes(1_000))
            with contextlib.suppress(ConnectionError):
                await is_ended(bomb)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1 << 20
        honest = await join(node, address, 4)
        assert honest.end_reason is None
        await node.peers.close()

    asyncio.run(scenario())


def test_one_byte_a_second_holds_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame that trickles is given up when its time is over; limits are shortened here."""

    async def trickle(connection: StreamConnection) -> int:
        sent = 0
        connection.writer.write((10_000).to_bytes(4, "big"))
        try:
            while sent < 1_000:
                connection.writer.write(b"\x00")
                await connection.writer.drain()
                sent += 1
                await asyncio.sleep(0.05)
        except (ConnectionError, ssl.SSLError):
            return sent
        return sent

    async def scenario() -> None:
        node, address = await open_node()
        after = (await join(node, address, 3)).connection
        assert isinstance(after, StreamConnection)
        with monkeypatch.context() as shortened:
            shortened.setattr(limits, "FRAME_TIMEOUT_S", 0.5)
            shortened.setattr(limits, "HELLO_TIMEOUT_S", 0.5)
            before = await open_socket(address, 2)
            sent = await asyncio.gather(trickle(before), trickle(after))
        assert max(sent) < 1_000, "it was let go on"
        assert identity(3).node_id not in node.peers.joined
        honest = await join(node, address, 4)
        assert honest.end_reason is None
        await node.peers.close()

    asyncio.run(scenario())


def test_50_sockets_that_say_nothing_keep_nobody_out() -> None:
    """Raw connections that never begin TLS: an honest node joins beside them."""

    async def scenario() -> None:
        node, address = await open_node()
        stalled = [await asyncio.open_connection(address.host, address.port) for _ in range(50)]
        honest = await join(node, address, 4)
        await asyncio.sleep(0)
        assert honest.end_reason is None
        for _, writer in stalled:
            writer.close()
        await node.peers.close()

    asyncio.run(scenario())


def test_plain_http_and_wrong_certificates_are_refused() -> None:
    """Neither another protocol nor a client without a certificate gets a session."""

    async def scenario() -> None:
        node, address = await open_node()
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(300):
            assert b"HTTP" not in await reader.read()
        writer.close()
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError, NetworkError)):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=bare)
            try:
                async with asyncio.timeout(300):
                    await reader.readexactly(1)
            finally:
                writer.transport.abort()
        assert not node.peers.joined
        await node.peers.close()

    asyncio.run(scenario())


def frames_of(node: Node) -> list[bytes]:
    """One honest frame of many kinds."""
    tip = node.consensus.best_block()
    block = node.consensus.block(tip)
    sent = [
        status(node.consensus.outlook()),
        messages.GetHeaders(1, [tip]),
        messages.GetPast(2, [tip], [node.consensus.genesis], 16),
        messages.GetBlocks(3, [tip]),
        messages.GetEpochHashes(4, [1, 2, 3]),
        messages.GetTerminals(5),
        messages.GetBlockTransactions(6, tip, [0]),
        messages.GetTransactions(7, 0, [0]),
        messages.GetPeers(8),
        messages.NewBlockHashes([tip]),
        messages.TransactionIds(0, [1, 2, 3]),
        build_compact(block, bytes(16)),
        messages.Blocks(9, [block.encode()]),
        messages.Headers(10, [block.header.encode()]),
        messages.Transactions(11, [transfer(0, 0).raw]),
        messages.Peers(12, [b"\x01" * 100]),
    ]
    return [messages.encode(each) for each in sent]


def mutate(frame: bytes, chance: random.Random) -> bytes:
    """Return a frame with some of its bytes changed, cut or doubled."""
    bytes_ = bytearray(frame)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(bytes_) or 1)
        match chance.randrange(4):
            case 0 if bytes_:
                bytes_[place] = chance.randrange(256)
            case 1:
                del bytes_[place : place + chance.randint(1, 8)]
            case 2:
                bytes_[place:place] = chance.randbytes(chance.randint(1, 8))
            case _:
                bytes_ += bytes_[place : place + 16]
    return bytes(bytes_)


def decode_many(count: int, seed: int) -> int:
    """Decode mutated frames; return how many were messages all the same."""
    chance = random.Random(seed)
    node = Node(1, MemoryNetwork(chance), random.Random(1))
    node.mine(12)
    frames, decoded = frames_of(node), 0
    for _ in range(count):
        try:
            messages.decode(mutate(chance.choice(frames), chance))
            decoded += 1
        except InvalidMessage:
            continue
    return decoded


def test_mutated_frames_are_messages_or_typed_errors() -> None:
    """A sample; the seed is printed."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    assert 0 < decode_many(20_000, seed) < 20_000


@pytest.mark.full
def test_a_million_mutated_frames_are_messages_or_typed_errors() -> None:
    """The whole."""
    assert 0 < decode_many(1_000_000, 7) < 1_000_000


def live_mutations(count: int, seed: int) -> None:
    """Send mutated frames in live sessions: the node goes on, its honest peer stays."""
    chance = random.Random(seed)

    async def scenario() -> None:
        network = MemoryNetwork(chance)
        node = Node(1, network, random.Random(1))
        honest = Node(2, network, random.Random(2))
        defects: list[BaseException] = []
        node.peers.on_defect = defects.append
        for each in (node, honest):
            await each.peers.listen(each.address)
        node.mine(12)
        await honest.peers.dial(node.address)
        frames = frames_of(node)
        sent, number = 0, 0
        while sent < count:
            number += 1
            liar = network.transport(number.to_bytes(32, "little"))
            hello = Hello(PROTOCOL_VERSION, 7, node.consensus.genesis, "liar", 0)
            connection = await liar.dial(node.address)
            try:
                session = await open_session(
                    connection, hello, now_s=asyncio.get_running_loop().time
                )
                for _ in range(50):
                    session.connection.send(mutate(chance.choice(frames), chance))
                    sent += 1
                    await asyncio.sleep(0)
            except NetworkError:
                sent += 1
            connection.close()
            node.peers.bans.bans.clear()  # so that the next liar gets in from the same address
        await asyncio.sleep(0.1)
        assert not defects
        assert honest.node_id in node.peers.joined
        node.mine(3)
        for _ in range(40_000):
            if honest.consensus.best_block() == node.consensus.best_block():
                break
            await asyncio.sleep(0.005)
        assert honest.view() == node.view()
        for each in (node, honest):
            await each.peers.close()

    asyncio.run(scenario())


def test_mutated_frames_in_live_sessions_harm_nobody() -> None:
    """A sample; the seed is printed."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    live_mutations(MUTATIONS, seed)


@pytest.mark.full
def test_100000_mutated_frames_in_live_sessions_harm_nobody() -> None:
    """The whole."""
    live_mutations(100_000, 7)
