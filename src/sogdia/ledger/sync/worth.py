"""Whether what a peer tells of has cost what a block costs now.

U1  A new block whose work is far below the tip's is not taken for being told of, whole, by its
    hash or in a status. It comes in, if ever, because a block with full work refers to it: cheap
    headers fill nothing.
U2  A chain that ends with such a block is fetched when its headers have shown that more work is on
    it than on ours beyond the fork, and no further than they have shown it. Until then only a sum
    is kept.
U3  A block whose difficulty no rule can have made costs its teller points each time. One of a
    branch that most of the work has left got there honestly, and its nodes follow ours as soon as
    they have it: that costs little, and once in a while.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.consensus.outlook import Outlook
from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.scores import CHEAP_HEADER_POINTS, LIGHT_BRANCH_POINTS
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.ancestry import ask_epochs, find_fork_height
from sogdia.ledger.sync.bodies import fetch_headers
from sogdia.ledger.sync.peer_view import PeerView

CHEAP_SHARE = 8  # difficulty moves by half a period at most: three periods of nobody mining
MARGIN_BLOCKS = 8  # like our tip: three periods of ten blocks, each of half the one before
LIGHT_BRANCH_S = 20.0  # as often as a status comes

EPOCHS_PER_REQUEST = 256

Score = Callable[[PeerView, float, str], None]


@dataclass(frozen=True, slots=True)
class Goal:
    """How far to follow a peer that told of a block: to a height, or, without one, wherever it
    goes."""

    told: bytes
    height: int | None


@dataclass(slots=True, eq=False)
class Worth:
    """Judges headers that carry the work they claim; `score` notes what their tellers did."""

    consensus: Consensus
    score: Score
    now_s: Callable[[], float]

    def is_cheap(self, header: Header) -> bool:
        """Return whether a new block has far less work than the tip."""
        tip = self.consensus.header(self.consensus.outlook().best)
        return header.difficulty * CHEAP_SHARE < tip.difficulty

    def passes(self, view: PeerView, header: Header) -> bool:
        """Return whether a block that a peer tells of is worth having, and note it if not."""
        if not self.is_cheap(header):
            return True
        reason = f"told of {header.hash.hex()} of difficulty {header.difficulty}"
        if self._is_made_up(header):
            self.score(view, CHEAP_HEADER_POINTS, reason)
        elif self.now_s() >= view.light_until_s:
            view.light_until_s = self.now_s() + LIGHT_BRANCH_S
            self.score(view, LIGHT_BRANCH_POINTS, reason)
        return False

    def _is_made_up(self, header: Header) -> bool:
        """Return whether the difficulty is below half of the parent's: no period moves it so."""
        if not self.consensus.has_block(header.parent):
            return False
        return header.difficulty < self.consensus.header(header.parent).difficulty // 2

    async def goal(self, view: PeerView) -> Goal | None:
        """Return how far a peer's chain is worth following, None if it is not, nor ahead now.

        Raises:
            InvalidMessage: its status is none. NotThere: it does not have the block that it names.
            NetworkError: it does not answer.
        """
        told = view.status
        if told is None or self.consensus.has_block(told.best):
            return None
        (header,) = await fetch_headers(view.session, [told.best])
        if header.height != told.best_height:
            reason = f"height {told.best_height} of {told.best.hex()}, whose own is {header.height}"
            raise InvalidMessage("status", reason)
        if not self.is_cheap(header):
            return Goal(told.best, None)
        outlook = self.consensus.outlook()
        fork = await find_fork_height(outlook, view.session, told.best_height)
        loop = asyncio.get_running_loop()
        price = await loop.run_in_executor(None, self._price, outlook, fork)
        height = await self._find_worth(view.session, outlook.pivot_at(fork), fork, price)
        if height is None:
            self.passes(view, header)
            return None
        return Goal(told.best, height)

    def _price(self, outlook: Outlook, fork: int) -> int:
        """Return how much work a cheap chain must show beyond the height `fork`.

        It walks our pivot chain from there, which any thread may do.
        """
        header = self.consensus.header
        margin = MARGIN_BLOCKS * header(outlook.best).difficulty
        pivots = map(outlook.pivot_at, range(fork + 1, outlook.best_height + 1))
        return margin + sum(header(pivot).difficulty for pivot in pivots if pivot is not None)

    async def _find_worth(
        self, session: Session, tip: bytes | None, fork: int, price: int
    ) -> int | None:
        """Return the height at which a peer's pivot chain has shown work of `price` beyond the
        block `tip` at `fork`; None if it ends before, or has moved meanwhile. What is here shows
        nothing."""
        height, work = fork, 0
        while work < price:
            numbers = list(range(height + 1, height + 1 + EPOCHS_PER_REQUEST))
            epochs = await ask_epochs(session, numbers)
            pivots = [hashes[-1] for hashes in takewhile(bool, epochs)]
            if not pivots:
                return None
            for header in await fetch_headers(session, pivots):
                if header.parent != tip or header.height != height + 1:
                    return None
                is_here = self.consensus.has_block(header.hash)
                tip, height = header.hash, header.height
                work += 0 if is_here else header.difficulty
        return height
