"""What can be wrong with a name, a record or a list; every error carries the values it is about."""

from dataclasses import dataclass
from datetime import date


class ScreeningError(Exception):
    """The root of everything screening refuses."""


@dataclass
class InvalidName(ScreeningError):
    """A name that cannot be analysed: empty, too long or not text."""

    reason: str
    excerpt: str

    def __str__(self) -> str:
        return f"name {self.excerpt!r} cannot be screened: {self.reason}"


@dataclass
class InvalidEntry(ScreeningError):
    """A field of an entry or customer that is not what its kind demands."""

    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field} is {self.value!r}: expected {self.expected}"


@dataclass
class UnreadableList(ScreeningError):
    """A list file that is not in the form it claims; nothing of it was loaded."""

    source: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}, line {self.line}"
        return f"{where}: {self.reason}; nothing was loaded"


@dataclass
class ListShrank(ScreeningError):
    """A new snapshot that lost so many entries that somebody must confirm it."""

    list_id: str
    before: int
    after: int
    share_max: float

    def __str__(self) -> str:
        return (
            f"list {self.list_id} shrank from {self.before} to {self.after} entries, more than "
            f"{self.share_max:.0%}: confirm the new snapshot if this is intended"
        )


@dataclass
class WrongList(ScreeningError):
    """Two snapshots that do not belong to the same list."""

    list_id: str
    other_id: str

    def __str__(self) -> str:
        return f"snapshot of list {self.other_id} given where one of {self.list_id} was expected"


@dataclass
class InvalidClearance(ScreeningError):
    """A clearance that names no officer or no reason."""

    field: str
    cleared_on: date

    def __str__(self) -> str:
        return f"clearance of {self.cleared_on.isoformat()} has no {self.field}"


@dataclass
class InvalidCustomers(ScreeningError):
    """A customer file that cannot be screened as a whole; nothing of it was screened."""

    source: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}, line {self.line}"
        return f"{where}: {self.reason}; nothing was screened"
