"""Has the work behind this ledger fallen to less than half of what it was?

When miners go dark, or a line is cut and most of the work is on its other side, a node sees fewer
blocks than before. What it then calls confirmed is confirmed by what is left: if the rest comes
back with a heavier chain, it is undone. No node can tell the two cases apart; each can say that
something has happened (docs/adr/0102-a-node-says-when-work-fell.md).

    W1  Work is the sum of the difficulties of blocks by their timestamps, so that an adjusted
        difficulty hides nothing: half the blocks of twice the difficulty are the same work.
    W2  The alert stands while the last minute holds less than `SHARE_MIN` of the reference, which
        is the best five minutes of the last day; of a node that knows the network for less than
        twenty minutes, the best ninety seconds, lest the loss itself be taken for what is usual.

A minute holds 120 blocks at the target rate. That fewer than half of them come by chance while
nothing fell has a probability below 1e-9.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.rpc.backend import Alert

BUCKET_S = 5
RECENT_S = 60
REFERENCE_S = 300
MEMORY_S = 24 * 3_600
YOUNG_S = 20 * 60
YOUNG_REFERENCE_S = 90
KNOWN_S_MIN = 60  # of work before the last minute; less than that says nothing about what is usual
SHARE_MIN = Fraction(1, 2)
RESUME_EPOCHS = 2_000  # read back at start: a quarter of an hour


@dataclass(slots=True)
class WorkWatch:
    """Work by its time, and the alert while too little of it comes."""

    clock: Callable[[], int]
    buckets: dict[int, int] = field(default_factory=dict)
    """Number of the bucket (its start / BUCKET_S) -> work."""
    since: int | None = None
    """When the alert began, Unix seconds."""

    def on_block(self, header: Header) -> None:
        """Count a block that the graph has taken in."""
        bucket = header.timestamp // BUCKET_S
        self.buckets[bucket] = self.buckets.get(bucket, 0) + header.difficulty

    def resume(self, consensus: Consensus) -> None:
        """Count what the graph held when the node started."""
        top = consensus.best_height()
        lowest = max(consensus.era_genesis_height + 1, top - RESUME_EPOCHS)
        for number in range(lowest, top + 1):
            plan = consensus.epoch_plan(number)
            for block in (*plan.skipped, *plan.blocks):
                self.on_block(consensus.header(block))

    def rates(self) -> tuple[int, int | None]:
        """Return the work a second of the last minute, and the reference; None if unknown."""
        # The bucket of now is not full yet.
        end = self.clock() // BUCKET_S
        self._forget(end)
        recent_begin = end - RECENT_S // BUCKET_S
        recent = sum(self.buckets.get(number, 0) for number in range(recent_begin, end)) // RECENT_S
        return recent, self._reference(recent_begin)

    def _reference(self, end: int) -> int | None:
        """Return the best mean of some minutes before bucket `end` (W2)."""
        first = min(self.buckets, default=end)
        known = end - first
        if known * BUCKET_S < KNOWN_S_MIN:
            return None
        is_young = known * BUCKET_S < YOUNG_S
        length = min(known, (YOUNG_REFERENCE_S if is_young else REFERENCE_S) // BUCKET_S)
        window = sum(self.buckets.get(number, 0) for number in range(first, first + length))
        best = window
        for number in range(first + length, end):
            window += self.buckets.get(number, 0) - self.buckets.get(number - length, 0)
            best = max(best, window)
        return best // (length * BUCKET_S)

    def _forget(self, end: int) -> None:
        oldest = end - MEMORY_S // BUCKET_S
        if self.buckets and min(self.buckets) < oldest:
            self.buckets = {n: work for n, work in self.buckets.items() if n >= oldest}

    def look(self) -> Alert | None:
        """Return the alert if it stands now."""
        recent, reference = self.rates()
        if reference is None or recent >= reference * SHARE_MIN:
            self.since = None
            return None
        if self.since is None:
            self.since = self.clock()
        percent = 100 * recent // reference
        return Alert(
            code="work-fell",
            message=(
                f"work fell to {percent} % of what it was: {recent} hashes a second in the last "
                f"minute, {reference} before. Miners are gone, or this node sees one side of a "
                "split: what it calls confirmed may be undone when the rest comes back. Compare "
                "with nodes elsewhere before you rely on it."
            ),
            since=self.since,
            details={"recent": recent, "reference": reference},
        )
