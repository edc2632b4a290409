"""Screening's table becomes alerts; a closed false positive becomes a clearance."""

import csv
import io

import pytest
from tests.unit.compliance.cases.office import Office

from sogdia.compliance.cases.case import Outcome
from sogdia.compliance.cases.desk import Order
from sogdia.compliance.cases.errors import InvalidAlert
from sogdia.compliance.cases.screening import NEEDED_COLUMNS, clearances_of, read_screening


def table(*rows: dict[str, str], columns: tuple[str, ...] = NEEDED_COLUMNS) -> list[str]:
    """Return the lines of a screening table."""
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict.fromkeys(columns, "") | row for row in rows)
    return file.getvalue().splitlines()


def row(status: str, **values: str) -> dict[str, str]:
    """Return a row about one customer."""
    return {
        "customer_id": "C-1",
        "name": "莊明宗",
        "status": status,
        "list": "UN",
        "list_digest": "aa",
        "entry_id": "QDi.1",
        "listed_name": "Chuang Ming-tsung",
        "score": "0.98",
    } | values


def test_hits_and_the_unscreened_become_alerts_and_the_clear_do_not() -> None:
    """Nobody looked is not the same as nobody found."""
    rows = [row("hit"), row("clear", customer_id="C-2"), row("not-screened", customer_id="C-3")]
    alerts = read_screening(iter(table(*rows)), "t.csv")
    assert [alert.subject for alert in alerts] == ["C-1", "C-3"]
    assert alerts[0].reason == "莊明宗 may be Chuang Ming-tsung of the list UN"
    assert "was not screened" in alerts[1].reason
    assert alerts[0].evidence["list_digest"] == "aa"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (table(row("maybe")), r"t\.csv:2: the status 'maybe'"),
        (table(row("hit"), row("hit", customer_id="")), r"t\.csv:3"),
        (table(row("hit"), columns=NEEDED_COLUMNS[:-1]), r"t\.csv:1: the column reasons"),
        ([], "the column customer_id is missing"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(lines: list[str], words: str) -> None:
    """File, line, reason."""
    with pytest.raises(InvalidAlert, match=words):
        read_screening(iter(lines), "t.csv")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_a_confirmed_false_positive_clears(office: Office, outcome: Outcome) -> None:
    """Two officers' decision, for this entry in this version of the list."""
    (alert,) = read_screening(iter(table(row("hit"))), "t.csv")
    case = office.desk.take_alert(alert, "aidar")
    assert clearances_of(office.desk.case(case, "wei"), "2026-11-21") == []
    office.desk.propose_closing(Order(case, "olga"), outcome, "born elsewhere")
    assert clearances_of(office.desk.case(case, "wei"), "2026-11-21") == []
    office.desk.confirm_closing(Order(case, "wei"))
    cleared = clearances_of(office.desk.case(case, "wei"), "2026-11-21")
    if outcome is not Outcome.FALSE_POSITIVE:
        assert cleared == []
        return
    (found,) = cleared
    assert (found.customer_id, found.list_digest, found.entry_id) == ("C-1", "aa", "QDi.1")
    assert (found.officer, found.reason) == ("olga and wei", "born elsewhere")
