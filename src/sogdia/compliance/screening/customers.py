"""Customer files: CSV in, one row a customer.

C1  Every row of the file has an answer: a row that cannot be read is not screened, with the
    reason, and never left out.
C2  A file without the needed columns, or that is not text, is refused before anything is done.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sogdia.compliance.screening.entity import BirthDate, Entity, Gender, Kind, parse_birth_date
from sogdia.compliance.screening.errors import InvalidCustomers, InvalidEntry
from sogdia.compliance.screening.identifiers import Identifier, build_identifier
from sogdia.compliance.screening.tables.countries import country_code


class CsvReader(Protocol):
    """What `csv.reader` returns; the standard library does not name the type."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the rows."""
        ...


REQUIRED_COLUMNS = ("id", "name")
OPTIONAL_COLUMNS = ("kind", "aliases", "birth_date", "country", "gender", "identifiers")
FIELD_CHARS_MAX = 64 * 1024  # a field beyond this is a broken quotation, not a name


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A row with its line: either a customer, or the reason why there is none."""

    line: int
    customer_id: str
    name: str
    customer: Entity | None
    problem: str


def read_customers(content: bytes, source: str) -> Iterator[CustomerRow]:
    """Return the customers of a CSV file with a header; columns may be in any order.

    `aliases`, `country` and `identifiers` hold several values divided by `|`; an identifier may be
    written `inn:7707083893`. `kind` is person (the default) or organisation.

    Raises:
        InvalidCustomers: the bytes are not UTF-8, or a needed column is missing or unknown.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidCustomers(source, line, "the bytes are not UTF-8") from None
    if "\0" in text:
        raise InvalidCustomers(source, text[: text.index("\0")].count("\n") + 1, "a NUL character")
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [column.strip().lower() for column in next(reader, [])]
    missing = [column for column in REQUIRED_COLUMNS if column not in header]
    unknown = [c for c in header if c not in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)]
    if missing or len(set(header)) != len(header):
        what = f"column {', '.join(missing)} is missing" if missing else "a column is repeated"
        raise InvalidCustomers(source, 1, f"{what}; the header is {','.join(header)!r}")
    if unknown:
        known = ", ".join((*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS))
        raise InvalidCustomers(source, 1, f"unknown column {', '.join(unknown)}; known: {known}")
    return _rows(reader, header, source)


def _rows(reader: CsvReader, header: list[str], source: str) -> Iterator[CustomerRow]:
    previous = 1
    try:
        for row in reader:
            line, previous = previous + 1, reader.line_num
            if not row:
                continue
            if len(row) != len(header):
                problem = f"{len(row)} columns where the header has {len(header)}"
                yield CustomerRow(line, row[0][:80], "", None, problem)
                continue
            yield _row(dict(zip(header, row, strict=True)), line)
    except csv.Error as error:
        raise InvalidCustomers(source, reader.line_num, f"broken CSV: {error}") from None


def _row(fields: dict[str, str], line: int) -> CustomerRow:
    key, name = fields["id"].strip(), fields["name"].strip()
    try:
        long = next((c for c, v in fields.items() if len(v) > FIELD_CHARS_MAX), None)
        if long is not None:
            size = f"{len(fields[long])} characters"
            raise InvalidEntry(long, size, f"at most {FIELD_CHARS_MAX} characters")
        customer = Entity(
            key,
            _kind(fields.get("kind", "")),
            (name, *_several(fields.get("aliases", ""))),
            _birth_dates(fields.get("birth_date", "")),
            frozenset(map(_country, _several(fields.get("country", "")))),
            _gender(fields.get("gender", "")),
            frozenset(_identifiers(fields.get("identifiers", ""))),
        )
    except InvalidEntry as error:
        return CustomerRow(line, key[:80], name[:80], None, str(error))
    return CustomerRow(line, key, name, customer, "")


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _kind(text: str) -> Kind:
    plain = text.strip().lower() or "person"
    if plain not in (Kind.PERSON, Kind.ORGANISATION, Kind.OTHER):
        raise InvalidEntry("kind", text, "person, organisation or other")
    return Kind(plain)


def _birth_dates(text: str) -> tuple[BirthDate, ...]:
    return tuple(parse_birth_date(part) for part in _several(text))


def _country(text: str) -> str:
    code = country_code(text)
    if code is None:
        raise InvalidEntry("country", text, "an ISO 3166 code or an English name")
    return code


def _gender(text: str) -> Gender | None:
    plain = text.strip().lower()
    if not plain:
        return None
    genders = {"m": Gender.MALE, "male": Gender.MALE, "f": Gender.FEMALE, "female": Gender.FEMALE}
    if plain not in genders:
        raise InvalidEntry("gender", text, "male or female")
    return genders[plain]


def _identifiers(text: str) -> list[Identifier]:
    found = []
    for part in _several(text):
        hint, _, value = part.rpartition(":")
        identifier = build_identifier(value, hint=hint)
        if identifier is None:
            raise InvalidEntry("identifier", part, "at least five letters or digits")
        found.append(identifier)
    return found
