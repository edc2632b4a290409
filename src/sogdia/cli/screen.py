"""`sogdia screen`: compare names with sanction lists."""

import csv
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import click

from sogdia.compliance.screening import (
    Clear,
    Clearance,
    Entity,
    Hits,
    Kind,
    ListVersion,
    NotScreened,
    Screener,
    Screening,
    ScreeningError,
    Snapshot,
    compute_delta,
    parse_thresholds,
    validate_successor,
)
from sogdia.compliance.screening.batch import screen_many
from sogdia.compliance.screening.customers import CustomerRow, read_customers
from sogdia.compliance.screening.lists.source import ListSource, load_list

EXIT_FAILED, EXIT_NOT_READY, EXIT_REFUSED = 1, 3, 4
PROGRESS_AFTER_S = 2.0  # shorter work needs no bar
PROBLEMS_SHOWN_MAX = 20

OUTPUT_COLUMNS = (
    "line", "customer_id", "name", "status", "list", "list_digest", "entry_id", "listed_name",
    "score", "threshold", "reasons",
)  # fmt: skip


@click.command()
@click.argument("name", nargs=-1)
@click.option("--file", "file", type=click.Path(path_type=Path), help="Customers as CSV.")
@click.option(
    "--list", "lists", multiple=True, metavar="[ID=]FILE", required=True,
    help="A list: file or https URL. OFAC CSV or XML, UN XML, EU XML, FtM JSON lines.",
)  # fmt: skip
@click.option("--require", multiple=True, metavar="ID", help="Nobody is clear without this list.")
@click.option("--previous", metavar="[ID=]FILE", help="The version of the list before, to compare.")
@click.option("--delta", is_flag=True, help="Screen only against what changed since --previous.")
@click.option("--confirm-shrink", is_flag=True, help="Accept a list that lost many entries.")
@click.option("--kind", type=click.Choice([k.value for k in Kind]), default="person")
@click.option("--thresholds", type=click.Path(path_type=Path), help="TOML of scores per script.")
@click.option("--clearances", type=click.Path(path_type=Path), help="CSV of officers' decisions.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help=".csv or .parquet")
@click.option("--processes", type=click.IntRange(1), default=None, help="Default: all cores.")
def screen(name: tuple[str, ...], file: Path | None, **options: Any) -> None:
    """Screen NAME, or every customer of --file, against sanction lists.

    Exit code: 0 clear or done, 1 a customer was not screened, 3 lists not ready, 4 a hit.
    """
    if bool(name) == (file is not None):
        raise click.UsageError("give either a NAME or --file")
    try:
        screener = _build_screener(options)
        if file is None:
            _screen_name(" ".join(name), Kind(options["kind"]), screener)
        else:
            _screen_file(file, screener, options["output"], options["processes"])
    except ScreeningError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(EXIT_FAILED)


def _source(text: str) -> ListSource:
    list_id, mark, location = text.partition("=")
    if mark and "/" not in list_id and "." not in list_id:
        return ListSource(location, list_id)
    return ListSource(text)


def _build_screener(options: dict[str, Any]) -> Screener:
    today = datetime.now(UTC).date()
    snapshots = [load_list(_source(text), taken_on=today) for text in options["lists"]]
    for snapshot in snapshots:
        _report(snapshot)
    toml: Path | None = options["thresholds"]
    thresholds = parse_thresholds(_read_text(toml)) if toml else None
    clearances = list(_read_clearances(options["clearances"]))
    if options["previous"] is None:
        if options["delta"]:
            raise click.UsageError("--delta needs --previous")
        return Screener(
            snapshots,
            required=options["require"],
            thresholds=thresholds,
            clearances=clearances,
        )
    before = load_list(_source(options["previous"]), taken_on=today)
    after = next((s for s in snapshots if s.list_id == before.list_id), None)
    if after is None:
        raise click.UsageError(
            f"--previous is of list {before.list_id}, which --list does not give"
        )
    validate_successor(before, after, confirmed=options["confirm_shrink"])
    if options["delta"]:
        return Screener.for_delta(
            compute_delta(before, after), thresholds=thresholds, clearances=clearances
        )
    return Screener(
        snapshots, required=options["require"], thresholds=thresholds, clearances=clearances
    )


def _report(snapshot: Snapshot) -> None:
    """Say what was loaded, and what of it could not be."""
    version = snapshot.version
    click.echo(
        f"{version.list_id}: {len(snapshot.entries):,} entries, {len(snapshot.problems)} problems, "
        f"sha256 {version.digest[:12]}",
        err=True,
    )
    for problem in snapshot.problems[:PROBLEMS_SHOWN_MAX]:
        click.echo(f"  {problem}", err=True)
    if len(snapshot.problems) > PROBLEMS_SHOWN_MAX:
        click.echo(f"  … and {len(snapshot.problems) - PROBLEMS_SHOWN_MAX} more", err=True)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from None


def _read_clearances(path: Path | None) -> Iterator[Clearance]:
    """Read decisions: customer_id, list_id, list_digest, entry_id, officer, reason, cleared_on."""
    if path is None:
        return
    for line, row in enumerate(csv.DictReader(_read_text(path).splitlines()), start=2):
        try:
            day = date.fromisoformat(row["cleared_on"])
            version = ListVersion(row["list_id"], row["list_digest"], day)
            yield Clearance(
                row["customer_id"], version, row["entry_id"], row["officer"], row["reason"], day
            )
        except (KeyError, TypeError, ValueError) as error:
            raise click.ClickException(f"{path}, line {line}: not a clearance: {error}") from None


def _screen_name(name: str, kind: Kind, screener: Screener) -> None:
    answer = screener.screen(Entity("query", kind, (name,)))
    match answer:
        case NotScreened():
            click.echo(f"NOT SCREENED: {answer.reason} {', '.join(answer.missing_lists)}".rstrip())
            sys.exit(EXIT_NOT_READY if answer.missing_lists else EXIT_FAILED)
        case Clear():
            click.echo("clear: " + ", ".join(map(str, answer.lists)))
        case Hits():
            for hit in answer.hits:
                programmes = ", ".join(hit.listed.programmes)
                click.echo(
                    f"{hit.score:.2f}  {hit.listed_name}  [{hit.version} entry "
                    f"{hit.listed.entity_id}] {programmes}"
                )
                for reason in hit.reasons:
                    click.echo(f"      {reason.contribution:+.2f} {reason.text}")
            sys.exit(EXIT_REFUSED)


def _screen_file(
    file: Path, screener: Screener, output: Path | None, processes: int | None
) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from None
    rows = list(read_customers(content, str(file)))
    customers = (row.customer for row in rows if row.customer is not None)
    answers = screen_many(screener, customers, processes=processes or os.cpu_count() or 1)
    counts = {"clear": 0, "hit": 0, "not-screened": 0}

    def table() -> Iterator[dict[str, str]]:
        for row in _with_progress(rows):
            answer = next(answers) if row.customer is not None else _unreadable(row)
            lines = list(_output_rows(row, answer))
            counts[lines[0]["status"]] += 1
            yield from lines

    _write(table(), output)
    click.echo(
        f"{len(rows):,} customers: {counts['clear']:,} clear, {counts['hit']:,} with hits, "
        f"{counts['not-screened']:,} not screened",
        err=True,
    )
    if counts["not-screened"]:
        sys.exit(EXIT_FAILED)


def _unreadable(row: CustomerRow) -> NotScreened:
    return NotScreened(row.customer_id, f"line {row.line}: {row.problem}", ())


def _output_rows(row: CustomerRow, answer: Screening) -> Iterator[dict[str, str]]:
    base = dict.fromkeys(OUTPUT_COLUMNS, "")
    base |= {"line": str(row.line), "customer_id": row.customer_id, "name": row.name}
    match answer:
        case NotScreened():
            missing = f" ({', '.join(answer.missing_lists)})" if answer.missing_lists else ""
            yield base | {"status": "not-screened", "reasons": answer.reason + missing}
        case Clear():
            notes = [
                f"cleared by {c.officer} on {c.cleared_on.isoformat()}: {c.reason}"
                for _, c in answer.cleared
            ]
            yield base | {"status": "clear", "reasons": "; ".join(notes)}
        case Hits():
            for hit in answer.hits:
                yield base | {
                    "status": "hit",
                    "list": hit.version.list_id,
                    "list_digest": hit.version.digest,
                    "entry_id": hit.listed.entity_id,
                    "listed_name": hit.listed_name,
                    "score": f"{hit.score:.4f}",
                    "threshold": f"{hit.threshold:.4f}",
                    "reasons": " | ".join(r.text for r in hit.reasons),
                }


def _with_progress(rows: list[CustomerRow]) -> Iterator[CustomerRow]:
    """Yield the rows, with a bar and the time that remains on a terminal's standard error."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR"):
        yield from rows
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    begin = time.monotonic()
    bar = Progress(
        "screening", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = bar.add_task("screening", total=len(rows))
    try:
        for done, row in enumerate(rows, start=1):
            yield row
            if done % 100 == 0:
                if time.monotonic() - begin > PROGRESS_AFTER_S:
                    bar.start()
                bar.update(task, completed=done)
    finally:
        bar.stop()


def _write(table: Iterator[dict[str, str]], output: Path | None) -> None:
    """Write the answers; a file appears whole or not at all."""
    if output is None:
        _write_csv(table, sys.stdout)
        return
    writers: dict[str, Callable[[Iterator[dict[str, str]], Path], None]] = {
        ".csv": _write_csv_file,
        ".parquet": _write_parquet,
    }
    writer = writers.get(output.suffix.lower())
    if writer is None:
        raise click.UsageError(f"--output {output}: the name must end in .csv or .parquet")
    scratch = output.with_name(output.name + ".partial")
    try:
        writer(table, scratch)
        scratch.replace(output)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error}") from None
    finally:
        scratch.unlink(missing_ok=True)


def _write_csv(table: Iterator[dict[str, str]], file: IO[str]) -> None:
    writer = csv.DictWriter(file, OUTPUT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)


def _write_csv_file(table: Iterator[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_csv(table, file)


def _write_parquet(table: Iterator[dict[str, str]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = list(table)
    columns: dict[str, Any] = {c: [row[c] for row in rows] for c in OUTPUT_COLUMNS}
    for column in ("score", "threshold"):
        columns[column] = [float(v) if v else None for v in columns[column]]
    columns["line"] = [int(v) for v in columns["line"]]
    types = {"score": pa.float64(), "threshold": pa.float64(), "line": pa.int64()}
    schema = pa.schema([(column, types.get(column, pa.string())) for column in OUTPUT_COLUMNS])
    pq.write_table(pa.table(columns, schema=schema), path)
