"""FollowTheMoney entities as JSON lines, the form in which OpenSanctions publishes its collections.

Source of the names of schemata and properties: followthemoney 4.x, schema/*.yaml.
"""

import json
from datetime import date
from typing import Any

from sogdia.compliance.screening.entity import Entity, Kind
from sogdia.compliance.screening.errors import UnreadableList
from sogdia.compliance.screening.lists.record import Record
from sogdia.compliance.screening.lists.snapshot import (
    ListVersion,
    Problem,
    Snapshot,
    build_snapshot,
    digest_of,
)

LIST_ID = "ftm"
_KINDS = {
    "Person": Kind.PERSON, "Organization": Kind.ORGANISATION, "Company": Kind.ORGANISATION,
    "LegalEntity": Kind.ORGANISATION, "PublicBody": Kind.ORGANISATION, "Vessel": Kind.OTHER,
    "Airplane": Kind.OTHER, "Asset": Kind.OTHER,
}  # fmt: skip
_NAMES = ("name", "alias", "previousName", "weakAlias")
_COUNTRIES = ("country", "nationality", "citizenship", "jurisdiction", "birthCountry", "flag")
_IDENTIFIERS = {
    "leiCode": "LEI", "innCode": "INN", "ogrnCode": "OGRN", "uscCode": "USCC", "bikCode": "",
    "swiftBic": "SWIFT", "imoNumber": "IMO", "passportNumber": "passport",
    "idNumber": "national id", "registrationNumber": "", "taxNumber": "tax id",
}  # fmt: skip


def load_ftm_json(
    content: bytes, *, source: str, taken_on: date, list_id: str = LIST_ID
) -> Snapshot:
    """Load a file of one FollowTheMoney entity a line.

    Raises:
        UnreadableList: the bytes are not UTF-8, or the last line is cut off.
    """
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableList(source, line, "the bytes are not UTF-8") from None
    problems: list[Problem] = []
    found: list[tuple[int, Entity]] = []
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        data = _parse(text, source, line, problems, last=line == len(lines))
        if data is not None:
            entity = _read(data, source, line, problems)
            if entity is not None:
                found.append((line, entity))
    version = ListVersion(list_id, digest_of(content), taken_on)
    return build_snapshot(version, found, problems, source)


def _parse(
    text: str, source: str, line: int, problems: list[Problem], *, last: bool
) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        if last:
            raise UnreadableList(source, line, f"the last line is cut off: {error}") from None
        problems.append(Problem(source, line, "?", f"not JSON: {error}"))
        return None
    if not isinstance(data, dict) or not isinstance(data.get("properties"), dict):
        problems.append(Problem(source, line, "?", "not an object with `properties`"))
        return None
    return data


def _values(properties: dict[str, Any], name: str) -> list[str]:
    values = properties.get(name, [])
    if isinstance(values, str):
        values = [values]
    return [v for v in values if isinstance(v, str)] if isinstance(values, list) else []


def _read(data: dict[str, Any], source: str, line: int, problems: list[Problem]) -> Entity | None:
    kind = _KINDS.get(str(data.get("schema")))
    if kind is None:
        return None  # relations, addresses, passports: edges of the graph, not parties
    record = Record(source, line, str(data.get("id") or ""), problems, kind=kind)
    properties = data["properties"]
    caption = data.get("caption")
    if isinstance(caption, str):
        record.add_name(caption)
    for prop in _NAMES:
        for name in _values(properties, prop):
            record.add_name(name)
    for value in _values(properties, "birthDate"):
        record.add_birth_date(value)
    for prop in _COUNTRIES:
        for value in _values(properties, prop):
            record.add_country(value)
    for value in _values(properties, "gender"):
        record.add_gender(value)
    for prop, hint in _IDENTIFIERS.items():
        for value in _values(properties, prop):
            record.add_identifier(value, hint=hint)
    for programme in _values(properties, "programId") + _values(properties, "topics"):
        record.programmes[programme] = None
    return record.entity()
