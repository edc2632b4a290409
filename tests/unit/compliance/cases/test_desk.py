"""The desk: alerts become cases, four eyes close them, nobody acts beyond its role."""

import threading

import pytest
from tests.unit.compliance.cases.office import Office, alert

from sogdia.compliance.cases.alerts import Alert
from sogdia.compliance.cases.case import CaseStatus, Outcome, Role
from sogdia.compliance.cases.desk import FILE_BYTES_MAX, Order
from sogdia.compliance.cases.errors import (
    CaseRefused,
    InvalidAlert,
    NotPermitted,
    SecondPairOfEyes,
    UnknownCase,
    UnknownOfficer,
    WrongStatus,
)


def test_a_case_is_closed_by_two_officers(office: Office) -> None:
    """The whole path, with the history it leaves."""
    case = office.case()
    office.desk.assign(Order(case, "aidar"), "olga")
    office.desk.note(Order(case, "olga"), "Дата рождения не совпадает.")
    office.desk.propose_closing(Order(case, "olga"), Outcome.FALSE_POSITIVE, "another person")
    closing = office.desk.case(case, "wei")
    assert (closing.status, closing.assigned_to) == (CaseStatus.CLOSING, "olga")
    office.desk.confirm_closing(Order(case, "wei"))
    closed = office.desk.case(case, "wei")
    assert closed.status is CaseStatus.CLOSED
    assert closed.outcome is Outcome.FALSE_POSITIVE
    assert closed.closed_by == ("olga", "wei")
    kinds = [event.kind for event in office.desk.history(case, "wei")]
    assert kinds == ["opened", "assigned", "note", "proposed", "closed"]
    office.desk.verify()


def test_the_proposer_cannot_confirm(office: Office) -> None:
    """H2, under any spelling of the name."""
    case = office.case()
    office.desk.propose_closing(Order(case, "olga"), Outcome.NO_SUSPICION, "checked")
    for name in ("olga", "OLGA", "Ｏｌｇａ", " olga ", "ol\u200bga"):
        with pytest.raises(SecondPairOfEyes):
            office.desk.confirm_closing(Order(case, name))
    assert office.desk.case(case, "wei").status is CaseStatus.CLOSING


def test_a_head_cannot_confirm_through_somebody_it_enrolled(office: Office) -> None:
    """H2: otherwise a second name of one's own would be a second pair of eyes."""
    case = office.case()
    office.desk.enrol("boris", Role.HEAD, "hana")
    office.desk.propose_closing(Order(case, "boris"), Outcome.NO_SUSPICION, "checked")
    office.desk.enrol("puppet", Role.HEAD, "boris")
    office.desk.enrol("puppet2", Role.OFFICER, "puppet")
    for name in ("puppet", "puppet2"):
        with pytest.raises(SecondPairOfEyes, match="enrolled by boris"):
            office.desk.confirm_closing(Order(case, name))
    office.desk.confirm_closing(Order(case, "wei"))


def test_a_declined_closing_opens_the_case_again(office: Office) -> None:
    """And a closed case can be reopened, with a reason."""
    case = office.case()
    order = Order(case, "olga")
    office.desk.propose_closing(order, Outcome.NO_SUSPICION, "checked")
    office.desk.decline_closing(Order(case, "wei"), "look at the wallet too")
    with pytest.raises(WrongStatus):
        office.desk.confirm_closing(Order(case, "wei"))
    office.desk.propose_closing(order, Outcome.REPORTED, "STR 2026-118")
    office.desk.confirm_closing(Order(case, "wei"))
    with pytest.raises(WrongStatus):
        office.desk.note(order, "too late")
    office.desk.reopen(Order(case, "wei"), "new evidence")
    assert office.desk.case(case, "wei").status is CaseStatus.OPEN


def test_alerts_of_one_customer_share_an_open_case(office: Office) -> None:
    """The same alert counts once; after closing a new alert opens a new case."""
    first = office.case()
    assert office.desk.take_alert(alert(), "aidar") == first
    assert office.desk.take_alert(alert(reason="wallet match"), "aidar") == first
    assert len(office.desk.case(first, "wei").alerts) == 2
    assert office.case("C-2") != first
    office.desk.propose_closing(Order(first, "olga"), Outcome.NO_SUSPICION, "checked")
    office.desk.confirm_closing(Order(first, "wei"))
    assert office.desk.take_alert(alert(), "aidar") == first  # known, decided, no new case
    assert office.desk.take_alert(alert(reason="third"), "aidar") != first
    assert len(office.desk.cases("wei")) == 3
    assert len(office.desk.cases("wei", CaseStatus.CLOSED)) == 1


