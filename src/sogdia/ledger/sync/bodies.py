"""Fetch headers and bodies: from several peers at once, handed over in the order asked for.

F1  What is yielded has the hash that was asked for and meets its own difficulty.
F2  A batch that one peer does not deliver is asked of the next; the peer that failed is named.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sogdia.ledger.network.errors import InvalidMessage, NetworkError, PeerGone
from sogdia.ledger.network.messages import (
    BODIES_MAX,
    HASHES_MAX,
    Blocks,
    GetBlocks,
    GetHeaders,
    Headers,
)
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.roots import merkle_root
from sogdia.ledger.primitives.work import meets, pow_hash

BATCHES_AHEAD = 8  # 8 × 16 × 200 KiB = 26 MB of bodies under way at the most
BODY_TIMEOUT_S = 15.0  # 3.2 MiB over 2 Mbit/s; then the next peer is asked
EMPTY_ROOT = merkle_root([])


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
        InvalidMessage: one is missing, malformed, another, or without work.
        NetworkError: the peer does not answer.
    """
    headers = []
    for start in range(0, len(hashes), HASHES_MAX):
        wanted = list(hashes[start : start + HASHES_MAX])
        answer = await session.request(partial(GetHeaders, hashes=wanted))
        if not isinstance(answer, Headers) or len(answer.headers) != len(wanted):
            raise InvalidMessage("headers", f"{len(wanted)} were asked for")
        headers += [_checked(raw, hash_) for raw, hash_ in zip(answer.headers, wanted, strict=True)]
    return headers


def _checked(raw: bytes, expected: bytes) -> Header:
    try:
        header = Header.decode(raw)
    except SogdiaError as error:
        raise InvalidMessage("header", str(error)) from None
    if header.hash != expected:
        raise InvalidMessage("header", f"asked for {expected.hex()}, got {header.hash.hex()}")
    check_work(header)
    return header


@dataclass(slots=True)
class BodyFetcher:
    """Asks the sessions that `sessions` names now, spreading batches over them."""

    sessions: Callable[[], list[Session]]
    chain_id: int
    on_failure: Callable[[Session, NetworkError], None]
    turn: int = 0

    async def blocks(self, headers: Sequence[Header]) -> AsyncIterator[Block]:
        """Yield the blocks of `headers` in their order.

        Raises:
            PeerGone: no peer delivered one of the batches.
        """
        batches = deque(
            headers[start : start + BODIES_MAX] for start in range(0, len(headers), BODIES_MAX)
        )
        under_way: deque[asyncio.Task[list[Block]]] = deque()
        try:
            while batches or under_way:
                while batches and len(under_way) < BATCHES_AHEAD:
                    under_way.append(asyncio.create_task(self._batch(batches.popleft())))
                for block in await under_way.popleft():
                    yield block
        finally:
            for task in under_way:
                task.cancel()

    async def _batch(self, headers: Sequence[Header]) -> list[Block]:
        with_body = [h for h in headers if h.transactions_root != EMPTY_ROOT]
        bodies = await self._bodies([h.hash for h in with_body]) if with_body else {}
        return [bodies.get(header.hash) or Block(header) for header in headers]

    async def _bodies(self, hashes: list[bytes]) -> dict[bytes, Block]:
        found: dict[bytes, Block] = {}
        candidates = self.sessions()
        self.turn += 1
        for offset in range(len(candidates)):
            session = candidates[(self.turn + offset) % len(candidates)]
            try:
                # A peer may send fewer than asked for when they do not fit in a frame.
                while wanted := [hash_ for hash_ in hashes if hash_ not in found]:
                    before = len(found)
                    found |= await self._ask(session, wanted)
                    if len(found) == before:
                        raise InvalidMessage("blocks", f"none of {len(wanted)} that were asked for")
                return found
            except NetworkError as error:
                self.on_failure(session, error)
        raise PeerGone(f"no peer has block {hashes[0].hex()}")

    async def _ask(self, session: Session, hashes: list[bytes]) -> dict[bytes, Block]:
        answer = await session.request(partial(GetBlocks, hashes=hashes), timeout_s=BODY_TIMEOUT_S)
        if not isinstance(answer, Blocks):
            raise InvalidMessage("blocks", type(answer).__name__)
        loop = asyncio.get_running_loop()
        blocks = [
            await loop.run_in_executor(None, decode_checked, raw, self.chain_id)
            for raw in answer.blocks
        ]
        wanted = set(hashes)
        return {block.hash: block for block in blocks if block.hash in wanted}


def decode_checked(raw: bytes, chain_id: int) -> Block:
    """Return a whole block whose body is its header's.

    Raises:
        InvalidMessage: malformed, or another body than the header commits to.
    """
    try:
        block = Block.decode(raw, chain_id)
    except SogdiaError as error:
        raise InvalidMessage("block", str(error)) from None
    if block.transactions_root != block.header.transactions_root:
        reason = f"the body of {block.hash.hex()} is not the one its header commits to"
        raise InvalidMessage("block", reason)
    return block
