"""The SDN list of the US Treasury (OFAC) in its CSV form: sdn.csv, alt.csv and add.csv.

Columns: https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas;
`-0-` stands for nothing, and the file ends with a DOS end-of-file mark.
"""

import csv
import io
import re
from datetime import date

from sogdia.compliance.screening.entity import Kind
from sogdia.compliance.screening.errors import UnreadableList
from sogdia.compliance.screening.lists.record import Record
from sogdia.compliance.screening.lists.snapshot import (
    ListVersion,
    Problem,
    Snapshot,
    build_snapshot,
    digest_of,
)

LIST_ID = "ofac-sdn"
_SDN_COLUMNS, _ALT_COLUMNS, _ADD_COLUMNS = 12, 5, 6
_QUOTED_ALIAS = re.compile(r"[af]\.k\.a\. '([^']+)'", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"^(?:alt\. )?(Passport|National ID No\.|Identification Number|Tax ID No\.|Registration "
    r"Number|Registration ID|SWIFT/BIC|Vessel Registration Identification|Legal Entity Number|"
    r"Unified Social Credit Code \(USCC\)|Government Gazette Number|Personal ID Card|Cedula No\.|"
    r"Company Number|Business Number|BIK \(RU\))\s+(.+?)(?:\s+\(([^()]+)\))?(?:\s+issued.*)?$"
)


def load_ofac_csv(
    sdn: bytes,
    *,
    source: str,
    taken_on: date,
    alt: bytes = b"",
    add: bytes = b"",
    list_id: str = LIST_ID,
) -> Snapshot:
    """Load the SDN list; `alt` holds further names, `add` addresses, and both may be empty.

    Raises:
        UnreadableList: the text is not in a known encoding or a quotation is never closed.
    """
    problems: list[Problem] = []
    records: dict[str, Record] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(sdn, source, _SDN_COLUMNS, problems):
        if row[0] in records:
            problems.append(
                Problem(source, line, row[0], "the id was already used; kept the first")
            )
            continue
        record = records[row[0]] = Record(source, line, row[0], problems)
        lines[row[0]] = line
        _read(row, record)
    for line, row in _rows(alt, f"{source} (alt)", _ALT_COLUMNS, problems):
        _attach(records, row, line, f"{source} (alt)", problems)
    for line, row in _rows(add, f"{source} (add)", _ADD_COLUMNS, problems):
        country = row[4]
        if row[0] in records and country and records[row[0]].kind is not Kind.PERSON:
            records[row[0]].add_country(country)
        elif row[0] not in records:
            problems.append(Problem(f"{source} (add)", line, row[0], "no such entry in the list"))
    found = [(lines[key], e) for key, r in records.items() if (e := r.entity()) is not None]
    version = ListVersion(list_id, digest_of(sdn, alt, add), taken_on)
    return build_snapshot(version, found, problems, source)


def _rows(
    content: bytes, source: str, columns: int, problems: list[Problem]
) -> list[tuple[int, list[str]]]:
    """Return the rows with their lines; nulls become empty text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.rstrip("\x1a \r\n")
    if text.count('"') % 2:
        raise UnreadableList(source, text.count("\n") + 1, "a quotation mark is never closed")
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    rows = []
    previous = 0
    try:
        for row in reader:
            line, previous = previous + 1, reader.line_num
            if not row:
                continue
            if len(row) < columns or not row[0].strip().isdigit():
                reason = f"{len(row)} columns from {row[0][:20]!r}: expected {columns}, an id first"
                problems.append(Problem(source, line, row[0][:20], reason))
                continue
            rows.append((line, ["" if v.strip() == "-0-" else v.strip() for v in row]))
    except csv.Error as error:
        raise UnreadableList(source, reader.line_num, f"broken CSV: {error}") from None
    return rows


def _read(row: list[str], record: Record) -> None:
    kinds = {"individual": Kind.PERSON, "vessel": Kind.OTHER, "aircraft": Kind.OTHER}
    record.kind = kinds.get(row[2].lower(), Kind.ORGANISATION)
    record.add_name(row[1])
    for programme in re.split(r"[\]\[; ]+", row[3]):
        if programme:
            record.programmes[programme] = None
    remarks = row[11]
    for alias in _QUOTED_ALIAS.findall(remarks):
        record.add_name(alias)
    for remark in remarks.rstrip(".").split(";"):
        _read_remark(remark.strip(), record)


def _read_remark(remark: str, record: Record) -> None:
    lowered = remark.lower()
    for lead in ("dob ", "alt. dob "):
        if lowered.startswith(lead):
            record.add_birth_date(remark[len(lead) :])
            return
    for lead in ("nationality ", "citizen ", "alt. nationality ", "alt. citizen "):
        if lowered.startswith(lead):
            record.add_country(remark[len(lead) :])
            return
    if lowered.startswith("gender "):
        record.add_gender(remark[7:])
        return
    match = _DOCUMENT.match(remark)
    if match:
        record.add_identifier(match.group(2), hint=match.group(1), country=match.group(3) or "")


def _attach(
    records: dict[str, Record], row: list[str], line: int, source: str, problems: list[Problem]
) -> None:
    record = records.get(row[0])
    if record is None:
        problems.append(Problem(source, line, row[0], "no such entry in the list"))
    else:
        record.add_name(row[3])
