"""H1: the history cannot be rewritten unnoticed, by programs or by the database's owner."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError
from tests.unit.compliance.cases.office import Office

from sogdia.compliance.cases.case import Outcome
from sogdia.compliance.cases.desk import Order
from sogdia.compliance.cases.errors import CaseRefused, TamperedHistory, WrongStatus
from sogdia.compliance.cases.events import Event, event_digest_of
from sogdia.compliance.database import writing


def filled(office: Office) -> str:
    """Return a case with some history; other cases lie around it."""
    office.case("before")
    case = office.case()
    office.desk.note(Order(case, "olga"), "first")
    office.desk.note(Order(case, "olga"), "second")
    office.case("after")
    return case


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_events SET actor = 'nobody' WHERE position = 6",
        "DELETE FROM case_events WHERE position = 6",
        "UPDATE case_bodies SET body = '{}' WHERE position = 6",
        "DELETE FROM case_bodies WHERE position = 6",
        "DELETE FROM case_bodies",
    ],
)
def test_the_database_itself_refuses_to_rewrite(office: Office, statement: str) -> None:
    """Triggers stop a program that goes around the library."""
    filled(office)
    with pytest.raises(DatabaseError, match="append-only"), writing(office.engine) as connection:
        connection.execute(sa.text(statement))
    office.desk.verify()


def test_postgresql_refuses_to_truncate(office: Office) -> None:
    """TRUNCATE goes around row triggers, so it has its own."""
    if office.engine.dialect.name != "postgresql":
        with pytest.raises(DatabaseError), writing(office.engine) as connection:
            connection.execute(sa.text("TRUNCATE case_events"))  # SQLite knows no such statement
        return
    filled(office)
    with pytest.raises(DatabaseError, match="append-only"), writing(office.engine) as connection:
        connection.execute(sa.text("TRUNCATE case_events"))


def as_owner(engine: Engine, change: Callable[[Connection], object]) -> None:
    """Do what somebody with the database's own powers can: without the triggers."""
    tables = ("case_events", "case_bodies")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            for table in tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        else:
            rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'")
            for (name,) in rows.fetchall():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        change(connection)


