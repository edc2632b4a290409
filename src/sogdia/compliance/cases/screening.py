"""Between the screening's table and the desk: hits become alerts, decisions become clearances.

The table is what `sogdia screen` writes, one row a hit. A customer who was not screened becomes an
alert as well: nobody looked, which is not the same as nobody found.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from sogdia.compliance.cases.alerts import Alert
from sogdia.compliance.cases.case import Case, CaseStatus, Outcome
from sogdia.compliance.cases.errors import InvalidAlert

SOURCE = "screening"
NEEDED_COLUMNS = (
    "customer_id",
    "name",
    "status",
    "list",
    "list_digest",
    "entry_id",
    "listed_name",
    "score",
    "threshold",
    "reasons",
)
CLEARANCE_COLUMNS = (
    "customer_id",
    "list_id",
    "list_digest",
    "entry_id",
    "officer",
    "reason",
    "cleared_on",
)


@dataclass(frozen=True, slots=True)
class ClearanceRow:
    """An officer's decision, as `sogdia screen --clearances` reads it; dates are ISO 8601."""

    customer_id: str
    list_id: str
    list_digest: str
    entry_id: str
    officer: str
    reason: str
    cleared_on: str


def read_screening(lines: Iterator[str], name: str) -> list[Alert]:
    """Return an alert for every hit and for every customer who was not screened.

    Raises:
        InvalidAlert: with `name`, the line and the reason; nothing is then used.
    """
    reader = csv.DictReader(lines)
    missing = [column for column in NEEDED_COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InvalidAlert(f"{name}:1: the column {missing[0]} is missing")
    alerts = []
    try:
        for row in reader:
            alert = _read_row(row)
            if alert is not None:
                alert.as_body()
                alerts.append(alert)
    except (csv.Error, ValueError) as error:
        raise InvalidAlert(f"{name}:{reader.line_num}: {error}") from None
    return alerts


def _read_row(row: dict[str, str]) -> Alert | None:
    customer, status = row["customer_id"], row["status"]
    match status:
        case "clear":
            return None
        case "hit":
            reason = f"{row['name']} may be {row['listed_name']} of the list {row['list']}"
        case "not-screened":
            reason = f"{row['name']} was not screened: {row['reasons']}"
        case _:
            raise InvalidAlert(f"the status {status!r} is none of clear, hit, not-screened")
    evidence = {column: row[column] for column in NEEDED_COLUMNS[1:]}
    return Alert(subject=customer, source=SOURCE, reason=reason, evidence=evidence)


def clearances_of(case: Case, cleared_on: str) -> list[ClearanceRow]:
    """Return what a case that was closed as a false positive clears: its hits, list by list.

    `cleared_on` is the day of closing. Every other outcome clears nothing.
    """
    if case.status is not CaseStatus.CLOSED or case.outcome is not Outcome.FALSE_POSITIVE:
        return []
    assert case.closed_by is not None, "a closed case says who closed it"
    assert case.proposal is not None, "a closed case was proposed"
    rows = []
    for alert in case.alerts:
        evidence = alert.get("evidence", {})
        if alert.get("source") != SOURCE or evidence.get("status") != "hit":
            continue
        rows.append(
            ClearanceRow(
                customer_id=case.subject,
                list_id=evidence["list"],
                list_digest=evidence["list_digest"],
                entry_id=evidence["entry_id"],
                officer=" and ".join(case.closed_by),
                reason=case.proposal.reason,
                cleared_on=cleared_on,
            )
        )
    return rows
