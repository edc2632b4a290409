"""Who is on a list, and who is asked about: names and the facts that tell namesakes apart."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from sogdia.compliance.screening.errors import InvalidEntry
from sogdia.compliance.screening.identifiers import Identifier

# 1850: the oldest birth year on a sanctions list is in the 1920s; a clear century of room.
YEAR_MIN, YEAR_MAX = 1850, 2100


class Kind(StrEnum):
    """What kind of thing an entity is; it decides how its name is read."""

    PERSON = "person"
    ORGANISATION = "organisation"
    OTHER = "other"  # vessels, aircraft: compared as organisations, without legal forms


class Gender(StrEnum):
    """Gender as lists record it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A date of birth as far as it is known. `year_last` is given for ranges (1955 to 1958)."""

    year: int
    month: int | None = None
    day: int | None = None
    year_last: int | None = None

    def __post_init__(self) -> None:
        """Refuse dates that cannot be.

        Raises:
            InvalidEntry: a part is out of range, or the day does not exist.
        """
        if not YEAR_MIN <= self.year <= YEAR_MAX:
            raise InvalidEntry("birth date", str(self.year), f"a year from {YEAR_MIN} on")
        if self.month is not None:
            try:
                date(self.year, self.month, self.day or 1)
            except ValueError:
                text = f"{self.year}-{self.month}-{self.day}"
                raise InvalidEntry("birth date", text, "a date of the calendar") from None

    def __str__(self) -> str:
        if self.year_last is not None:
            return f"{self.year} to {self.year_last}"
        parts = [f"{self.year:04d}"]
        parts += [f"{p:02d}" for p in (self.month, self.day) if p is not None]
        return "-".join(parts)


_ISO_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?$")
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_TEXT_DATE = re.compile(r"^(?:(\d{1,2}) )?(?:([A-Za-z]{3})[a-z]* )?(\d{4})$")
_RANGE = re.compile(
    r"^(?:between )?(?:\d{1,2} [a-z]{3} )?(\d{4})\s*(?:-|to|and)\s*(?:\d{1,2} [a-z]{3} )?(\d{4})$",
    re.IGNORECASE,
)


def parse_birth_date(text: str) -> BirthDate:
    """Read a date of birth: ISO 8601 whole or in part, `12 Mar 1964`, `circa 1964`, a range.

    Raises:
        InvalidEntry: the text is none of these.
    """
    plain = re.sub(r"^(?:circa|approximately|c\.|ca\.)\s*", "", text.strip(), flags=re.IGNORECASE)
    if match := _ISO_DATE.match(plain):
        year, month, day = (int(p) if p else None for p in match.groups())
        return BirthDate(year or 0, month or None, day or None)
    if match := _TEXT_DATE.match(plain):
        day_text, month_text, year_text = match.groups()
        month = _MONTHS.get((month_text or "").lower())
        if month_text and month is None:
            raise InvalidEntry("birth date", text, "a month name in English")
        return BirthDate(int(year_text), month, int(day_text) if day_text and month else None)
    if match := _RANGE.match(plain):
        first, last = int(match.group(1)), int(match.group(2))
        return BirthDate(first) if first == last else BirthDate(first, year_last=last)
    raise InvalidEntry("birth date", text, "YYYY, YYYY-MM, YYYY-MM-DD, or 12 Mar 1964")


@dataclass(frozen=True)
class Entity:
    """An entry of a list, or a customer. `names` has at least one, the primary name first.

    `countries` are ISO 3166-1 alpha-2 codes in lower case; `programmes` say why it is listed.
    """

    entity_id: str
    kind: Kind
    names: tuple[str, ...]
    birth_dates: tuple[BirthDate, ...] = ()
    countries: frozenset[str] = frozenset()
    gender: Gender | None = None
    identifiers: frozenset[Identifier] = frozenset()
    programmes: tuple[str, ...] = field(default=(), compare=True)

    def __post_init__(self) -> None:
        """Refuse an entity that cannot be screened at all.

        Raises:
            InvalidEntry: it has no id, or no name.
        """
        if not self.entity_id:
            raise InvalidEntry("id", "", "a text that is not empty")
        if not self.names or not all(name.strip() for name in self.names):
            raise InvalidEntry("names", repr(self.names), "at least one name, none of them blank")

    @cached_property
    def primary_name(self) -> str:
        """Return the name the list gives first."""
        return self.names[0]
