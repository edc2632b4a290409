"""`sogdia rules`: check, ask, compare, replay and sign jurisdiction rule packs.

Data goes to standard output, everything else to standard error. Ends with 0 when done, 1 when
something failed, 2 for wrong usage, 4 when a rule refuses.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from sogdia.cli.exits import Exit
from sogdia.cli.moments import Moment
from sogdia.cli.rules_counters import counters
from sogdia.cli.rules_report import print_check, print_decision, print_difference
from sogdia.cli.rules_signing import sign_command, verify_command
from sogdia.compliance.rules.deciding import decide
from sogdia.compliance.rules.errors import FactError, RulesError
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.pack import LANGUAGES, Pack
from sogdia.compliance.rules.rulebook import RuleBook
from sogdia.compliance.rules.shelf import find_packs, load_packs, shipped_folder

C = TypeVar("C", bound=Callable[..., Any])

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def with_packs(command: C) -> C:
    """Add `--packs`; without it the shipped packs are meant."""
    return click.option(
        "--packs",
        "folders",
        type=FOLDER,
        multiple=True,
        help="Folder of packs, or of one; repeatable. Default: the packs that ship.",
    )(command)


@click.group()
def rules() -> None:
    """Check, ask, compare, replay and sign jurisdiction rule packs. Not legal advice."""


@contextmanager
def refusals() -> Iterator[None]:
    """Turn an expected failure of the library into one line on standard error."""
    try:
        yield
    except RulesError as error:
        raise click.ClickException(str(error)) from None


@rules.command()
@click.argument("folders", type=FOLDER, nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(*, folders: tuple[Path, ...], as_json: bool) -> None:
    """Load the packs in FOLDERS (default: those that ship), run their vectors, analyse them.

    Reports rules that nothing reaches, contradictions and gaps, and proves by enumeration that no
    exit is blocked. Ends with 0, or 1 when a pack is refused, a vector fails, a rule is
    unreachable or an exit is blocked.
    """
    from sogdia.compliance.rules.analysis import analyse
    from sogdia.compliance.rules.cells import TooManyCells
    from sogdia.compliance.rules.vectors import run_vectors

    with refusals():
        packs = _load(folders)
        book = RuleBook(packs)
        failures = [failure for pack in packs for failure in run_vectors(pack, packs)]
        try:
            analysis = analyse(book)
        except TooManyCells as error:
            raise click.ClickException(str(error)) from None
    print_check(packs, failures, analysis, as_json=as_json)
    bad = failures or analysis.unreachable or analysis.blocked_exits
    sys.exit(Exit.FAILED if bad else 0)


@rules.command(name="decide")
@click.argument("facts_file", metavar="FACTS", type=click.File("rb"))
@click.option("--at", type=Moment(), help="The moment to decide for. Default: now.")
@click.option("--known-at", type=Moment(), help="By what was published then. Default: --at.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option(
    "--unrecognised",
    multiple=True,
    metavar="AUTHORITY:TIE",
    help="A tie the venue's state does not recognise, such as cn:peg; repeatable.",
)
@click.option("--evidence", type=click.Path(dir_okay=False, path_type=Path), help="Write a bundle.")
@click.option("--embed", is_flag=True, help="Put the packs' sources into the bundle.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_packs
def decide_command(
    *,
    facts_file: BinaryIO,
    at: datetime | None,
    known_at: datetime | None,
    lang: str,
    unrecognised: tuple[str, ...],
    evidence: Path | None,
    embed: bool,
    as_json: bool,
    folders: tuple[Path, ...],
) -> None:
    """Decide the matter stated in FACTS (JSON; - for standard input) and name every rule.

    Ends with 0 when it may proceed and 4 when it may not.
    """
    moment = at or datetime.now(UTC)
    with refusals():
        book = RuleBook(_load(folders), unrecognised=[_tie(text) for text in unrecognised])
        facts = Facts.from_json(facts_file.read(), book.vocabulary)
        decision = decide(book, facts, moment, known_at)
        if evidence is not None:
            from sogdia.compliance.rules.evidence import write_bundle

            bundle = write_bundle(
                book, facts, moment, known_at, library=version("sogdia"), language=lang, embed=embed
            )
            evidence.write_bytes(bundle)
            click.echo(f"evidence written to {evidence} ({len(bundle)} bytes)", err=True)
    print_decision(decision, lang, as_json=as_json)
    sys.exit(0 if decision.may_proceed else Exit.REFUSED)


@rules.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--at", type=Moment(), help="The moment to compare. Default: the last change of law.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def diff(*, before: Path, after: Path, at: datetime | None, as_json: bool) -> None:
    """List the cells whose decision changes from pack BEFORE to pack AFTER, with examples.

    Each folder is one pack, taken with the earlier versions of its authority that lie beside it,
    or a folder of packs. Ends with 0 whether or not anything changes.
    """
    from sogdia.compliance.rules.cells import TooManyCells
    from sogdia.compliance.rules.difference import compare_books

    with refusals():
        try:
            found = compare_books(_book(before), _book(after), at)
        except TooManyCells as error:
            raise click.ClickException(str(error)) from None
    print_difference(found, as_json=as_json)


@rules.command()
@click.argument("bundle", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_packs
def replay(*, bundle: BinaryIO, folders: tuple[Path, ...], as_json: bool) -> None:
    """Run the evidence in BUNDLE again and compare it byte for byte.

    Uses the packs inside the bundle, or else those given. Ends with 0 when the bytes are the
    same, 1 when they differ or the bundle cannot be run.
    """
    from sogdia.compliance.rules.evidence import replay as run_again

    with refusals():
        result = run_again(bundle.read(), _load(folders))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "same": result.is_same,
                    "differences": list(result.differences),
                    "library": result.library,
                    "bytes": len(result.bundle),
                }
            )
        )
    elif result.is_same:
        click.echo(f"same: {len(result.bundle)} bytes, decided with version {result.library}")
    else:
        what = ", ".join(result.differences) or "the form of the JSON"
        click.echo(f"differs in {what}; decided with version {result.library}")
    sys.exit(0 if result.is_same else Exit.FAILED)


rules.add_command(counters)
rules.add_command(sign_command)
rules.add_command(verify_command)


def _load(folders: tuple[Path, ...]) -> list[Pack]:
    return load_packs(folders or [shipped_folder()])


def _book(folder: Path) -> RuleBook:
    from sogdia.compliance.rules.difference import succession

    inside = find_packs(folder)
    packs = load_packs([folder])
    if inside == [folder]:
        beside = [path for path in find_packs(folder.parent) if path != folder]
        return RuleBook(succession(packs[0], load_packs(beside)))
    return RuleBook(packs)


def _tie(text: str) -> tuple[str, str]:
    authority, separator, kind = text.partition(":")
    if not separator:
        raise FactError("unrecognised", f"{text!r} is not AUTHORITY:TIE, such as cn:peg")
    return authority, kind
