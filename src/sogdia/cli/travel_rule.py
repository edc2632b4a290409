"""`sogdia travel-rule`: check and convert IVMS101, and exchange it with other institutions."""

import datetime
import json
import sys
from pathlib import Path
from typing import BinaryIO

import click

from sogdia.cli import travel_rule_desk, travel_rule_orders
from sogdia.cli.exits import Exit
from sogdia.cli.travel_rule_corridor import corridor
from sogdia.cli.travel_rule_keys import address, authority_key, keys, license
from sogdia.compliance.travel_rule.ivms101.constraints import Reference
from sogdia.compliance.travel_rule.ivms101.conversion import convert
from sogdia.compliance.travel_rule.ivms101.reading import (
    DOCUMENT_BYTES_MAX,
    Document,
    Edition,
    read_document,
)
from sogdia.compliance.travel_rule.ivms101.registration_authorities import (
    InvalidAuthorityList,
    load_registration_authorities,
)
from sogdia.compliance.travel_rule.ivms101.validation import Report, validate
from sogdia.compliance.travel_rule.ivms101.violations import InvalidDocument, Violation
from sogdia.compliance.travel_rule.ivms101.writing import write_document

EDITION = click.Choice(["2020", "2023"])


@click.group(name="travel-rule")
def travel_rule() -> None:
    """Check, convert and exchange travel-rule data (IVMS101)."""


@travel_rule.command(name="validate")
@click.argument("file", type=click.File("rb"))
@click.option("--edition", type=EDITION, help="Read as this edition, whatever the file says.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day before which dates of birth must lie; today in UTC by default.",
)
@click.option(
    "--registration-authorities",
    "authorities",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GLEIF's Registration Authorities List as CSV, for constraint C10.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def validate_command(
    *,
    file: BinaryIO,
    edition: Edition | None,
    as_of: datetime.datetime | None,
    authorities: Path | None,
    as_json: bool,
) -> None:
    """Check FILE (- for standard input) against IVMS101 and name every broken constraint.

    Ends with 0 when FILE conforms, 4 when a constraint is broken, 1 when a list cannot be read.
    """
    day = as_of.date() if as_of else datetime.datetime.now(datetime.UTC).date()
    try:
        listed = load_registration_authorities(authorities) if authorities else None
    except InvalidAuthorityList as error:
        raise click.ClickException(str(error)) from None
    found: Edition | None = edition
    try:
        document = read_document(file.read(DOCUMENT_BYTES_MAX + 1), edition=edition)
        found = document.edition
        report = validate(document, Reference(today=day, registration_authorities=listed))
    except InvalidDocument as error:
        report = Report(error.violations)
    if as_json:
        click.echo(json.dumps(_as_json(_name(file), found, report), ensure_ascii=False))
    else:
        _print_report(_name(file), found, report)
    sys.exit(0 if report.is_valid else Exit.REFUSED)


@travel_rule.command(name="convert")
@click.argument("file", type=click.File("rb"))
@click.option("--to", "edition", type=EDITION, required=True, help="The edition to write.")
@click.option("--from", "source", type=EDITION, help="Read as this edition.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
def convert_command(
    *, file: BinaryIO, edition: Edition, source: Edition | None, output: Path | None
) -> None:
    """Write FILE (- for standard input) in the other edition of IVMS101, losing nothing.

    Ends with 0, or with 4 when FILE is not IVMS101; then nothing is written.
    """
    document = _read(file, source)
    written = write_document(convert(document, edition))
    if output is None:
        click.echo(written, nl=False)
    else:
        output.write_bytes(written)


def _name(file: BinaryIO) -> str:
    return str(getattr(file, "name", "<stdin>"))


def _read(file: BinaryIO, edition: Edition | None) -> Document:
    try:
        return read_document(file.read(DOCUMENT_BYTES_MAX + 1), edition=edition)
    except InvalidDocument as error:
        for violation in error.violations:
            click.echo(f"{_name(file)}: {violation}", err=True)
        sys.exit(Exit.REFUSED)


def _print_report(name: str, edition: Edition | None, report: Report) -> None:
    for violation in report.violations:
        click.echo(f"{name}: {violation}")
    for notice in report.notices:
        click.echo(f"{name}: note: {notice}", err=True)
    if report.is_valid:
        click.echo(f"{name}: conforms to IVMS101 {edition}")


def _as_json(name: str, edition: Edition | None, report: Report) -> dict[str, object]:
    return {
        "file": name,
        "edition": edition,
        "valid": report.is_valid,
        "violations": [_violation_as_json(violation) for violation in report.violations],
        "notices": [_violation_as_json(notice) for notice in report.notices],
    }


def _violation_as_json(violation: Violation) -> dict[str, str | None]:
    return {
        "path": violation.path,
        "constraint": violation.constraint,
        "problem": violation.problem,
        "value": violation.value,
    }


for command in (
    *travel_rule_desk.COMMANDS,
    *travel_rule_orders.COMMANDS,
    corridor,
    keys,
    authority_key,
    license,
    address,
):
    travel_rule.add_command(command)
