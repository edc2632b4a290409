"""A conversation with one peer: hello, then requests with answers and news without.

S1  Nothing is said before both hellos agree on version, network and genesis.
S2  What a peer sends is counted against its buckets before it is decoded; an answer that was asked
    for is given back, its amount is bounded by what we ask.
S3  Every request ends: with its answer, a timeout, or the end of the session.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sogdia.ledger.network import limits, messages
from sogdia.ledger.network.errors import (
    InvalidMessage,
    NetworkError,
    PeerGone,
    PeerTimeout,
    RateExceeded,
    Refused,
)
from sogdia.ledger.network.limits import TokenBucket
from sogdia.ledger.network.messages import AnyMessage, Disconnect, Hello, Message
from sogdia.ledger.network.transport import Connection

REQUEST_TIMEOUT_S = 30.0  # one frame over the slowest link that can follow
REQUESTS_OPEN_MAX = 64  # as many as keep a 2 s link busy with the largest answers


def refusal_of(ours: Hello, theirs: Hello) -> str | None:
    """Return why two hellos do not go together, or `None`."""
    if theirs.version != ours.version:
        return f"protocol version {theirs.version}, here it is {ours.version}"
    if theirs.network_id != ours.network_id:
        return f"network {theirs.network_id}, here it is {ours.network_id}"
    if theirs.genesis != ours.genesis:
        return f"genesis {theirs.genesis.hex()}, here it is {ours.genesis.hex()}"
    return None


@dataclass(slots=True, eq=False, weakref_slot=True)
class Session:
    """One peer, after the hellos."""

    connection: Connection
    hello: Hello
    now_s: Callable[[], float]
    message_bucket: TokenBucket
    byte_bucket: TokenBucket
    open_requests: dict[int, asyncio.Future[messages.Answer]] = field(default_factory=dict)
    next_request_id: int = 0
    end_reason: str | None = None

    @property
    def peer_id(self) -> bytes:
        """The proved identity of the peer."""
        return self.connection.peer_id

    def send(self, message: Message) -> None:
        """Queue a message.

        Raises:
            PeerGone, PeerTooSlow: see `transport.Connection.send`.
        """
        self.connection.send(messages.encode(message))

    async def request(
        self, build: Callable[[int], Message], *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> messages.Answer:
        """Send what `build` makes of a fresh request id and return the answer.

        Raises:
            PeerTimeout: no answer in time.
            PeerGone: the session ended, or too many requests are open.
        """
        if len(self.open_requests) >= REQUESTS_OPEN_MAX:
            raise PeerGone(f"{REQUESTS_OPEN_MAX} requests are open already")
        request_id = self.next_request_id
        self.next_request_id = (request_id + 1) % 2**32
        answer: asyncio.Future[messages.Answer] = asyncio.get_running_loop().create_future()
        self.open_requests[request_id] = answer
        try:
            self.send(build(request_id))
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            raise PeerTimeout("answer", timeout_s) from None
        finally:
            self.open_requests.pop(request_id, None)

    async def run(self, on_message: Callable[["Session", AnyMessage], Awaitable[None]]) -> None:
        """Receive until the session ends; `on_message` gets everything but answers.

        Raises:
            NetworkError: why it ended.
        """
        try:
            while True:
                message = await self._receive()
                if isinstance(message, Disconnect):
                    raise Refused(message.reason)
                if isinstance(message, messages.Answer):
                    self._on_answer(message)
                else:
                    await on_message(self, message)
        except NetworkError as error:
            self.end(str(error))
            raise

    async def _receive(self) -> AnyMessage:
        frame = await self.connection.receive(timeout_s=limits.IDLE_TIMEOUT_S)
        now_s = self.now_s()
        if not self.message_bucket.take(1, now_s):
            raise RateExceeded("messages", limits.MESSAGES_PER_S)
        if not self.byte_bucket.take(len(frame), now_s):
            raise RateExceeded("bytes", limits.BYTES_PER_S)
        message = messages.decode(frame)
        if isinstance(message, messages.Answer) and message.request_id in self.open_requests:
            self.message_bucket.give_back(1)
            self.byte_bucket.give_back(len(frame))
        return message

    def _on_answer(self, message: messages.Answer) -> None:
        # An answer that nobody waits for any more came too late: that is no offence.
        waiting = self.open_requests.get(message.request_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def end(self, reason: str) -> None:
        """Say why, close, and end every open request."""
        if self.end_reason is not None:
            return
        self.end_reason = reason
        for waiting in self.open_requests.values():
            if not waiting.done():
                waiting.set_exception(PeerGone(reason))
        with contextlib.suppress(NetworkError):  # the peer may be gone: nobody is left to be told
            self.send(Disconnect(reason[:256]))
        self.connection.close()


async def open_session(
    connection: Connection, ours: Hello, *, now_s: Callable[[], float]
) -> Session:
    """Exchange hellos over a fresh connection.

    Raises:
        Refused: either side does not go with the other; the peer was told why.
        PeerTimeout, PeerGone, InvalidMessage: no hello came. The connection is closed.
    """
    try:
        theirs = await _exchange_hellos(connection, ours)
    except BaseException:  # also when we stop waiting: nobody else knows of the connection
        connection.close()
        raise
    now = now_s()
    return Session(
        connection,
        theirs,
        now_s,
        TokenBucket.full(limits.MESSAGES_PER_S, limits.MESSAGES_BURST, now),
        TokenBucket.full(limits.BYTES_PER_S, limits.BYTES_BURST, now),
    )


async def _exchange_hellos(connection: Connection, ours: Hello) -> Hello:
    connection.send(messages.encode(ours))
    theirs = messages.decode(await connection.receive(timeout_s=limits.HELLO_TIMEOUT_S))
    if isinstance(theirs, Disconnect):
        raise Refused(theirs.reason)
    if not isinstance(theirs, Hello):
        raise InvalidMessage("hello", f"{type(theirs).__name__} came first")
    reason = refusal_of(ours, theirs)
    if reason is not None:
        connection.send(messages.encode(Disconnect(reason)))
        raise Refused(reason)
    return theirs
