"""Catch up with a peer that is ahead: epoch by epoch, headers first, bodies from everyone.

The blocks of an epoch refer to blocks of earlier epochs or of their own, so epochs in order of
their number, each in its order of execution, can be submitted as they come. What the peer holds
beyond its pivot chain is found afterwards through its terminals. While the bodies of one stretch
come in, the headers of the next are fetched.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.errors import InvalidMessage, NotThere
from sogdia.ledger.network.messages import (
    HASHES_MAX,
    EpochHashes,
    GetEpochHashes,
    GetPast,
    Headers,
)
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.ancestry import find_fork_height, locator
from sogdia.ledger.sync.bodies import HEADERS_TIMEOUT_S, BodyFetcher, check_work, fetch_headers
from sogdia.ledger.sync.intake import BlockIntake
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.phases import Progress, SyncPhase

EPOCHS_PER_REQUEST = 256  # at one block an epoch half a request for headers
PAST_PER_REQUEST = 512

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Epochs up to `last`, and those of their blocks that were not here when it was asked for."""

    last: int
    headers: list[Header]


@dataclass(slots=True)
class CatchUp:
    """One run against one peer."""

    consensus: Consensus
    fetcher: BodyFetcher
    intake: BlockIntake
    now_s: Callable[[], float]
    on_progress: OnProgress

    async def run(self, view: PeerView) -> int:
        """Submit what the peer's pivot chain holds and ours does not; return how many blocks.

        The target moves while the peer tells of new blocks.

        Raises:
            InvalidMessage: the peer told something untrue.
            NotThere: it does not have what it said it has.
            NetworkError: it went away, or nobody had a body.
        """
        session = view.session
        fork = await find_fork_height(self.consensus, session, view.best_height)
        now_s = self.now_s()
        progress = Progress(SyncPhase.HEADERS, fork, fork, view.best_height, 0, now_s, now_s)
        self._tell(progress)
        ahead = asyncio.create_task(self._stretch(view, fork + 1))
        try:
            while (stretch := await ahead) is not None:
                ahead = asyncio.create_task(self._stretch(view, stretch.last + 1))
                self.intake.check_connected(stretch.headers)
                async for blocks in self.fetcher.batches(stretch.headers):
                    view.blocks.add(block.hash for block in blocks)
                    await self.intake.take(blocks)
                    progress = replace(
                        progress,
                        phase=SyncPhase.BLOCKS,
                        height=max(progress.height, min(blocks[-1].header.height, stretch.last)),
                        highest_height=view.best_height,
                        blocks=progress.blocks + len(blocks),
                    )
                    self._tell(progress)
                progress = replace(progress, height=stretch.last, highest_height=view.best_height)
                self._tell(progress)
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
        return progress.blocks

    async def _stretch(self, view: PeerView, first: int) -> _Stretch | None:
        """Return the headers of the epochs from `first` on, `None` beyond what the peer has."""
        last = min(view.best_height, first + EPOCHS_PER_REQUEST - 1)
        if first > last:
            return None
        numbers = list(range(first, last + 1))
        answer = await view.session.request(
            partial(GetEpochHashes, epochs=numbers), timeout_s=HEADERS_TIMEOUT_S
        )
        if not isinstance(answer, EpochHashes) or len(answer.epochs) != len(numbers):
            raise InvalidMessage("epoch hashes", f"{len(numbers)} epochs were asked for")
        # Empty ones at the end did not fit, or the pivot chain has become shorter meanwhile.
        count = next((i for i, hashes in enumerate(answer.epochs) if not hashes), len(numbers))
        if not count:
            raise NotThere(f"epoch {first}, and said that it is at {view.best_height}")
        wanted = [
            hash_
            for hashes in answer.epochs[:count]
            for hash_ in hashes
            if not self.consensus.has_block(hash_)
        ]
        headers = await fetch_headers(view.session, wanted)
        return _Stretch(first + count - 1, headers)

    async def past_of(self, view: PeerView, tips: list[bytes]) -> int:
        """Submit the past of `tips` that is not here, oldest first; return how many blocks.

        Raises:
            InvalidMessage: the peer told something untrue.
            NotThere: it does not have what it told of.
            NetworkError: it went away, or nobody had a body.
        """
        submitted = 0
        reached: list[bytes] = []  # what came last: beside our pivot chain, no locator says it
        while missing := [tip for tip in tips if not self.consensus.has_block(tip)]:
            known = [*locator(self.consensus), *reached]
            answer = await view.session.request(
                partial(GetPast, tips=missing[:HASHES_MAX], known=known, count=PAST_PER_REQUEST),
                timeout_s=HEADERS_TIMEOUT_S,
            )
            if not isinstance(answer, Headers):
                raise InvalidMessage("headers", type(answer).__name__)
            headers = [header for raw in answer.headers if (header := self._unknown(raw))]
            if not headers:
                # What was asked for may have come from elsewhere while the answer was on its way.
                if all(self.consensus.has_block(tip) for tip in missing):
                    break
                raise NotThere(f"the past of {missing[0].hex()}")
            reached = [headers[-1].hash]
            self.intake.check_connected(headers)
            async for blocks in self.fetcher.batches(headers):
                view.blocks.add(block.hash for block in blocks)
                await self.intake.take(blocks)
                submitted += len(blocks)
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
