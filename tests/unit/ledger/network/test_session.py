"""Hellos, requests, limits: over memory, and once over TLS."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attacks.virtual_time import run_virtually

from sogdia.ledger.network import limits, messages
from sogdia.ledger.network.errors import (
    InvalidMessage,
    NetworkError,
    PeerGone,
    PeerTimeout,
    RateExceeded,
    Refused,
)
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import (
    AnyMessage,
    Disconnect,
    GetTerminals,
    Heartbeat,
    Hello,
    Terminals,
)
from sogdia.ledger.network.session import Session, open_session
from sogdia.ledger.network.tls import TlsTransport
from sogdia.ledger.network.transport import Address, Connection, Transport

DOOR = Address("127.0.0.1", 0)
HELLO = Hello(messages.PROTOCOL_VERSION, 7, b"\x11" * 32, "test", 0)
Scenario = Callable[[Session, Session], Awaitable[None]]


async def meet(
    alice: Transport, bob: Transport, ours: Hello = HELLO, theirs: Hello = HELLO
) -> tuple[Session, Session]:
    """Open a session from Alice to Bob."""
    arrived: asyncio.Queue[Connection] = asyncio.Queue()
    listener = await bob.listen(DOOR, arrived.put)
    dialled = await alice.dial(listener.address)
    accepted = await arrived.get()
    await listener.close()
    clock = asyncio.get_running_loop().time
    both = await asyncio.gather(
        open_session(dialled, ours, now_s=clock),
        open_session(accepted, theirs, now_s=clock),
        return_exceptions=True,
    )
    for outcome in both:
        if isinstance(outcome, BaseException):
            dialled.close()
            accepted.close()
            raise outcome
    one, other = both
    assert isinstance(one, Session)
    assert isinstance(other, Session)
    return one, other


def in_memory(scenario: Scenario, link: Link | None = None) -> None:
    """Run a scenario between two nodes of a memory network."""

    async def run() -> None:
        network = MemoryNetwork(random.Random(1), default_link=link or Link())
        alice, bob = await meet(network.transport(b"\x01" * 32), network.transport(b"\x02" * 32))
        await scenario(alice, bob)

    asyncio.run(run())


async def serve_terminals(session: Session, message: AnyMessage) -> None:
    """Answer one kind of request, ignore the rest."""
    if isinstance(message, GetTerminals):
        session.send(Terminals(message.request_id, [bytes(32)]))


async def ignore(_: Session, __: AnyMessage) -> None:
    """Answer nothing."""


def test_a_request_gets_its_own_answer_over_tls() -> None:
    """Three at once over one real connection."""

    async def run() -> None:
        alice, bob = (TlsTransport(NodeIdentity.from_seed(bytes([n]) * 32)) for n in (1, 2))
        one, other = await meet(alice, bob)
        loops = [
            asyncio.create_task(other.run(serve_terminals)),
            asyncio.create_task(one.run(ignore)),
        ]
        answers = await asyncio.gather(*(one.request(GetTerminals) for _ in range(3)))
        assert [a.request_id for a in answers] == [0, 1, 2]
        one.end("done")
        results = await asyncio.gather(*loops, return_exceptions=True)
        assert isinstance(results[0], Refused)
        assert results[0].reason == "done"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (Hello(2, 7, HELLO.genesis, "", 0), "protocol version 2, here it is 1"),
        (Hello(1, 8, HELLO.genesis, "", 0), "network 8, here it is 7"),
        (Hello(1, 7, bytes(32), "", 0), "genesis 0000"),
    ],
)
def test_another_network_is_refused_with_the_reason(theirs: Hello, words: str) -> None:
    """S1."""

    async def run() -> None:
        network = MemoryNetwork(random.Random(1))
        transports = network.transport(b"\x01" * 32), network.transport(b"\x02" * 32)
        with pytest.raises(Refused, match=words):
            await meet(*transports, theirs=theirs)

    asyncio.run(run())


def test_a_request_without_an_answer_ends() -> None:
    """S3: by its own time limit, or with the session."""

    async def scenario(alice: Session, bob: Session) -> None:
        loop = asyncio.create_task(alice.run(ignore))
        with pytest.raises(PeerTimeout, match="no answer within"):
            await alice.request(GetTerminals, timeout_s=0.01)
        waiting = asyncio.create_task(alice.request(GetTerminals))
        await asyncio.sleep(0)
        bob.end("going home")
        with pytest.raises(PeerGone, match="going home"):
            await waiting
        with pytest.raises(Refused):
            await loop

    in_memory(scenario)


def test_a_peer_that_talks_too_much_is_cut_off() -> None:
    """S2: the burst is allowed, one more is not."""

    async def scenario(alice: Session, bob: Session) -> None:
        for _ in range(int(limits.MESSAGES_BURST) + 2_000):
            alice.send(Heartbeat())
        with pytest.raises(RateExceeded, match="more messages than 500 a second"):
            await bob.run(ignore)

    in_memory(scenario)


def test_a_message_instead_of_a_hello_is_refused() -> None:
    """S1: nothing is said before."""

    async def run() -> None:
        network = MemoryNetwork(random.Random(1))
        arrived: asyncio.Queue[Connection] = asyncio.Queue()
        await network.transport(b"\x02" * 32).listen(DOOR, arrived.put)
        dialled = await network.transport(b"\x01" * 32).dial(DOOR)
        dialled.send(messages.encode(Heartbeat()))
        clock = asyncio.get_running_loop().time
        with pytest.raises(InvalidMessage, match="Heartbeat came first"):
            await open_session(await arrived.get(), HELLO, now_s=clock)

    asyncio.run(run())


@pytest.mark.parametrize("hello", [b"no message", messages.encode(Disconnect("full"))])
def test_a_connection_without_a_hello_is_closed(hello: bytes) -> None:
    """Nobody else knows of it: the other side could keep it, and fill its buffer, for ever."""

    async def run() -> None:
        network = MemoryNetwork(random.Random(1))
        arrived: asyncio.Queue[Connection] = asyncio.Queue()
        await network.transport(b"\x02" * 32).listen(DOOR, arrived.put)
        dialled = await network.transport(b"\x01" * 32).dial(DOOR)
        accepted = await arrived.get()
        accepted.send(hello)
        clock = asyncio.get_running_loop().time
        with pytest.raises((InvalidMessage, Refused)):
            await open_session(dialled, HELLO, now_s=clock)
        assert messages.decode(await accepted.receive(timeout_s=60)) == HELLO
        with pytest.raises(PeerGone):
            await accepted.receive(timeout_s=60)

    run_virtually(run())


def test_delay_and_bandwidth_are_kept() -> None:
    """1 MiB over 10 MiB/s and 50 ms takes 150 ms of the loop's time."""

    async def scenario(alice: Session, bob: Session) -> None:
        clock = asyncio.get_running_loop().time
        start_s = clock()
        alice.connection.send(bytes(2**20))
        await bob.connection.receive(timeout_s=5)
        assert clock() - start_s >= 0.15

    in_memory(scenario, Link(delay_s=0.05, bytes_per_s=10 * 2**20))


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_frame_crashes_the_decoder(frame: bytes) -> None:
    """Random bytes become a message or an `InvalidMessage`."""
    try:
        message = messages.decode(frame)
    except InvalidMessage:
        return
    assert messages.decode(messages.encode(message)) == message


@settings(max_examples=300)
@given(st.data())
def test_no_changed_frame_crashes_the_decoder(data: st.DataObject) -> None:
    """Mutations of every kind of message."""
    kinds: list[messages.Message] = [
        HELLO,
        messages.Status(bytes(32), 5, [bytes(32)] * 3),
        messages.CompactBlock(b"h", [1, 2**48 - 1], [(0, b"t")]),
        messages.GetPast(1, [bytes(32)], [bytes(32)], 5),
        messages.TransactionIds(1, [5, 6]),
        messages.Peers(1, [b"record"]),
    ]
    frame = bytearray(messages.encode(data.draw(st.sampled_from(kinds))))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        messages.decode(bytes(frame))
    except InvalidMessage as error:
        assert isinstance(error, NetworkError)
