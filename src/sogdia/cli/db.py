"""`sogdia db`: look after a ledger that is kept: check, measure, back up, export, import, prune."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sogdia.cli.exits import Exit, Failure, confirm, fail
from sogdia.cli.progress_bar import progress_bar
from sogdia.cli.rpc_client import call_guarded
from sogdia.cli.running import code_of, resolve
from sogdia.ledger.node import paths
from sogdia.ledger.node.config import Config, ledger_dir
from sogdia.ledger.node.endpoint import running
from sogdia.ledger.node.parts import Parts, build_parts, identity_of, network_params
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.storage.errors import DirectoryLocked
from sogdia.ledger.storage.identity import holds_ledger

POLL_S = 0.2  # between looks at a copy that a node makes

_OPTIONS = (
    click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The node's settings; by default those of ./sogdia.toml and the user's file.",
    ),
    click.option(
        "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="The ledger."
    ),
    click.option("--network", help="Which ledger: development or local."),
)


def _of_a_ledger(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group()
def db() -> None:
    """Look after a kept ledger; but for `backup`, while no node has it open."""


@db.command()
@_of_a_ledger
@click.option("--fast", is_flag=True, help="Check blocks only; do not execute them again.")
@click.option(
    "--scratch",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where to build the ledger again, with as much room; by default beside the data.",
)
def check(*, fast: bool, scratch: Path | None, **where: Any) -> None:
    """Check every block by its hash, and every epoch by executing it again."""
    from sogdia.ledger.node.upkeep.check import check_blocks, check_everything

    with _opened(**where) as (config, parts):
        if fast:
            with progress_bar("checking") as progress:
                blocks = check_blocks(parts, progress)
            click.echo(f"{blocks:,} blocks are what their hashes say; nothing was executed")
            return
        scratch = scratch or ledger_dir(config, os.environ).parent
        with progress_bar("checking") as progress:
            found = check_everything(config, parts, scratch, progress)
        click.echo(
            f"{found.blocks:,} blocks pass every rule, and {found.epochs:,} epochs executed again "
            "have the same roots"
        )


@db.command()
@_of_a_ledger
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats(*, as_json: bool, **where: Any) -> None:
    """Print what each table holds: rows, bytes of keys and values, and bytes on disk in all."""
    from sogdia.ledger.node.upkeep.sizes import table_sizes

    with _opened(**where) as (_, parts):
        store = parts.database.store
        names = store.tables()
        sizes = []
        with progress_bar("counting") as progress:
            for size in table_sizes(parts.database):
                sizes.append(size)
                progress(len(sizes), len(names))
        head, _ = parts.executor.head()
        report = {
            "epochs": head,
            "oldest_state": parts.executor.oldest_kept(),
            "disk_bytes": store.stats()["disk_bytes"],
            "journal_bytes": store.stats()["journal_bytes"],
            "transactions": next(each.rows for each in sizes if each.name == "transaction_index"),
            "tables": {
                each.name: {
                    "rows": each.rows,
                    "key_bytes": each.key_bytes,
                    "value_bytes": each.value_bytes,
                    "disk_bytes": each.disk_bytes,
                }
                for each in sizes
            },
        }
    if as_json:
        click.echo(json.dumps(report))
        return
    _print_sizes(sizes, report["transactions"])
    click.echo(
        f"epoch {head:,}, state readable from epoch {report['oldest_state']:,}, "
        f"{report['disk_bytes']:,} bytes on disk, of which {report['journal_bytes']:,} are journal"
    )


def _print_sizes(sizes: Iterable[Any], transactions: int) -> None:
    """Print a row for each `TableSize`, with the bytes of its files for each transaction."""
    widths = "{:20} {:>12} {:>14} {:>16} {:>14} {:>8}"
    click.echo(
        widths.format("table", "rows", "keys, bytes", "values, bytes", "files, bytes", "each")
    )
    for size in sizes:
        numbers = (size.rows, size.key_bytes, size.value_bytes, size.disk_bytes)
        each = f"{size.disk_bytes / transactions:.1f}" if transactions else "-"
        click.echo(widths.format(size.name, *(f"{number:,}" for number in numbers), each))


@db.command("export")
@_of_a_ledger
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def export_(*, path: Path, **where: Any) -> None:
    """Write all blocks to the file PATH, for `sogdia db import` on any machine."""
    from sogdia.ledger.node.upkeep.transfer import export_blocks

    if path.exists():
        raise Failure(f"{path} exists: name a new file, or remove it", Exit.REFUSED)
    with _opened(**where) as (_, parts), progress_bar("exporting") as progress:
        count = export_blocks(parts, path, progress)
    click.echo(
        f"{count:,} {'block' if count == 1 else 'blocks'} in {path} ({path.stat().st_size:,} bytes)"
    )


@db.command("import")
@_of_a_ledger
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def import_(*, path: Path, **where: Any) -> None:
    """Take in the blocks of the file PATH; what is there already is skipped.

    A directory that holds nothing yet becomes a ledger of the network that the settings name.
    """
    from sogdia.ledger.node.upkeep.transfer import import_blocks

    with _opened(**where, archive=path) as (_, parts), progress_bar("importing") as progress:
        came = import_blocks(parts, path, progress)
        head, _ = parts.executor.head()
    click.echo(f"{came.taken:,} blocks taken in, {came.known:,} were there; epoch {head:,}")


@db.command()
@_of_a_ledger
@click.option("--keep", type=click.IntRange(64), help="Epochs to keep; by default history.epochs.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune(*, keep: int | None, yes: bool, **where: Any) -> None:
    """Forget the states that `history.epochs` no longer keeps. Blocks and receipts stay."""
    from sogdia.ledger.node.upkeep.pruning import prune as prune_history

    flags = {} if keep is None else {"history.epochs": keep}
    if not yes:
        kept = "history.epochs" if keep is None else f"the last {keep:,} epochs"
        confirm(f"this forgets all states beyond {kept}, for good")
    with _opened(**where, flags=flags) as (_, parts), progress_bar("pruning") as progress:
        oldest = prune_history(parts, progress)
        head, _ = parts.executor.head()
    click.echo(f"state readable from epoch {oldest:,} to {head:,}")


@db.command()
@_of_a_ledger
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def backup(*, directory: Path, **where: Any) -> None:
    """Copy the ledger to the new folder DIRECTORY, also while a node has it open.

    The copy is a data directory: start a node on it with `--data-dir`, or move it into place.
    """
    try:
        with _opened(**where) as (config, parts):
            parts.database.copy_to(directory, identity_of(network_params(config)))
    except Failure as failure:
        locked = failure.__cause__
        if not isinstance(locked, DirectoryLocked):
            raise
        _back_up_in_use(locked, directory.absolute())
    click.echo(f"the copy in {directory} is whole and on the medium")


def _back_up_in_use(locked: DirectoryLocked, directory: Path) -> None:
    """Have the node that holds the ledger copy it, and wait for the end."""
    nodes = running(paths.runtime_dir(os.environ))
    node = next((each for each in nodes if each.process == locked.process), None)
    if node is None or node.guarded is None:
        raise Failure(
            f"{locked.path} is in use by process {locked.process}, which has no guarded socket "
            "here: run this as the node's user, or stop it first",
            Exit.LOCKED,
        )
    socket = Path(node.guarded)
    call_guarded(socket, "admin_backup", str(directory))
    with progress_bar("copying") as progress:
        while (status := call_guarded(socket, "admin_backupStatus"))["state"] == "running":
            progress(int(status["copiedBytes"], 16), int(status["bytes"], 16))
            time.sleep(POLL_S)
    if status["state"] != "done":
        raise Failure(f"the node could not copy itself: {status.get('failure')}", Exit.FAILED)


@contextmanager
def _opened(
    *,
    file: Path | None,
    data_dir: Path | None,
    network: str | None,
    flags: dict[str, Any] | None = None,
    archive: Path | None = None,
) -> Iterator[tuple[Config, Parts]]:
    """Open the ledger that the options name; end the command with a word when it cannot be used."""
    named = {"node.data_dir": data_dir, "node.network": network}
    given = {name: value for name, value in named.items() if value is not None}
    config = resolve(given | (flags or {}), file=file)
    directory = ledger_dir(config, os.environ)
    is_kept = holds_ledger(directory)
    if not is_kept and archive is None:
        raise Failure(f"{directory} holds no ledger: name one with --data-dir", Exit.REFUSED)
    try:
        if not is_kept and archive is not None:
            _verify_archive(archive, config)  # before a directory is begun for another's
        parts = build_parts(config, network_params(config), directory, _now)
        with parts.database:
            yield config, parts
    except SogdiaError as error:
        fail(error, code_of(error))


def _verify_archive(archive: Path, config: Config) -> None:
    from sogdia.ledger.node.upkeep.transfer import validate_archive

    validate_archive(archive, identity_of(network_params(config)))


def _now() -> int:
    return int(time.time())
