"""Catch up with a peer that is ahead: epoch by epoch, headers first, bodies from everyone.

The blocks of an epoch refer to blocks of earlier epochs or of their own, so epochs in order of
their number, each in its order of execution, can be submitted as they come. What the peer holds
beyond its pivot chain is found afterwards through its terminals. While the bodies of one stretch
come in, the headers of the next are fetched.

Either pivot chain can move meanwhile, and an answer tells of no more than so many blocks of an
epoch. What is told then does not follow what is here, and nobody has lied: the past of what is
missing is asked for. To be ever without it after that is no honest peer's way (NotThere).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.errors import InvalidMessage, NotThere
from sogdia.ledger.network.messages import HASHES_MAX, GetPast, Headers
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.ancestry import (
    LOCATOR_MAX,
    ask_epochs,
    find_fork_height,
    locator,
    search_fork_height,
)
from sogdia.ledger.sync.bodies import (
    HEADERS_TIMEOUT_S,
    BodyFetcher,
    check_work,
    decode_header,
    fetch_headers,
)
from sogdia.ledger.sync.descent import Descent
from sogdia.ledger.sync.intake import BlockIntake
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.phases import Progress, SyncPhase

EPOCHS_PER_REQUEST = 256  # at one block an epoch half a request for headers
PAST_PER_REQUEST = 512
REACHED_MAX = 256  # with as many terminals and the locator at the most what one message holds
TERMINALS_MAX = HASHES_MAX - REACHED_MAX - LOCATOR_MAX

OnProgress = Callable[[Progress], None]
Passes = Callable[[Header], bool]


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

    async def run(self, view: PeerView, goal: int | None = None) -> int:
        """Submit what the peer's pivot chain holds and ours does not; return how many blocks.

        The target moves while the peer tells of new blocks, up to the height `goal` if it is given.

        Raises:
            InvalidMessage: the peer told something untrue.
            NotThere: it does not have what it said it has.
            NetworkError: it went away, or nobody had a body.
        """
        session = view.session
        fork = await find_fork_height(self.consensus.outlook(), session, view.best_height)
        now_s = self.now_s()
        progress = Progress(SyncPhase.HEADERS, fork, fork, view.best_height, 0, now_s, now_s)
        self._tell(progress)
        ahead = asyncio.create_task(self._stretch(view, fork + 1, goal))
        try:
            while (stretch := await ahead) is not None:
                ahead = asyncio.create_task(self._stretch(view, stretch.last + 1, goal))
                async for blocks in self._take(view, stretch.headers):
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

    async def _take(self, view: PeerView, headers: list[Header]) -> AsyncIterator[list[Block]]:
        """Submit the blocks of `headers`, and the past of those that do not follow what is here.

        Each time that it is asked for ends with blocks that carry work, or with NotThere.
        """
        while headers:
            count, missing = self.intake.first_gap(headers)
            async for blocks in self._submit(view, headers[:count]):
                yield blocks
            if missing:
                async for blocks in self._past(view, missing):
                    yield blocks
            headers = [each for each in headers[count:] if not self.consensus.has_block(each.hash)]

    async def _submit(self, view: PeerView, headers: list[Header]) -> AsyncIterator[list[Block]]:
        async for blocks in self.fetcher.batches(headers, view.session.peer_id):
            await self.intake.take(blocks)
            yield blocks

    async def _stretch(self, view: PeerView, first: int, goal: int | None) -> _Stretch | None:
        """Return the headers of the epochs from `first` on, `None` beyond what the peer has."""
        highest = view.best_height if goal is None else min(goal, view.best_height)
        last = min(highest, first + EPOCHS_PER_REQUEST - 1)
        if first > last:
            return None
        epochs = await ask_epochs(view.session, list(range(first, last + 1)))
        # Empty ones at the end did not fit, or the pivot chain has become shorter meanwhile.
        count = next((i for i, hashes in enumerate(epochs) if not hashes), len(epochs))
        if not count:
            return None
        told = [hash_ for hashes in epochs[:count] for hash_ in hashes]
        view.blocks.add(told)
        headers = await fetch_headers(view.session, self._missing(told))
        self._check_heights(first, [hashes[-1] for hashes in epochs[:count]], headers)
        return _Stretch(first + count - 1, headers)

    def _check_heights(self, first: int, pivots: list[bytes], headers: list[Header]) -> None:
        """Pass epochs that end with blocks of their height: others could go on without end."""
        fetched = {header.hash: header for header in headers}
        for number, pivot in enumerate(pivots, first):
            header = fetched.get(pivot) or self.consensus.header(pivot)
            if header.height != number:
                reason = f"the pivot block of {number}, {pivot.hex()}, is of height {header.height}"
                raise InvalidMessage("epoch hashes", reason)

    async def past_of(self, view: PeerView, tips: list[bytes], passes: Passes | None = None) -> int:
        """Submit the past of `tips` that is not here, oldest first; return how many blocks.

        Of the tips, those whose header `passes` refuses are left out.

        Raises:
            InvalidMessage: the peer told something untrue.
            NotThere: it does not have what it told of.
            NetworkError: it went away, or nobody had a body.
        """
        return sum([len(blocks) async for blocks in self._past(view, tips, passes)])

    async def _past(
        self, view: PeerView, tips: list[bytes], passes: Passes | None = None
    ) -> AsyncIterator[list[Block]]:
        reached: dict[bytes, None] = {}  # what came and nothing that came refers to, oldest first
        fork: list[bytes] = []
        descent = Descent()
        while missing := self._missing(tips):
            asked = descent.next_tips(self._missing) or missing
            told = await self._past_headers(view, asked, [*fork, *reached])
            if passes is not None:
                tips = await self._passing(view, missing, told, passes)
                passes = None
                if len(tips) < len(missing):
                    continue  # what was told may be the past of one that is refused
            # What was asked for may have come from elsewhere while the answer was on its way.
            headers = [header for header in told if not self.consensus.has_block(header.hash)]
            count, gap = self.intake.first_gap(headers)
            descent.on_answer(headers, count, gap)
            if (not told or descent.is_futile) and self._missing(missing):
                raise NotThere(f"the past of {missing[0].hex()}")
            if not count and not fork:
                fork = await self._fork(view)
            beyond = {header.hash for header in headers[count:]}
            for header in told:
                if header.hash not in beyond:
                    for reference in (header.parent, *header.referees):
                        reached.pop(reference, None)
                    reached[header.hash] = None
            async for blocks in self._submit(view, headers[:count]):
                yield blocks

    async def _passing(
        self, view: PeerView, tips: list[bytes], told: list[Header], passes: Passes
    ) -> list[bytes]:
        """Return the tips whose headers pass; of a long past they are not among what was told."""
        headers = {header.hash: header for header in told}
        unseen = self._missing([tip for tip in tips if tip not in headers])
        headers |= {each.hash: each for each in await fetch_headers(view.session, unseen)}
        return [tip for tip in tips if tip in headers and passes(headers[tip])]

    def _missing(self, hashes: Sequence[bytes]) -> list[bytes]:
        return [hash_ for hash_ in hashes if not self.consensus.has_block(hash_)]

    async def _fork(self, view: PeerView) -> list[bytes]:
        """Return the last pivot block that a peer shares with us.

        Of one that is far behind, maybe below our checkpoint, a locator knows little better than
        half the way: all the rest would be told before what is new.
        """
        outlook = self.consensus.outlook()
        height = await search_fork_height(outlook, view.session, 0, view.best_height)
        pivot = outlook.pivot_at(height)
        return [] if pivot is None else [pivot]

    async def _past_headers(
        self, view: PeerView, tips: list[bytes], reached: list[bytes]
    ) -> list[Header]:
        """Ask for the past of `tips`; beside our pivot chain no locator says what is here."""
        outlook = self.consensus.outlook()
        terminals = outlook.terminals[-TERMINALS_MAX:]
        known = [*locator(outlook), *reached[-REACHED_MAX:], *terminals]
        answer = await view.session.request(
            partial(GetPast, tips=tips[:HASHES_MAX], known=known, count=PAST_PER_REQUEST),
            timeout_s=HEADERS_TIMEOUT_S,
        )
        if not isinstance(answer, Headers):
            raise InvalidMessage("headers", type(answer).__name__)
        headers = [self._checked(raw) for raw in answer.headers]
        view.blocks.add(header.hash for header in headers)
        return headers

    def _checked(self, raw: bytes) -> Header:
        header = decode_header(raw)
        if not self.consensus.has_block(header.hash):
            check_work(header)
        return header

    def _tell(self, progress: Progress) -> None:
        self.on_progress(replace(progress, now_s=self.now_s()))
