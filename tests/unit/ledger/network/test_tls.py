"""Two real sockets, real certificates, real time limits."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import (
    FrameTooLarge,
    HandshakeFailed,
    PeerGone,
    PeerTimeout,
    PeerTooSlow,
)
from sogdia.ledger.network.framing import StreamConnection
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.tls import (
    AUTHORITY_KEY,
    TlsListener,
    TlsTransport,
    _build_certificate,
    build_context,
)
from sogdia.ledger.network.transport import Address, Connection

ANY_PORT = Address("127.0.0.1", 0)
ALICE, BOB = (NodeIdentity.from_seed(bytes([n]) * 32) for n in (1, 2))


@asynccontextmanager
async def joined() -> AsyncIterator[tuple[StreamConnection, Connection, TlsListener]]:
    """Alice's end, Bob's end, and Bob's door."""
    arrived: asyncio.Queue[Connection] = asyncio.Queue()
    listener = await TlsTransport(BOB).listen(ANY_PORT, arrived.put)
    dialled = await TlsTransport(ALICE).dial(listener.address, expected_id=BOB.node_id)
    accepted = await arrived.get()
    try:
        yield dialled, accepted, listener
    finally:
        dialled.close()
        accepted.close()
        await listener.close()


def test_both_sides_learn_the_proved_key_of_the_other() -> None:
    """The identity comes from the certificate whose key the handshake used."""

    async def scenario() -> None:
        async with joined() as (dialled, accepted, _):
            assert dialled.peer_id == BOB.node_id
            assert accepted.peer_id == ALICE.node_id

    asyncio.run(scenario())


def test_frames_arrive_whole_and_in_order() -> None:
    """From nothing to the largest that is allowed."""

    async def scenario() -> None:
        frames = [b"", b"a", bytes(limits.FRAME_BYTES_MAX), b"last"]
        async with joined() as (dialled, accepted, _):
            for frame in frames:
                dialled.send(frame)
            assert [await accepted.receive(timeout_s=10) for _ in frames] == frames

    asyncio.run(scenario())


def test_a_dialler_who_expects_somebody_else_hangs_up() -> None:
    """An address that has changed hands is not taken for the node that had it."""

    async def scenario() -> None:
        async with joined() as (_, _, listener):
            with pytest.raises(HandshakeFailed, match="expected node"):
                await TlsTransport(ALICE).dial(listener.address, expected_id=ALICE.node_id)

    asyncio.run(scenario())


def test_a_stranger_without_a_certificate_does_not_get_in() -> None:
    """The door demands a certificate before anything else is read."""

    async def scenario() -> None:
        arrived: asyncio.Queue[Connection] = asyncio.Queue()
        listener = await TlsTransport(BOB).listen(ANY_PORT, arrived.put)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        reader, writer = await asyncio.open_connection(
            listener.address.host, listener.address.port, ssl=context
        )
        with pytest.raises((ssl.SSLError, ConnectionError)):
            # The alert comes with the first read: TLS 1.3 lets a client finish first.
            if await reader.read(1) == b"":
                raise ConnectionResetError
        assert arrived.empty()
        writer.close()
        await listener.close()

    asyncio.run(scenario())


def certificate_of_version_8(identity: NodeIdentity) -> bytes:
    """A node's certificate with a version that does not exist, signed as everybody can."""
    own = identity.private.public_key()
    pem = _build_certificate(own, common_name="sogdia node", is_authority=False)
    der = ssl.PEM_cert_to_DER_cert(pem.decode())
    signature = x509.load_pem_x509_certificate(pem).signature
    signed = x509.load_pem_x509_certificate(pem).tbs_certificate_bytes
    changed = signed.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1)
    changed_der = der.replace(signed, changed).replace(signature, AUTHORITY_KEY.sign(changed))
    assert changed_der != der
    return ssl.DER_cert_to_PEM_cert(changed_der).encode()


def test_a_certificate_that_nobody_can_read_is_no_defect_of_ours(tmp_path: Path) -> None:
    """TLS lets it pass; reading it raised what the loop, and not the door, was told of."""
    chain = tmp_path / "node.pem"
    key = ALICE.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(key + certificate_of_version_8(ALICE))
    contexts = [build_context(ALICE, is_server=is_server) for is_server in (False, True)]
    for context in contexts:
        context.load_cert_chain(chain)
    unforeseen: list[object] = []

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: unforeseen.append(what))
        arrived: asyncio.Queue[Connection] = asyncio.Queue()
        listener = await TlsTransport(BOB).listen(ANY_PORT, arrived.put)
        host, port = listener.address.host, listener.address.port
        reader, writer = await asyncio.open_connection(host, port, ssl=contexts[0])
        with contextlib.suppress(ConnectionError):
            assert await reader.read(1) == b""
        writer.close()
        assert arrived.empty()
        await listener.close()

        accepted: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(
            lambda _, writer: accepted.append(writer), host, 0, ssl=contexts[1]
        )
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(HandshakeFailed, match="cannot be read"):
            await TlsTransport(BOB).dial(Address(host, port))
        for each in accepted:
            each.close()
        server.close()

    asyncio.run(scenario())
    assert not unforeseen


def test_a_length_bomb_is_refused_before_it_is_allocated() -> None:
    """Four bytes announce 4 GiB; the other side names the limit."""

    async def scenario() -> None:
        async with joined() as (dialled, accepted, _):
            dialled.writer.write(b"\xff\xff\xff\xff")
            with pytest.raises(FrameTooLarge) as refusal:
                await accepted.receive(timeout_s=5)
            assert refusal.value.length_bytes == 2**32 - 1
            with pytest.raises(FrameTooLarge):
                dialled.send(bytes(limits.FRAME_BYTES_MAX + 1))

    asyncio.run(scenario())


def test_silence_ends_with_what_was_waited_for() -> None:
    """A frame that does not begin, and one that does not end."""

    async def scenario(monkeypatch: pytest.MonkeyPatch) -> None:
        async with joined() as (_, accepted, _):
            with pytest.raises(PeerTimeout, match="no frame within"):
                await accepted.receive(timeout_s=0.05)
        monkeypatch.setattr(limits, "FRAME_TIMEOUT_S", 0.05)
        async with joined() as (dialled, accepted, _):
            dialled.writer.write((100).to_bytes(4, "big") + b"only this")
            with pytest.raises(PeerTimeout, match="no rest of a frame within"):
                await accepted.receive(timeout_s=5)

    with pytest.MonkeyPatch.context() as monkeypatch:
        asyncio.run(scenario(monkeypatch))


def test_a_reader_that_does_not_read_is_dropped() -> None:
    """Memory for one peer is bounded by the write buffer's limit."""

    async def scenario() -> None:
        async with joined() as (dialled, _, _):
            with pytest.raises(PeerTooSlow):
                for _ in range(64):
                    dialled.send(bytes(limits.FRAME_BYTES_MAX))
            with pytest.raises(PeerGone):
                dialled.send(b"more")

    asyncio.run(scenario())


def test_nobody_at_home_is_said_as_such() -> None:
    """A port that nobody listens on."""

    async def scenario() -> None:
        async with joined() as (_, _, listener):
            address = listener.address
        with pytest.raises((PeerGone, PeerTimeout)):
            await TlsTransport(ALICE).dial(address)

    asyncio.run(scenario())
