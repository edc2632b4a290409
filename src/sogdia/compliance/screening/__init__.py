"""Screen names against sanction lists, in every script and at any date of a list."""

from sogdia.compliance.screening.entity import BirthDate, Entity, Gender, Kind, parse_birth_date
from sogdia.compliance.screening.errors import ScreeningError
from sogdia.compliance.screening.identifiers import Identifier, Scheme, build_identifier
from sogdia.compliance.screening.lists.snapshot import (
    Delta,
    ListVersion,
    Snapshot,
    compute_delta,
    validate_successor,
)
from sogdia.compliance.screening.result import (
    Clear,
    Clearance,
    Hit,
    Hits,
    NotScreened,
    Screening,
)
from sogdia.compliance.screening.screener import Screener
from sogdia.compliance.screening.thresholds import Thresholds, parse_thresholds

__all__ = [
    "BirthDate",
    "Clear",
    "Clearance",
    "Delta",
    "Entity",
    "Gender",
    "Hit",
    "Hits",
    "Identifier",
    "Kind",
    "ListVersion",
    "NotScreened",
    "Scheme",
    "Screener",
    "Screening",
    "ScreeningError",
    "Snapshot",
    "Thresholds",
    "build_identifier",
    "compute_delta",
    "parse_birth_date",
    "parse_thresholds",
    "validate_successor",
]
