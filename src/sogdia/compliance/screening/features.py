"""What speaks for and against two parties being one: a table of features, each with its reason.

The name carries the score; the other features move it. A feature that cannot be judged, because one
side does not know the fact, says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sogdia.compliance.screening.entity import BirthDate, Entity
from sogdia.compliance.screening.identifiers import CHECKS
from sogdia.compliance.screening.person_match import NameMatch


@dataclass(frozen=True, slots=True)
class Finding:
    """What one feature found: from −1 (speaks against) to 1 (speaks for), and why in words."""

    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two parties and the best match of their names."""

    customer: Entity
    listed: Entity
    name: NameMatch


@dataclass(frozen=True, slots=True)
class Feature:
    """A comparison of one fact; `weight` is what its full value adds to the score."""

    func: Callable[[Comparison], Finding | None]
    weight: float

    @property
    def name(self) -> str:
        """Return the feature's name for explanations."""
        return self.func.__name__.removeprefix("compare_")


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of an explanation: the feature, what it added to the score, and why."""

    feature: str
    contribution: float
    text: str


def compare_name(pair: Comparison) -> Finding | None:
    """Take over the match of the names."""
    return Finding(pair.name.score, f"names match {pair.name.score:.2f}: {pair.name.path}")


def compare_identifiers(pair: Comparison) -> Finding | None:
    """An identifier in common is identity; two valid ones of one scheme that differ are not."""
    ours, theirs = pair.customer.identifiers, pair.listed.identifiers
    shared = {
        (a.scheme, a.value)
        for a in ours
        for b in theirs
        if a.value == b.value
        and (a.scheme == b.scheme or not CHECKS.keys() & {a.scheme, b.scheme})
        and (not a.country or not b.country or a.country == b.country)
    }
    if shared:
        scheme, value = min(shared)
        return Finding(1.0, f"same {scheme} {value}")
    for a in sorted(ours, key=lambda i: (i.scheme, i.value)):
        rivals = [b for b in theirs if b.scheme == a.scheme and a.scheme in CHECKS]
        if rivals:
            return Finding(-0.15, f"different {a.scheme}: {a.value}, listed {rivals[0].value}")
    return None


def compare_birth_date(pair: Comparison) -> Finding | None:
    """Compare dates of birth as far as both are known; lists give years, ranges and guesses."""
    ours, theirs = pair.customer.birth_dates, pair.listed.birth_dates
    if not ours or not theirs:
        return None
    best = max((_birth_agreement(a, b), str(a), str(b)) for a in ours for b in theirs)
    value, left, right = best
    words = "agree" if value > 0 else "are near" if value == 0 else "differ"
    return Finding(value, f"dates of birth {words}: {left}, listed {right}")


def _birth_agreement(a: BirthDate, b: BirthDate) -> float:
    low_a, high_a = a.year, a.year_last or a.year
    low_b, high_b = b.year, b.year_last or b.year
    gap = max(low_b - high_a, low_a - high_b, 0)
    if gap > 0:
        return 0.0 if gap == 1 else -0.5 if gap <= 3 else -1.0
    if a.year_last or b.year_last or a.month is None or b.month is None:
        return 0.5
    if a.month == b.month and (a.day is None or b.day is None or a.day == b.day):
        return 1.0
    # Day and month exchanged, or 1 January for "unknown", are entry errors, not other persons.
    swapped = (a.month, a.day) == (b.day, b.month)
    unknown = (1, 1) in ((a.month, a.day), (b.month, b.day))
    return 0.4 if swapped or unknown else 0.0


def compare_country(pair: Comparison) -> Finding | None:
    """Compare countries of nationality, citizenship or registration."""
    ours, theirs = pair.customer.countries, pair.listed.countries
    if not ours or not theirs:
        return None
    shared = ours & theirs
    if shared:
        return Finding(1.0, f"same country: {', '.join(sorted(shared))}")
    left, right = ", ".join(sorted(ours)), ", ".join(sorted(theirs))
    return Finding(-1.0, f"no country in common: {left}, listed {right}")


def compare_gender(pair: Comparison) -> Finding | None:
    """Compare genders where both are recorded."""
    ours, theirs = pair.customer.gender, pair.listed.gender
    if ours is None or theirs is None:
        return None
    if ours is theirs:
        return Finding(0.0, f"same gender: {ours}")
    return Finding(-1.0, f"gender differs: {ours}, listed {theirs}")


# The name's weight is 1: its finding is the score that the others move. A contradiction of birth
# years outweighs the distance of a perfect match (1.0) to the thresholds; one of country or gender
# alone does not, as lists err in both.
FEATURES: tuple[Feature, ...] = (
    Feature(compare_name, weight=1.0),
    Feature(compare_identifiers, weight=1.0),
    Feature(compare_birth_date, weight=0.20),
    Feature(compare_country, weight=0.03),
    Feature(compare_gender, weight=0.10),
)


def evaluate(
    pair: Comparison, features: tuple[Feature, ...] = FEATURES
) -> tuple[float, tuple[Reason, ...]]:
    """Return the score from 0 to 1 and the reasons, in the order of the table.

    What speaks for a match adds at most half of what is missing to 1, so that a birth year shared
    by millions never makes a hit of a weak name.
    """
    score = 0.0
    reasons = []
    for feature in features:
        finding = feature.func(pair)
        if finding is None:
            continue
        moved = finding.value * feature.weight
        if feature.func not in (compare_name, compare_identifiers):
            moved = min(moved, (1.0 - score) / 2)
        before = score
        score = min(1.0, max(0.0, score + moved))
        reasons.append(Reason(feature.name, round(score - before, 4), finding.reason))
    return score, tuple(reasons)
