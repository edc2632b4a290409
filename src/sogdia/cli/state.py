"""`sogdia state`: the accounts of a development chain into a file, and out of one."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from sogdia.cli.dev import ask, node_url, rpc_option
from sogdia.cli.exits import Exit, Failure
from sogdia.ledger.node.state_dumps import chunks
from sogdia.ledger.rpc.dev.state_file import BadStateFile, StateWriter, read_state

PIECE_BYTES = 64 << 10
# Rows of one request: with a hundred slots each, well below the size of a body.
ROWS_AT_ONCE = 200
BYTES_AT_ONCE = 4 << 20


@click.group()
def state() -> None:
    """Move the accounts of a development chain: balances, nonces, code, storage."""


@state.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@rpc_option
def export_state(*, file: Path, url: str | None) -> None:
    """Write all accounts into FILE, which appears once it is whole."""
    address = node_url(url)
    draft = file.with_name(f"{file.name}.part")
    try:
        with draft.open("wb") as stream:
            rows = _write(address, stream)
        draft.replace(file)
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}", Exit.FAILED) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    click.echo(f"{rows} rows", err=True)


@state.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@rpc_option
def import_state(*, file: Path, url: str | None) -> None:
    """Put the accounts of FILE in place of those of the same addresses; others stay.

    The file is read to its end before the first account is changed. If the node then refuses a
    part, the chain is returned to what it was.
    """
    address = node_url(url)
    try:
        with file.open("rb") as stream:
            for _ in read_state(_pieces(stream)):
                pass
        snapshot = ask(address, "evm_snapshot")
        with file.open("rb") as stream:
            rows = read_state(_pieces(stream))
            next(rows)
            count = _load(address, rows, snapshot)
    except BadStateFile as error:
        raise Failure(f"{file}: {error}", Exit.REFUSED) from error
    click.echo(f"{count} rows", err=True)


def _write(address: str, stream: BinaryIO) -> int:
    page = ask(address, "sogdia_dumpAccounts")
    first, count = page, len(page["rows"])
    writer = StateWriter()
    chain_id = int(ask(address, "eth_chainId"), 16)
    epoch, timestamp = int(page["epoch"], 16), int(page["timestamp"], 16)
    stream.write(writer.begin(chain_id=chain_id, epoch=epoch, timestamp=timestamp))
    stream.write(writer.write(page["rows"]))
    while page["next"] is not None:
        page = ask(address, "sogdia_dumpAccounts", page["next"])
        if page["pivot"] != first["pivot"]:
            raise Failure(
                f"the chain went on, from epoch {epoch} to {int(page['epoch'], 16)}, while it was "
                "read: stop what sends transactions, or mining, and export again",
                Exit.FAILED,
            )
        stream.write(writer.write(page["rows"]))
        count += len(page["rows"])
    stream.write(writer.end())
    return count


def _load(address: str, rows: Iterator[dict[str, Any]], snapshot: str) -> int:
    count = 0
    try:
        for chunk in chunks(rows, ROWS_AT_ONCE):
            for part in _parts(chunk):
                ask(address, "sogdia_loadAccounts", part)
            count += len(chunk)
    except Failure:
        ask(address, "evm_revert", snapshot)
        raise
    return count


def _parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Split rows so that each part fits into a request: code is what makes a row large."""
    part: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        row_size = len(row.get("code", "")) + 150 * len(row.get("storage", "x"))
        if part and size + row_size > BYTES_AT_ONCE:
            yield part
            part, size = [], 0
        part.append(row)
        size += row_size
    yield part


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(PIECE_BYTES), b"")