def _sql(statement: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(sa.text(statement))


def swap(connection: Connection) -> None:
    """Swap two events of the log."""
    for old, new in ((6, -1), (7, 6), (-1, 7)):
        connection.execute(
            sa.text(f"UPDATE case_events SET position = {new} WHERE position = {old}")
        )


@pytest.mark.parametrize(
    ("change", "position", "words"),
    [
        (_sql("UPDATE case_events SET actor='wei' WHERE position=7"), 7, "content differs"),
        (_sql("UPDATE case_events SET at_us=at_us+1 WHERE position=7"), 7, "content differs"),
        (_sql("UPDATE case_events SET kind='closed' WHERE position=7"), 7, "content differs"),
        (_sql('UPDATE case_bodies SET body=\'{"text":"x"}\' WHERE position=7'), 7, "body differs"),
        (_sql("DELETE FROM case_bodies WHERE position=7"), 7, "body is gone"),
        (_sql("DELETE FROM case_events WHERE position=7"), 7, "missing"),
        (_sql("DELETE FROM case_events WHERE position>=8"), 7, "head"),
        (swap, 6, "follow"),
    ],
)
def test_what_the_owner_changes_is_found_at_its_position(
    office: Office, change: Callable[[Connection], object], position: int, words: str
) -> None:
    """A changed, removed, moved or cut event, and a changed or removed body."""
    filled(office)
    office.desk.verify()
    as_owner(office.engine, change)
    with pytest.raises(TamperedHistory, match=words) as caught:
        office.desk.verify()
    assert caught.value.position == position


def rewrite_all(office: Office) -> None:
    """Recompute every digest after changing one event: the cleverest owner."""

    def change(connection: Connection) -> None:
        rows = connection.execute(sa.text("SELECT * FROM case_events ORDER BY position")).all()
        previous, in_case = "0" * 64, {}
        for row in rows:
            actor = "wei" if row.position == 7 else row.actor
            event = Event(
                row.position, row.case_id, row.sequence, row.at_us, actor, row.kind, row.erases,
                row.body_digest, previous, in_case.get(row.case_id, "0" * 64), "", None, None,
            )  # fmt: skip
            digest = event_digest_of(event)
            connection.execute(
                sa.text(
                    "UPDATE case_events SET actor=:a, previous=:p, previous_in_case=:c, digest=:d"
                    " WHERE position=:n"
                ),
                {
                    "a": actor,
                    "p": previous,
                    "c": event.previous_in_case,
                    "d": digest,
                    "n": row.position,
                },
            )
            previous = in_case[row.case_id] = digest
        connection.execute(sa.text("UPDATE case_head SET digest=:d"), {"d": previous})

    as_owner(office.engine, change)


def test_a_whole_rewritten_log_is_found_by_a_checkpoint_kept_elsewhere(office: Office) -> None:
    """Alone, the rewritten log is consistent; that is why checkpoints leave the house."""
    filled(office)
    checkpoint = office.desk.checkpoint()
    office.case("later")
    office.desk.verify(checkpoint)
    rewrite_all(office)
    office.desk.verify()
    with pytest.raises(TamperedHistory, match="checkpoint"):
        office.desk.verify(checkpoint)


def test_a_checkpoint_beyond_the_end_shows_a_cut_log(office: Office) -> None:
    """Restoring last week's backup is a rewrite as well."""
    filled(office)
    checkpoint = office.desk.checkpoint()

    def cut(connection: Connection) -> None:
        connection.execute(sa.text("DELETE FROM case_events WHERE position >= 8"))
        connection.execute(sa.text("DELETE FROM case_bodies WHERE position >= 8"))
        last = "(SELECT digest FROM case_events WHERE position = 7)"
        connection.execute(sa.text(f"UPDATE case_head SET position = 7, digest = {last}"))

    as_owner(office.engine, cut)
    office.desk.verify()
    with pytest.raises(TamperedHistory, match="beyond the end"):
        office.desk.verify(checkpoint)


def test_personal_data_can_be_erased_when_the_time_is_over_and_the_chain_holds(
    office: Office,
) -> None:
    """Five years after closing, by a head, with a reason; the digests stay."""
    case = filled(office)
    office.desk.attach(Order(case, "olga"), "passport.pdf", b"%PDF")
    with pytest.raises(WrongStatus):
        office.desk.erase(Order(case, "hana"), 2, "request of the customer")
    office.desk.propose_closing(Order(case, "olga"), Outcome.NO_SUSPICION, "checked")
    office.desk.confirm_closing(Order(case, "wei"))
    with pytest.raises(CaseRefused, match="kept for 1830 days"):
        office.desk.erase(Order(case, "hana"), 2, "request of the customer")
    office.advance(days=1831)
    with pytest.raises(CaseRefused, match="not one of"):
        office.desk.erase(Order(case, "hana"), 5, "a proposal is not personal data")
    digest = str((office.desk.history(case, "wei")[3].body or {})["sha256"])
    for sequence in (1, 2, 4):
        office.desk.erase(Order(case, "hana"), sequence, "retention is over")
    events = office.desk.history(case, "wei")
    assert [event.body is None for event in events[:4]] == [True, True, False, True]
    assert office.desk.file(digest) is None
    assert office.desk.case(case, "wei").subject == "(erased)"
    office.desk.verify()


def test_a_retention_below_the_law_is_refused(office: Office) -> None:
    """FATF Recommendation 11: five years at least."""
    import datetime

    from sogdia.compliance.cases.desk import Desk

    with pytest.raises(ValueError, match=r"R\.11"):
        Desk(office.engine, lambda: office.now, bytes, datetime.timedelta(days=365))
