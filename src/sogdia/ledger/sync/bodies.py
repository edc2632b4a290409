"""Fetch headers and bodies: from several peers at once, handed over in the order asked for.

F1  What is yielded has the hash that was asked for and meets its own difficulty.
F2  A batch that one peer does not deliver is asked of the next; the peer that failed is named, and
    asked last from then on. Who did not name the headers and lacks bodies has done no wrong: it is
    on another branch.
F3  However many answers a peer takes for what one would hold, its time is that of one.
F4  No peer is asked for more at once than it may have waiting unread: an honest one would have to
    hang up on us.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sogdia.ledger.network.errors import (
    InvalidMessage,
    NetworkError,
    NotThere,
    PeerGone,
    PeerTimeout,
)
from sogdia.ledger.network.messages import (
    BODIES_MAX,
    HASHES_MAX,
    Blocks,
    GetBlocks,
    GetHeaders,
    Headers,
)
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.block import Block, split_block
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.roots import merkle_root
from sogdia.ledger.primitives.work import meets, pow_hash

BATCHES_AHEAD = 8  # 8 × 16 × 200 KiB = 26 MB of bodies under way at the most
BATCHES_PER_PEER = 3  # 3 × 4 MiB are below the 16 MiB that a peer lets wait unread
BODY_TIMEOUT_S = 15.0  # 3.2 MiB over 2 Mbit/s; then the next peer is asked
HEADERS_TIMEOUT_S = 10.0  # 4 MiB over 4 Mbit/s: who is slower is not whom to follow
EMPTY_ROOT = merkle_root([])

T = TypeVar("T")


def check_work(header: Header) -> None:
    """Pass a header whose nonce solves it.

    Raises:
        InvalidMessage: it does not, and whoever sent it knew.
    """
    if not meets(pow_hash(header.problem_hash, header.nonce), header.nonce, header.difficulty):
        reason = f"{header.hash.hex()} does not meet its difficulty {header.difficulty}"
        raise InvalidMessage("header", reason)


async def fetch_headers(session: Session, hashes: Sequence[bytes]) -> list[Header]:
    """Return the headers of `hashes`, all of them, in order (F1).

    Raises:
        InvalidMessage: one is malformed, another, or without work.
        NotThere: the peer lacks some. NetworkError: it does not answer in time (F3).
    """
    headers: list[Header] = []
    for start in range(0, len(hashes), HASHES_MAX):
        fetching = _fetch_some_headers(session, hashes[start : start + HASHES_MAX])
        headers += await _in_the_time_of_one(fetching, "headers", HEADERS_TIMEOUT_S)
    return headers


async def _fetch_some_headers(session: Session, hashes: Sequence[bytes]) -> list[Header]:
    headers: list[Header] = []
    while len(headers) < len(hashes):
        wanted = list(hashes[len(headers) :])
        answer = await session.request(partial(GetHeaders, hashes=wanted))
        if not isinstance(answer, Headers) or len(answer.headers) > len(wanted):
            raise InvalidMessage("headers", f"{len(wanted)} were asked for")
        if not answer.headers:
            raise NotThere(f"header {wanted[0].hex()}")
        # Large headers may not all fit in one frame; the rest is asked for again.
        headers += [
            _checked(raw, hash_) for raw, hash_ in zip(answer.headers, wanted, strict=False)
        ]
    return headers


async def _in_the_time_of_one(asking: Awaitable[T], what: str, timeout_s: float) -> T:
    """Return what `asking` comes to, in one answer or in many (F3).

    Raises:
        PeerTimeout: it took longer.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await asking
    except TimeoutError:
        raise PeerTimeout(what, timeout_s) from None


def decode_header(raw: bytes) -> Header:
    """Return a header that a peer sent; its work is not checked.

    Raises:
        InvalidMessage: it is malformed.
    """
    try:
        return Header.decode(raw)
    except SogdiaError as error:
        raise InvalidMessage("header", str(error)) from None


def _checked(raw: bytes, expected: bytes) -> Header:
    header = decode_header(raw)
    if header.hash != expected:
        raise InvalidMessage("header", f"asked for {expected.hex()}, got {header.hash.hex()}")
    check_work(header)
    return header


