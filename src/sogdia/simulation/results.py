"""What came of one run: figures, and whether the promises held. Plain values, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sogdia.simulation.observers import Reversal


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution in seconds; all zero when nothing was measured."""

    count: int = 0
    p10: float = 0.0
    median: float = 0.0
    p90: float = 0.0
    p99: float = 0.0
    greatest: float = 0.0


def spread(values: Sequence[float]) -> Spread:
    """Return the distribution of `values`: each percentile is one of them."""
    if not values:
        return Spread()
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 6)

    return Spread(len(ordered), at(0.1), at(0.5), at(0.9), at(0.99), round(ordered[-1], 6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What was made."""

    made: int
    by_attackers: int
    per_s: float
    off_pivot_percent: float
    """Fork rate: blocks of the order that are not on the pivot chain."""
    in_order_percent: float
    """Blocks that belong to an epoch at the end."""
    adaptive: int
    partially_invalid: int
    height: int
    difficulty_first: int
    difficulty_last: int
    deepest_change: int
    """Pivot blocks that one change of the chain replaced at most, at an observer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagation:
    """From a block's making to its acceptance by a share of the honest nodes that it could reach
    then, over all blocks."""

    to_half: Spread
    to_90_percent: Spread
    to_99_percent: Spread
    megabits_per_s_per_node: float
    """What blocks and announcements took of each line on average, transactions excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """The light model of transactions."""

    entered_per_s: float
    executed_per_s: float
    """Distinct transactions of the final order."""
    duplicate_percent: float
    """Of what blocks packed, the share that another block before them had packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """The time between two events."""

    start_s: float
    end_s: float
    began_with: str
    blocks: int
    blocks_per_s: float
    difficulty_last: int
    off_pivot_percent: float
    confirmation: Spread
    """Of blocks made in this phase: from their making to an observer's calling them confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCount:
    """What became of the statements at one risk, at observers whom the protocol protects."""

    risk: float
    stated: int
    reversed: int
    """Heights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalReport:
    """A reversal, with what the user could have known."""

    what: Reversal
    is_excused: bool
    """The observer was cut off with less than most of the work: nobody can promise it anything."""
    executed_again_percent: float
    """Of the blocks in reversed epochs, those that the final order holds elsewhere."""
    blocks_per_s_usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Whether all honest nodes ended alike."""

    nodes: int
    tips: int
    """Distinct pivot tips among them: 1 is agreement."""
    behind: int
    """Nodes that do not have every block that was shown."""
    refused: int
    """Blocks that honest nodes refused for their time, counted at each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All of it."""

    scenario: str
    seed: int
    duration_s: float
    nodes: int
    trace: str
    blocks: Blocks
    propagation: Propagation
    throughput: Throughput
    confirmation: Spread
    agreement: Agreement
    risks: tuple[RiskCount, ...]
    phases: tuple[Phase, ...]
    reversals: tuple[ReversalReport, ...]
    series: dict[str, list[list[float]]] = field(default_factory=dict)
    """What the pictures show: name -> points."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """What was promised and did not hold; empty is a pass."""
        found = []
        if self.agreement.tips != 1:
            found.append(f"honest nodes ended with {self.agreement.tips} different pivot tips")
        if self.agreement.behind:
            found.append(f"{self.agreement.behind} honest nodes do not have all blocks")
        surest = self.risks[-1]
        if surest.reversed:
            found.append(f"{surest.reversed} confirmed heights were reversed")
        return tuple(found)

    def as_values(self) -> dict[str, Any]:
        """Return plain values for JSON; hashes as hex."""
        values = asdict(self)
        for report in values["reversals"]:
            report["what"]["blocks"] = len(report["what"]["blocks"])
        values["complaints"] = list(self.complaints)
        return values
