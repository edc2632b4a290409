"""`sogdia case`: alerts, cases, closing with four eyes, and evidence."""

import csv
import datetime
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import click

from sogdia.cli.exits import Exit
from sogdia.compliance.cases.alerts import read_alerts
from sogdia.compliance.cases.bundle import export_bundle, verify_bundle
from sogdia.compliance.cases.case import Case, CaseStatus, Outcome, Role
from sogdia.compliance.cases.customer import Movement, UnknownLanguage, customer_message
from sogdia.compliance.cases.desk import Desk, Order
from sogdia.compliance.cases.errors import (
    CaseRefused,
    InvalidAlert,
    InvalidBundle,
    TamperedHistory,
)
from sogdia.compliance.cases.log import Checkpoint
from sogdia.compliance.cases.screening import (
    CLEARANCE_COLUMNS,
    clearances_of,
    read_screening,
)
from sogdia.compliance.database import InvalidDatabase, open_database

DATABASE = click.option(
    "--database",
    "-d",
    envvar="SOGDIA_CASES",
    default="cases.db",
    show_default=True,
    help="A file, or postgresql+pg8000://…; also SOGDIA_CASES.",
)
OFFICER = click.option("--by", "officer", required=True, help="Who orders this.")
REASON = click.option("--reason", required=True, help="Why, for those who read it later.")


@click.group(name="case")
def case() -> None:
    """Open, work, close and prove compliance cases."""


@case.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@DATABASE
@OFFICER
def enrol(*, name: str, role: str, database: str, officer: str) -> None:
    """Let NAME act; the first head enrols itself."""
    with _desk(database) as desk:
        _print(asdict(desk.enrol(name, Role(role), officer)))


@case.command()
@click.argument("name")
@DATABASE
@OFFICER
def remove(*, name: str, database: str, officer: str) -> None:
    """Take NAME's powers."""
    with _desk(database) as desk:
        desk.remove(name, officer)


@case.command(name="import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@DATABASE
@OFFICER
def import_alerts(*, file: TextIO, database: str, officer: str) -> None:
    """Take the alerts in FILE: all of them or none.

    FILE is what `sogdia screen` wrote (a name that ends in .csv), or alerts as JSON lines (any
    other name; - for standard input).
    """
    name = str(getattr(file, "name", "<stdin>"))
    with _desk(database) as desk:
        alerts = read_screening(file, name) if name.endswith(".csv") else read_alerts(file, name)
        cases = desk.take_alerts(alerts, officer)
        _print({"alerts": len(alerts), "cases": len(set(cases))})


@case.command(name="list")
@click.option("--status", type=click.Choice([str(status) for status in CaseStatus]))
@click.option("--subject", help="Only the cases of this customer.")
@click.option("--ids", is_flag=True, help="Print the cases' ids and nothing else.")
@DATABASE
@OFFICER
def list_cases(
    *, status: str | None, subject: str | None, ids: bool, database: str, officer: str
) -> None:
    """Print the cases, one JSON object a line, oldest first."""
    with _desk(database) as desk:
        wanted = () if status is None else (CaseStatus(status),)
        for found in desk.cases(officer, *wanted):
            if subject is not None and found.subject != subject:
                continue
            if ids:
                click.echo(found.id)
            else:
                _print(_shown(found))


@case.command()
@click.argument("identifier")
@DATABASE
@OFFICER
def show(*, identifier: str, database: str, officer: str) -> None:
    """Print a case with its whole history, as JSON."""
    with _desk(database) as desk:
        events = [asdict(event) for event in desk.history(identifier, officer)]
        whole = _shown(desk.case(identifier, officer)) | {"history": events}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


@case.command()
@click.argument("identifier")
@click.argument("text")
@DATABASE
@OFFICER
def note(*, identifier: str, text: str, database: str, officer: str) -> None:
    """Add TEXT to a case."""
    with _desk(database) as desk:
        _print({"event": desk.note(Order(identifier, officer), text).digest})


@case.command()
@click.argument("identifier")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@DATABASE
@OFFICER
def attach(*, identifier: str, file: Path, database: str, officer: str) -> None:
    """Attach FILE to a case."""
    with _desk(database) as desk:
        event = desk.attach(Order(identifier, officer), file.name, file.read_bytes())
        _print({"event": event.digest, **(event.body or {})})


@case.command()
@click.argument("identifier")
@click.option("--to", "assignee", required=True)
@DATABASE
@OFFICER
def assign(*, identifier: str, assignee: str, database: str, officer: str) -> None:
    """Give a case to somebody."""
    with _desk(database) as desk:
        _print({"event": desk.assign(Order(identifier, officer), assignee).digest})


@case.command()
@click.argument("identifier")
@click.option("--outcome", type=click.Choice([str(o) for o in Outcome]), required=True)
@REASON
@DATABASE
@OFFICER
def propose(*, identifier: str, outcome: str, reason: str, database: str, officer: str) -> None:
    """Propose to close a case; somebody else confirms."""
    with _desk(database) as desk:
        order = Order(identifier, officer)
        _print({"event": desk.propose_closing(order, Outcome(outcome), reason).digest})


@case.command()
@click.argument("identifier")
@DATABASE
@OFFICER
def confirm(*, identifier: str, database: str, officer: str) -> None:
    """Close a case as another officer proposed."""
    with _desk(database) as desk:
        _print({"event": desk.confirm_closing(Order(identifier, officer)).digest})


@case.command()
@click.argument("identifier")
@REASON
@DATABASE
@OFFICER
def decline(*, identifier: str, reason: str, database: str, officer: str) -> None:
    """Refuse a proposed closing."""
    with _desk(database) as desk:
        _print({"event": desk.decline_closing(Order(identifier, officer), reason).digest})


@case.command()
@click.argument("identifier")
@REASON
@DATABASE
@OFFICER
def reopen(*, identifier: str, reason: str, database: str, officer: str) -> None:
    """Open a closed case again."""
    with _desk(database) as desk:
        _print({"event": desk.reopen(Order(identifier, officer), reason).digest})


@case.command()
@click.argument("identifier")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True)
@DATABASE
@OFFICER
def export(*, identifier: str, output: Path, database: str, officer: str) -> None:
    """Write the evidence bundle of a case, and print its digest."""
    with _desk(database) as desk:
        proved = export_bundle(desk, Order(identifier, officer), output, version("sogdia"))
        _print({"file": str(output), **asdict(proved)})


