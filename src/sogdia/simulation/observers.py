"""What a user is told, and whether it held: the confirmation meter of honest nodes, every second.

    B1  A height is stated at a risk when the node's own meter first gives that risk or less, and
        all heights below have been stated.
    B2  A reversal is a change of the pivot chain at or below a stated height.

A stated risk of r is broken when more than a share r of the stated heights is reversed.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from sogdia.ledger.consensus.api import Accepted
from sogdia.ledger.consensus.processes.confirmation_meter import TIP_DISTANCE
from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.clock import MILLISECOND, SECOND
from sogdia.simulation.nodes import Node

RISKS = (1e-4, 1e-6, 1e-8)  # the steps of the node's meter; the last is what it calls confirmed
CONFIRMED = len(RISKS) - 1
RATE_WINDOW_S = 60  # over which a user sees how fast blocks come


@dataclass(frozen=True, slots=True)
class Statement:
    """What was said of one height."""

    pivot: bytes
    blocks: tuple[bytes, ...]
    """The blocks of its epoch: their transactions were called settled."""
    at: int


@dataclass(frozen=True, slots=True)
class Reversal:
    """Heights that an observer had stated at a risk, and that changed."""

    observer: int
    jurisdiction: str
    at_s: float
    risk: float
    """The least that was stated for one of them."""
    first_height: int
    heights: tuple[int, ...]
    """How many heights, for each of `RISKS`."""
    stated_at_s: float
    blocks_per_s_then: float
    """Over the last minute before the statement: what the user could have seen."""
    blocks: tuple[bytes, ...]
    """What was in the reversed epochs of the least risk."""


@dataclass(slots=True)
class Confirmation:
    """One block that an observer called confirmed."""

    made: MadeBlock
    delay_s: float


@dataclass(slots=True, eq=False)
class Observer:
    """One honest node that is asked."""

    node: Node
    stated: list[int] = field(default_factory=lambda: [0] * len(RISKS))
    """Highest height stated at each of `RISKS`."""
    counts: list[int] = field(default_factory=lambda: [0] * len(RISKS))
    """How many statements were made at each."""
    statements: list[dict[int, Statement]] = field(default_factory=lambda: [{} for _ in RISKS])
    reversals: list[Reversal] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    deepest_change: int = 0
    """How many pivot blocks a change of the chain replaced at most."""
    _heard: list[int] = field(default_factory=list)
    _height: int = 0
    _away_until: int = -1

    def __post_init__(self) -> None:
        """Listen to the node."""
        self.node.on_accepted.append(self._on_accepted)

    def start(self, interval_ms: int) -> None:
        """Ask again and again."""
        self._ask()
        self.node.around.timeline.after(interval_ms * MILLISECOND, self.start, interval_ms)

    def _ask(self) -> None:
        if not self.node.is_online:
            self._away_until = self.node.around.timeline.now
            return
        engine = self.node.engine
        limit = engine.best_height() - TIP_DISTANCE
        for place, risk in enumerate(RISKS):
            height = self.stated[place] + 1
            while height <= limit and engine.confirmation_risk(height) <= risk:
                self._state(place, height)
                height += 1

    def _state(self, place: int, height: int) -> None:
        plan = self.node.engine.epoch_plan(height)
        now = self.node.around.timeline.now
        self.statements[place][height] = Statement(plan.pivot, plan.blocks, now)
        self.stated[place] = height
        self.counts[place] += 1
        if place == CONFIRMED:
            for block in plan.blocks:
                made = self.node.around.record.get(block)
                if made.at > self._away_until:  # else it was not there to be told
                    self.confirmations.append(Confirmation(made, (now - made.at) / SECOND))

    def _on_accepted(self, made: MadeBlock, accepted: Accepted) -> None:
        del made
        self._heard.append(self.node.around.timeline.now)
        change = accepted.pivot_change
        if change is None:
            return
        self.deepest_change = max(
            self.deepest_change, self._height - change.first_changed_height + 1
        )
        self._height = change.tip_height
        if change.first_changed_height <= max(self.stated):
            self._note_reversal(change.first_changed_height)

    def _note_reversal(self, first: int) -> None:
        heights = tuple(max(0, top - first + 1) for top in self.stated)
        least = max(place for place, count in enumerate(heights) if count)
        top = self.stated[least]
        reversed_ = [self.statements[least][height] for height in range(first, top + 1)]
        stated_at = max(statement.at for statement in reversed_)
        self.reversals.append(
            Reversal(
                observer=self.node.index,
                jurisdiction=self.node.jurisdiction,
                at_s=self.node.around.timeline.seconds,
                risk=RISKS[least],
                first_height=first,
                heights=heights,
                stated_at_s=stated_at / SECOND,
                blocks_per_s_then=self._rate_at(stated_at),
                blocks=tuple(block for statement in reversed_ for block in statement.blocks),
            )
        )
        for place, stated in enumerate(self.stated):
            for height in range(first, stated + 1):
                del self.statements[place][height]
            self.stated[place] = min(stated, first - 1)

    def _rate_at(self, time: int) -> float:
        """Return blocks a second heard in the minute before `time`, or since the start."""
        window = min(RATE_WINDOW_S * SECOND, max(time, 1))
        heard = bisect_left(self._heard, time) - bisect_left(self._heard, time - window)
        return heard * SECOND / window
