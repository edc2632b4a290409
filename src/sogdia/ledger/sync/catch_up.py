"""Catch up with a peer that is ahead: epoch by epoch, headers first, bodies from everyone.

The blocks of an epoch refer to blocks of earlier epochs or of their own, so epochs in order of
their number, each in its order of execution, can be submitted as they come. What the peer holds
beyond its pivot chain is found afterwards through its terminals.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.messages import (
    EpochHashes,
    GetEpochHashes,
    GetPast,
    Headers,
)
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.ancestry import find_fork_height, locator
from sogdia.ledger.sync.bodies import BodyFetcher, check_work, fetch_headers
from sogdia.ledger.sync.phases import Progress, SyncPhase

EPOCHS_PER_REQUEST = 256  # at one block an epoch half a request for headers
PAST_PER_REQUEST = 512

Submit = Callable[[Block], Awaitable[None]]
OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class CatchUp:
    """One run against one peer."""

    consensus: Consensus
    fetcher: BodyFetcher
    submit: Submit
    now_s: Callable[[], float]
    on_progress: OnProgress

    async def run(self, session: Session, peer_height: int) -> int:
        """Submit what the peer's pivot chain holds and ours does not; return how many blocks.

        Raises:
            InvalidMessage: the peer told something untrue.
            NetworkError: it went away, or nobody had a body.
        """
        fork = await find_fork_height(self.consensus, session, peer_height)
        now_s = self.now_s()
        progress = Progress(SyncPhase.HEADERS, fork, fork, peer_height, 0, now_s, now_s)
        for first in range(fork + 1, peer_height + 1, EPOCHS_PER_REQUEST):
            last = min(peer_height, first + EPOCHS_PER_REQUEST - 1)
            self._tell(progress := replace(progress, phase=SyncPhase.HEADERS))
            headers = await self._epoch_headers(session, first, last)
            if headers is None:
                break
            async for block in self.fetcher.blocks(headers):
                await self.submit(block)
            progress = replace(
                progress,
                phase=SyncPhase.BLOCKS,
                height=last,
                blocks=progress.blocks + len(headers),
            )
            self._tell(progress)
        return progress.blocks

    async def _epoch_headers(self, session: Session, first: int, last: int) -> list[Header] | None:
        """Return the headers of epochs that are not here, `None` when the peer has lost them."""
        numbers = list(range(first, last + 1))
        headers: list[Header] = []
        while numbers:
            answer = await session.request(partial(GetEpochHashes, epochs=numbers))
            if not isinstance(answer, EpochHashes) or len(answer.epochs) != len(numbers):
                raise InvalidMessage("epoch hashes", f"{len(numbers)} epochs were asked for")
            told = [hashes for hashes in answer.epochs if hashes]
            if not told:
                return headers or None  # its pivot chain has moved meanwhile: begin again later
            # Empty ones at the end did not fit; they are asked for again.
            count = next((i for i, hashes in enumerate(answer.epochs) if not hashes), len(numbers))
            wanted = [
                hash_
                for hashes in answer.epochs[:count]
                for hash_ in hashes
                if not self.consensus.has_block(hash_)
            ]
            headers += await fetch_headers(session, wanted)
            numbers = numbers[count:] if count else []
        return headers

    async def past_of(self, session: Session, tips: list[bytes]) -> int:
        """Submit the past of `tips` that is not here, oldest first; return how many blocks."""
        submitted = 0
        while missing := [tip for tip in tips if not self.consensus.has_block(tip)]:
            known = locator(self.consensus)
            answer = await session.request(
                partial(GetPast, tips=missing, known=known, count=PAST_PER_REQUEST)
            )
            if not isinstance(answer, Headers):
                raise InvalidMessage("headers", type(answer).__name__)
            headers = [header for raw in answer.headers if (header := self._unknown(raw))]
            if not headers:
                raise InvalidMessage("headers", f"nothing of the past of {missing[0].hex()}")
            async for block in self.fetcher.blocks(headers):
                await self.submit(block)
                submitted += 1
        return submitted

    def _unknown(self, raw: bytes) -> Header | None:
        try:
            header = Header.decode(raw)
        except SogdiaError as error:
            raise InvalidMessage("header", str(error)) from None
        if self.consensus.has_block(header.hash):
            return None
        check_work(header)
        return header

    def _tell(self, progress: Progress) -> None:
        self.on_progress(replace(progress, now_s=self.now_s()))
