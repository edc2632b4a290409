"""The way down a branch that is longer than one search of a peer.

Its answer then tells of the middle of the branch, which cannot be submitted yet. What is below is
asked for first, and so on down to what is here; then the way leads up again, a stretch at a time.

V1  An answer that neither follows what is here nor lies deeper leads nowhere; after some such in a
    row, and on a way that has no end, the peer is not believed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.primitives.header import Header

FUTILE_MAX = 8  # others bring what one tells, answer after answer: some 4,000 blocks
DEPTH_MIN = 16  # heights that a step goes down at the least; an honest one goes thousands
STEPS_MAX = 1_024  # of 25,000 blocks: four months at two a second


@dataclass(slots=True)
class Descent:
    """What has been asked for on the way down, and how far that has led."""

    gaps: list[list[bytes]] = field(default_factory=list)
    """What the middles that were told refer to, the deepest last."""
    lowest: int | None = None
    """The least height that was told of."""
    futile: int = 0
    """Answers in a row that led nowhere."""

    def next_tips(self, missing: Callable[[Sequence[bytes]], list[bytes]]) -> list[bytes]:
        """Return what to ask for next, the deepest that is still missing; empty: the tips."""
        while self.gaps:
            if left := missing(self.gaps[-1]):
                return left
            self.gaps.pop()
        return []

    def on_answer(self, headers: Sequence[Header], count: int, gap: list[bytes]) -> None:
        """Note headers that are not here, of which `count` follow what is here, and what the next
        one refers to that is missing."""
        if count:
            self.futile = 0
            return
        if not headers:
            self.futile += 1
            return
        lowest = min(header.height for header in headers)
        is_deeper = self.lowest is None or lowest + DEPTH_MIN <= self.lowest
        self.futile = 0 if is_deeper else self.futile + 1
        self.lowest = lowest if self.lowest is None else min(lowest, self.lowest)
        self.gaps.append(gap)

    @property
    def is_futile(self) -> bool:
        """Whether the peer is not believed any more (V1)."""
        return self.futile > FUTILE_MAX or len(self.gaps) > STEPS_MAX
