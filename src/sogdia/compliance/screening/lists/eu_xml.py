"""The consolidated financial sanctions list of the European Union, in its XML form (FSD 1.1).

Namespace http://eu.europa.ec/fpi/fsd/export, root `export`, one `sanctionEntity` a record.
"""

from datetime import date
from xml.etree.ElementTree import Element

from sogdia.compliance.screening.entity import Entity, Kind
from sogdia.compliance.screening.lists.record import Record
from sogdia.compliance.screening.lists.snapshot import (
    ListVersion,
    Problem,
    Snapshot,
    build_snapshot,
    digest_of,
)
from sogdia.compliance.screening.lists.xml_records import children, read_records

LIST_ID = "eu-fsf"
_UNKNOWN_COUNTRIES = ("00", "UNKNOWN", "")


def load_eu_xml(content: bytes, *, source: str, taken_on: date, list_id: str = LIST_ID) -> Snapshot:
    """Load the EU consolidated list.

    Raises:
        UnreadableList: the XML is broken, forbidden, or of another root.
    """
    problems: list[Problem] = []
    found: list[tuple[int, Entity]] = []
    records = read_records(content, source, root="export", records=frozenset(("sanctionEntity",)))
    for line, element in records:
        key = element.get("euReferenceNumber") or element.get("logicalId") or ""
        entity = _read(element, Record(source, line, key, problems))
        if entity is not None:
            found.append((line, entity))
    version = ListVersion(list_id, digest_of(content), taken_on)
    return build_snapshot(version, found, problems, source)


def _read(element: Element, record: Record) -> Entity | None:
    subjects = {s.get("code") for s in children(element, "subjectType")}
    record.kind = Kind.PERSON if "person" in subjects else Kind.ORGANISATION
    for alias in children(element, "nameAlias"):
        whole = alias.get("wholeName") or " ".join(
            alias.get(part) or "" for part in ("firstName", "middleName", "lastName")
        )
        record.add_name(whole)
        if alias.get("gender"):
            record.add_gender(alias.get("gender") or "")
    for citizenship in children(element, "citizenship"):
        _add_country(record, citizenship)
    for born in children(element, "birthdate"):
        record.add_birth_date(_birth_date(born))
        _add_country(record, born)
    for document in children(element, "identification"):
        record.add_identifier(
            document.get("number") or document.get("latinNumber") or "",
            hint=f"{document.get('identificationTypeCode')} "
            f"{document.get('identificationTypeDescription')}",
            country=(document.get("countryIso2Code") or "").replace("00", ""),
        )
    for regulation in children(element, "regulation"):
        programme = regulation.get("programme")
        if programme:
            record.programmes[programme] = None
    return record.entity()


def _add_country(record: Record, element: Element) -> None:
    code = element.get("countryIso2Code") or ""
    if code not in _UNKNOWN_COUNTRIES:
        record.add_country(code)


def _birth_date(born: Element) -> str:
    first, last = born.get("yearRangeFrom"), born.get("yearRangeTo")
    if first and last:
        return f"{first} to {last}"
    return born.get("birthdate") or born.get("year") or ""
