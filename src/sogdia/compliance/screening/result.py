"""What a screening says. Three answers, and no way to take one for another.

R1  Only `Clear` means clear; `NotScreened` is what every error and every missing list becomes.
R2  None of the three has a truth value: `if result:` is refused when it runs.
"""

from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from sogdia.compliance.screening.entity import Entity
from sogdia.compliance.screening.errors import InvalidClearance
from sogdia.compliance.screening.features import Reason
from sogdia.compliance.screening.lists.snapshot import ListVersion


class _NoTruthValue:
    """Refuses to be used as a condition."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} has no truth value: match on Clear, Hits and NotScreened"
        )


@dataclass(frozen=True, slots=True)
class Clearance:
    """An officer's decision that a customer is not the listed one, for one list version only.

    `cleared_on` is the date of the decision. A new version of the list voids it, because what is
    known of the listed party may have changed.
    """

    customer_id: str
    version: ListVersion
    entity_id: str
    officer: str
    reason: str
    cleared_on: date

    def __post_init__(self) -> None:
        """Refuse a clearance without somebody responsible or without a reason.

        Raises:
            InvalidClearance: officer or reason is blank.
        """
        for field in ("officer", "reason"):
            if not getattr(self, field).strip():
                raise InvalidClearance(field, self.cleared_on)


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed entry that may be the customer, with the score, the threshold and the reasons."""

    version: ListVersion
    listed: Entity
    listed_name: str
    score: float
    threshold: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Hits(_NoTruthValue):
    """The customer may be listed: at least one hit that nobody has cleared; best first."""

    customer_id: str
    hits: tuple[Hit, ...]
    cleared: tuple[tuple[Hit, Clearance], ...]
    lists: tuple[ListVersion, ...]


@dataclass(frozen=True, slots=True)
class Clear(_NoTruthValue):
    """The customer was compared with all required lists and none matches, or all were cleared."""

    customer_id: str
    cleared: tuple[tuple[Hit, Clearance], ...]
    lists: tuple[ListVersion, ...]


@dataclass(frozen=True, slots=True)
class NotScreened(_NoTruthValue):
    """No statement about the customer: screening failed. Run it again when the cause is gone."""

    customer_id: str
    reason: str
    missing_lists: tuple[str, ...]


Screening = Hits | Clear | NotScreened