def test_several_alerts_are_taken_all_or_none(office: Office) -> None:
    """A bad one in the middle leaves nothing behind."""
    bad = Alert(subject="", source="s", reason="r")
    with pytest.raises(InvalidAlert):
        office.desk.take_alerts([alert("A"), bad, alert("B")], "aidar")
    assert office.desk.cases("wei") == []


def test_roles_bound_what_officers_do(office: Office) -> None:
    """Analysts do not close, officers do not enrol, strangers do nothing."""
    case = office.case()
    with pytest.raises(NotPermitted):
        office.desk.propose_closing(Order(case, "aidar"), Outcome.NO_SUSPICION, "x")
    with pytest.raises(NotPermitted):
        office.desk.enrol("friend", Role.HEAD, "olga")
    with pytest.raises(UnknownOfficer):
        office.desk.note(Order(case, "stranger"), "hello")
    with pytest.raises(UnknownOfficer):
        office.desk.case(case, "stranger")
    office.desk.remove("olga", "hana")
    with pytest.raises(UnknownOfficer):
        office.desk.note(Order(case, "olga"), "still here")
    with pytest.raises(CaseRefused, match="last head"):
        office.desk.remove("hana", "hana")


def test_only_an_empty_desk_lets_somebody_enrol_itself(office: Office) -> None:
    """The way in is open once."""
    with pytest.raises(UnknownOfficer):
        office.desk.enrol("mallory", Role.HEAD, "mallory")
    with pytest.raises(CaseRefused, match="already"):
        office.desk.enrol("Olga", Role.HEAD, "hana")


def test_what_does_not_exist_is_said_so(office: Office) -> None:
    """The officers' own stream is no case either."""
    for case in ("no-such-case", "officers", "", "' OR 1=1 --"):
        with pytest.raises(UnknownCase):
            office.desk.note(Order(case, "olga"), "x")


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001, "\ud800"])
def test_texts_that_cannot_be_kept_are_refused(office: Office, text: str) -> None:
    """Empty, ten pages and one character, half a character."""
    case = office.case()
    with pytest.raises(CaseRefused):
        office.desk.note(Order(case, "olga"), text)


@pytest.mark.parametrize("value", [0.5, b"x", {1: 2}, {"ключ": 1}, "x" * 300_000, "\ud800"])
def test_evidence_that_json_cannot_hold_exactly_is_refused(value: object) -> None:
    """A fraction would read differently elsewhere, and the digest with it."""
    with pytest.raises(InvalidAlert):
        Alert(subject="C", source="s", reason="r", evidence={"v": value}).as_body()


def test_files_are_kept_under_their_digest(office: Office) -> None:
    """Twice the same content is kept once; too much is refused."""
    case = office.case()
    office.desk.attach(Order(case, "olga"), "passport.pdf", b"%PDF")
    event = office.desk.attach(Order(case, "olga"), "copy.pdf", b"%PDF")
    assert event.body is not None
    assert office.desk.file(event.body["sha256"]) == b"%PDF"
    assert office.desk.file("0" * 64) is None
    with pytest.raises(CaseRefused, match="at most"):
        office.desk.attach(Order(case, "olga"), "big", bytes(FILE_BYTES_MAX + 1))


def test_two_officers_at_the_same_moment_act_one_after_the_other(office: Office) -> None:
    """Eight threads, two desks: every note is kept, the chain has no gap, one confirmation wins."""
    case = office.case()
    failures: list[Exception] = []

    def write(number: int) -> None:
        desk = office.another_desk()
        try:
            for index in range(5):
                desk.note(Order(case, "olga"), f"{number}.{index}")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    events = office.desk.history(case, "olga")
    assert [event.sequence for event in events] == list(range(1, 42))
    office.desk.verify()


def test_a_second_confirmation_finds_the_case_closed(office: Office) -> None:
    """Two officers confirm at once: one does, the other is told."""
    case = office.case()
    office.desk.propose_closing(Order(case, "olga"), Outcome.NO_SUSPICION, "checked")
    results: list[str] = []

    def confirm(name: str) -> None:
        try:
            office.another_desk().confirm_closing(Order(case, name))
            results.append("closed")
        except WrongStatus:
            results.append("late")

    threads = [threading.Thread(target=confirm, args=(name,)) for name in ("wei", "hana")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # hana enrolled both, but proposed nothing herself: she may confirm as well
    assert sorted(results) == ["closed", "late"]
