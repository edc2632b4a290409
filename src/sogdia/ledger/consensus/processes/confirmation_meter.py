"""How likely it is that a pivot block is reversed (protocol §3.8).

An upper bound in four steps, from the lead of the block's subtree over its heaviest sibling. It is
advice to users, not a rule: nodes may differ.
"""

from dataclasses import dataclass
from fractions import Fraction

from sogdia.ledger.params.consensus import CONFIRMATION_WINDOW_S

EPOCHS_MAX = 100  # how far below the tip a block is looked at: older ones count as confirmed
TIP_DISTANCE = 5  # epochs below the tip that are never called confirmed: their state is deferred

# (risk, share of m, constant, cap): with m blocks made since and n ahead, the risk is that of the
# first row for which m - n >= min(share m - constant, cap).
_STEPS = (
    (Fraction(9, 10), Fraction(75, 100), 22, 2250),
    (Fraction(1, 10_000), Fraction(70, 100), 22, 1500),
    (Fraction(1, 1_000_000), Fraction(65, 100), 22, 750),
)
CONFIRMED_RISK = Fraction(1, 100_000_000)


@dataclass(frozen=True, slots=True)
class Lead:
    """What the bound is computed from; weights as the kernel counts them."""

    total: int
    """Weight of the subtree of the era genesis."""
    subtree: int
    """Weight of the block's subtree."""
    heaviest_sibling: int
    past: int
    """Weight of the block's past."""
    recent: int
    """Weight of what was made in the last `CONFIRMATION_WINDOW_S` seconds: it may be unseen by
    others, who extend what they see."""
    difficulty: int


def reversal_risk(lead: Lead) -> Fraction:
    """Return an upper bound of the risk that the block leaves the pivot chain."""
    ahead = max(0, lead.subtree - lead.heaviest_sibling - lead.recent) // lead.difficulty + 1
    made = max(0, lead.total - lead.past) // lead.difficulty
    for risk, share, constant, cap in _STEPS:
        if made - ahead >= min(share * made - constant, Fraction(cap)):
            return risk
    return CONFIRMED_RISK


def recent_since(now_s: int) -> int:
    """Return from which timestamp on a block counts as recent."""
    return now_s - CONFIRMATION_WINDOW_S
