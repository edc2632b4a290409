"""Gather the fields of one record into an entity, noting what of it could not be used."""

from dataclasses import dataclass, field

from sogdia.compliance.screening.entity import (
    BirthDate,
    Entity,
    Gender,
    Kind,
    parse_birth_date,
)
from sogdia.compliance.screening.errors import InvalidEntry
from sogdia.compliance.screening.identifiers import Identifier, build_identifier
from sogdia.compliance.screening.lists.snapshot import Problem
from sogdia.compliance.screening.normalisation import NAME_LENGTH_MAX
from sogdia.compliance.screening.tables.countries import country_code

_GENDERS = {"male": Gender.MALE, "m": Gender.MALE, "female": Gender.FEMALE, "f": Gender.FEMALE}


@dataclass
class Record:
    """One record while it is read. Unusable fields become problems; the rest is kept."""

    source: str
    line: int
    entity_id: str
    problems: list[Problem]
    kind: Kind = Kind.ORGANISATION
    names: dict[str, None] = field(default_factory=dict)
    birth_dates: dict[BirthDate, None] = field(default_factory=dict)
    countries: set[str] = field(default_factory=set)
    gender: Gender | None = None
    identifiers: set[Identifier] = field(default_factory=set)
    programmes: dict[str, None] = field(default_factory=dict)

    def report(self, reason: str) -> None:
        """Note a problem of this record."""
        self.problems.append(Problem(self.source, self.line, self.entity_id, reason))

    def add_name(self, name: str) -> None:
        """Add a name unless it is blank; one that cannot be screened is a problem."""
        plain = " ".join(name.split())
        if not plain or not any(map(str.isalnum, plain)):
            return
        if len(plain) > NAME_LENGTH_MAX:
            self.report(f"name of {len(plain)} characters left out, the limit is {NAME_LENGTH_MAX}")
            return
        self.names[plain] = None

    def add_birth_date(self, text: str) -> None:
        """Add a date of birth; one that cannot be read is a problem."""
        if not text.strip():
            return
        try:
            self.birth_dates[parse_birth_date(text)] = None
        except InvalidEntry as error:
            self.report(str(error))

    def add_country(self, name: str) -> None:
        """Add a country by name or code; one that is not known is a problem."""
        if not name.strip():
            return
        code = country_code(name)
        if code is None:
            self.report(f"country {name!r} is not known: expected an ISO 3166 code or name")
        else:
            self.countries.add(code)

    def add_gender(self, text: str) -> None:
        """Set the gender; an unknown word is a problem, an empty one is nothing."""
        plain = text.strip().lower()
        if plain in _GENDERS:
            self.gender = _GENDERS[plain]
        elif plain and plain not in ("unknown", "not specified", "other"):
            self.report(f"gender {text!r} is not known: expected male or female")

    def add_identifier(self, value: str, *, hint: str = "", country: str = "") -> None:
        """Add a document's number; too short a number is nothing."""
        code = country_code(country) or "" if country else ""
        identifier = build_identifier(value, hint=hint, country=code)
        if identifier is not None:
            self.identifiers.add(identifier)

    def entity(self) -> Entity | None:
        """Return the entity, or `None` after a problem when the record has no id or name."""
        if not self.entity_id:
            self.report("the record has no id")
            return None
        if not self.names:
            self.report("the record has no usable name")
            return None
        return Entity(
            self.entity_id,
            self.kind,
            tuple(self.names),
            tuple(self.birth_dates),
            frozenset(self.countries),
            self.gender,
            frozenset(self.identifiers),
            tuple(self.programmes),
        )
