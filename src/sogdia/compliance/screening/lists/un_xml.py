"""The consolidated list of the United Nations Security Council, in its XML form.

Schema: https://www.un.org/sc/resources/sc-sanctions.xsd, root CONSOLIDATED_LIST.
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
from sogdia.compliance.screening.lists.xml_records import child_text, children, read_records

LIST_ID = "un-consolidated"
_NAME_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def load_un_xml(content: bytes, *, source: str, taken_on: date, list_id: str = LIST_ID) -> Snapshot:
    """Load the UN consolidated list.

    Raises:
        UnreadableList: the XML is broken, forbidden, or of another root.
    """
    problems: list[Problem] = []
    found: list[tuple[int, Entity]] = []
    records = read_records(
        content, source, root="CONSOLIDATED_LIST", records=frozenset(("INDIVIDUAL", "ENTITY"))
    )
    for line, element in records:
        entity = _read(element, Record(source, line, child_text(element, "DATAID"), problems))
        if entity is not None:
            found.append((line, entity))
    version = ListVersion(list_id, digest_of(content), taken_on)
    return build_snapshot(version, found, problems, source)


def _read(element: Element, record: Record) -> Entity | None:
    person = element.tag.endswith("INDIVIDUAL")
    record.kind = Kind.PERSON if person else Kind.ORGANISATION
    record.add_name(" ".join(child_text(element, part) for part in _NAME_PARTS))
    record.add_name(child_text(element, "NAME_ORIGINAL_SCRIPT"))
    prefix = "INDIVIDUAL" if person else "ENTITY"
    for alias in children(element, f"{prefix}_ALIAS"):
        for name in child_text(alias, "ALIAS_NAME").split(";"):
            record.add_name(name)
    record.add_gender(child_text(element, "GENDER"))
    for nationality in children(element, "NATIONALITY"):
        for value in children(nationality, "VALUE"):
            record.add_country(value.text or "")
    for born in children(element, "INDIVIDUAL_DATE_OF_BIRTH"):
        record.add_birth_date(_birth_date(born))
    for document in children(element, "INDIVIDUAL_DOCUMENT"):
        country = child_text(document, "ISSUING_COUNTRY") or child_text(
            document, "COUNTRY_OF_ISSUE"
        )
        record.add_identifier(
            child_text(document, "NUMBER"),
            hint=child_text(document, "TYPE_OF_DOCUMENT"),
            country=country,
        )
    programme = child_text(element, "UN_LIST_TYPE")
    reference = child_text(element, "REFERENCE_NUMBER")
    if programme:
        record.programmes[f"{programme} {reference}".strip()] = None
    return record.entity()


def _birth_date(born: Element) -> str:
    full, year = child_text(born, "DATE"), child_text(born, "YEAR")
    first, last = child_text(born, "FROM_YEAR"), child_text(born, "TO_YEAR")
    if first and last:
        return f"{first} to {last}"
    return full or year