@case.command()
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True)
@DATABASE
@OFFICER
def clearances(*, output: Path, database: str, officer: str) -> None:
    """Write the hits that were closed as false positives, for `sogdia screen --clearances`."""
    with _desk(database) as desk:
        rows = []
        for found in desk.cases(officer, CaseStatus.CLOSED):
            closed_us = max(e.at_us for e in desk.history(found.id, officer) if e.kind == "closed")
            day = datetime.datetime.fromtimestamp(closed_us / 1_000_000, datetime.UTC).date()
            rows += clearances_of(found, day.isoformat())
        with output.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(CLEARANCE_COLUMNS)
            writer.writerows(astuple(row) for row in rows)
        _print({"file": str(output), "clearances": len(rows)})


@case.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--checkpoint", help="POSITION:DIGEST that was kept elsewhere.")
def verify(*, bundle: Path, checkpoint: str | None) -> None:
    """Check an evidence bundle. Ends with 0, or with 4 when it does not prove what it says."""
    with _refusals():
        _print({"valid": True, **asdict(verify_bundle(bundle, checkpoint))})


@case.command()
@click.option("--checkpoint", "kept", multiple=True, help="POSITION:DIGEST kept elsewhere.")
@DATABASE
def check(*, kept: tuple[str, ...], database: str) -> None:
    """Walk the whole history and print how far it reaches; keep that elsewhere."""
    with _desk(database) as desk:
        reached = desk.verify(*(_checkpoint(text) for text in kept))
        _print({"intact": True, "checkpoint": str(reached)})


@case.command()
@click.argument("movement", type=click.Choice([str(movement) for movement in Movement]))
@click.option("--language", default="en", show_default=True)
def message(*, movement: str, language: str) -> None:
    """Print what a customer is told about a transfer, and nothing more may be told."""
    try:
        _print(customer_message(Movement(movement), language))
    except UnknownLanguage as error:
        raise click.BadParameter(str(error), param_hint="--language") from None


@contextmanager
def _desk(database: str) -> Iterator[Desk]:
    with _refusals():
        engine = open_database(database)
        try:
            yield Desk(engine, lambda: datetime.datetime.now(datetime.UTC), os.urandom)
        finally:
            engine.dispose()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (CaseRefused, InvalidBundle, TamperedHistory) as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(Exit.REFUSED)
    except (InvalidAlert, InvalidDatabase, FileExistsError, OSError) as error:
        raise click.ClickException(str(error)) from None


def _checkpoint(text: str) -> Checkpoint:
    position, _, digest = text.partition(":")
    if not position.isdecimal() or len(digest) != 64:
        raise click.BadParameter(f"{text!r} is not POSITION:DIGEST", param_hint="--checkpoint")
    return Checkpoint(int(position), digest)


def _shown(found: Case) -> dict[str, Any]:
    opened = datetime.datetime.fromtimestamp(found.opened_at_us / 1_000_000, datetime.UTC)
    return {
        "id": found.id,
        "subject": found.subject,
        "status": str(found.status),
        "opened_at": opened.isoformat(),
        "assigned_to": found.assigned_to,
        "outcome": None if found.outcome is None else str(found.outcome),
        "alerts": list(found.alerts),
        "events": found.events,
    }


def _print(values: dict[str, Any]) -> None:
    click.echo(json.dumps(values, ensure_ascii=False))