@dataclass(slots=True)
class _Asked:
    """Who was asked for the bodies of some headers: who named these, and who failed."""

    named_by: bytes
    failed: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class BodyFetcher:
    """Spreads batches over the sessions that `sessions` names for a height, best first."""

    sessions: Callable[[int], list[Session]]
    chain_id: int
    on_failure: Callable[[Session, NetworkError], None]
    under_way: Counter[bytes] = field(default_factory=Counter)
    """Batches asked of each peer and not answered yet."""

    async def batches(
        self, headers: Sequence[Header], named_by: bytes
    ) -> AsyncIterator[list[Block]]:
        """Yield the blocks of `headers`, which a peer named, in their order, at a time what has
        come meanwhile.

        Raises:
            PeerGone: no peer delivered one of the batches.
        """
        waiting = deque(_split(headers))
        asked = _Asked(named_by)
        under_way: deque[asyncio.Task[list[Block]]] = deque()
        try:
            while waiting or under_way:
                while waiting and len(under_way) < BATCHES_AHEAD:
                    under_way.append(asyncio.create_task(self._batch(waiting.popleft(), asked)))
                blocks = list(await under_way[0])
                under_way.popleft()
                while under_way and _has_come(under_way[0]):
                    blocks += under_way.popleft().result()
                yield blocks
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _batch(self, headers: Sequence[Header], asked: _Asked) -> list[Block]:
        with_body = [h for h in headers if h.transactions_root != EMPTY_ROOT]
        bodies = await self._bodies(with_body, asked) if with_body else {}
        return [bodies.get(header.hash) or Block(header) for header in headers]

    async def _bodies(self, headers: Sequence[Header], asked: _Asked) -> dict[bytes, Block]:
        """Ask one peer after another until every body is here."""
        height = max(header.height for header in headers)
        found: dict[bytes, Block] = {}
        tried: set[bytes] = set()
        while candidates := [s for s in self.sessions(height) if s.peer_id not in tried]:
            free = [s for s in candidates if self.under_way[s.peer_id] < BATCHES_PER_PEER]
            if not free:
                await asyncio.sleep(0.01)
                continue
            least = min(free, key=lambda s: (s.peer_id in asked.failed, self.under_way[s.peer_id]))
            tried.add(least.peer_id)
            try:
                await self._ask_for_all(least, headers, found)
            except NetworkError as error:
                asked.failed.add(least.peer_id)
                if least.peer_id == asked.named_by or not isinstance(error, NotThere):
                    self.on_failure(least, error)
            else:
                return found
        raise PeerGone(f"no peer has block {headers[0].hash.hex()}")

    async def _ask_for_all(
        self, session: Session, headers: Sequence[Header], found: dict[bytes, Block]
    ) -> None:
        self.under_way[session.peer_id] += 1
        try:
            asking = self._ask_until_all(session, headers, found)
            await _in_the_time_of_one(asking, "bodies", BODY_TIMEOUT_S)
        finally:
            self.under_way[session.peer_id] -= 1
            if not self.under_way[session.peer_id]:
                del self.under_way[session.peer_id]

    async def _ask_until_all(
        self, session: Session, headers: Sequence[Header], found: dict[bytes, Block]
    ) -> None:
        """Put the bodies that are missing into `found`, in as many requests as frames demand."""
        while wanted := {h.hash: h for h in headers if h.hash not in found}:
            before = len(found)
            found |= await self._ask(session, wanted)
            if len(found) == before:
                raise NotThere(f"block {next(iter(wanted)).hex()}")

    async def _ask(self, session: Session, wanted: dict[bytes, Header]) -> dict[bytes, Block]:
        answer = await session.request(partial(GetBlocks, hashes=list(wanted)))
        if not isinstance(answer, Blocks):
            raise InvalidMessage("blocks", type(answer).__name__)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, _decode_all, answer.blocks, wanted, self.chain_id)


def _has_come(task: asyncio.Task[list[Block]]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _split(headers: Sequence[Header]) -> list[Sequence[Header]]:
    """Cut headers into runs that hold `BODIES_MAX` bodies, or 16 times as many without."""
    runs: list[Sequence[Header]] = []
    start, bodies = 0, 0
    for place, header in enumerate(headers):
        bodies += header.transactions_root != EMPTY_ROOT
        if bodies == BODIES_MAX or place + 1 - start == 16 * BODIES_MAX:
            runs.append(headers[start : place + 1])
            start, bodies = place + 1, 0
    if start < len(headers):
        runs.append(headers[start:])
    return runs


def _decode_all(
    raws: Sequence[bytes], headers: Mapping[bytes, Header], chain_id: int
) -> dict[bytes, Block]:
    blocks = [decode_checked(raw, headers, chain_id) for raw in raws]
    return {block.hash: block for block in blocks}


def decode_checked(raw: bytes, headers: Mapping[bytes, Header], chain_id: int) -> Block:
    """Return a whole block of one of `headers`, by their hashes, with the body of that header.

    Raises:
        InvalidMessage: malformed, of another header, or another body than the header commits to.
    """
    try:
        header_bytes, body = split_block(raw)
        header = headers.get(keccak256(header_bytes))
        block = None if header is None else Block.of_body(header, body, chain_id)
    except SogdiaError as error:
        raise InvalidMessage("block", str(error)) from None
    if block is None:
        raise InvalidMessage("block", "it is none of those that were asked for")
    if block.transactions_root != block.header.transactions_root:
        reason = f"the body of {block.hash.hex()} is not the one its header commits to"
        raise InvalidMessage("block", reason)
    return block
