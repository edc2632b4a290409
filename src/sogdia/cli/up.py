"""`sogdia up`: a development ledger, ready for tools, kept until it is discarded."""

import json
import os
from pathlib import Path
from typing import Any

import click

from sogdia.cli.exits import confirm
from sogdia.cli.running import log_flags, log_options, resolve, run
from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, ledger_dir
from sogdia.ledger.storage.identity import holds_ledger

QUIET = {"log.level": "warning"}  # the banner says what a developer wants; -v shows the log


@click.command()
@click.option("--host", help="Address to listen on.  [127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 for any free one.  [8545]")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the ledger is kept.")
@click.option("--fresh", is_flag=True, help="Discard the kept ledger first; asks.")
@click.option("--yes", is_flag=True, help="With --fresh: do not ask.")
@click.option(
    "--block-time", type=float, metavar="S", help="Mine every S seconds instead of at once."
)
@click.option("--chain-id", type=int, help="Other than 1397704516.")
@click.option(
    "--client-version",
    metavar="TEXT",
    help="What web3_clientVersion answers: HardhatNetwork/… for Hardhat's network helpers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object when ready.")
@log_options
def up(
    *,
    host: str | None,
    port: int | None,
    data_dir: Path | None,
    fresh: bool,
    yes: bool,
    block_time: float | None,
    chain_id: int | None,
    client_version: str | None,
    as_json: bool,
    verbose: int,
    quiet: bool,
    log_format: str | None,
) -> None:
    """Start a development ledger and say when it is ready.

    Its accounts are public (`sogdia accounts --keys`) and nothing on it has value. What it holds is
    kept in the data directory over restarts; --fresh discards it, and asks before.
    """
    flags = log_flags(verbose, quiet, log_format)
    given = {
        "rpc.host": host,
        "rpc.port": port,
        "node.data_dir": data_dir,
        "mining.block_time_s": block_time,
        "node.chain_id": chain_id,
        "rpc.client_version": client_version,
    }
    flags |= {name: value for name, value in given.items() if value is not None}
    if block_time is not None:
        flags["mining.mode"] = "interval"
    config = resolve(flags, profile={**DEVELOPMENT_PROFILE, **QUIET})
    directory = ledger_dir(config, os.environ)
    if fresh and not yes and holds_ledger(directory):
        confirm(f"this discards the ledger kept in {directory}")
    run(config, fresh=fresh, announce=_print_json if as_json else _print_banner)


def _print_json(ready: Any) -> None:
    click.echo(json.dumps(ready.as_json()))


def _print_banner(ready: Any) -> None:
    click.echo("\n".join(ready.lines()), err=True)
