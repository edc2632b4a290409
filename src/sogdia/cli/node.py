"""`sogdia node`: a node for a network, set up by one file."""

from pathlib import Path
from typing import Any

import click

from sogdia.cli.running import log_flags, log_options, resolve, run
from sogdia.ledger.node.logs import log


@click.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="TOML file with the settings; it replaces ./sogdia.toml and the user's file.",
)
@log_options
def node(*, file: Path, verbose: int, quiet: bool, log_format: str | None) -> None:
    """Run a node with the settings of a file."""
    config = resolve(log_flags(verbose, quiet, log_format), file=file)
    run(config, fresh=False, announce=_log_ready)


def _log_ready(ready: Any) -> None:
    log.info("ready", **ready.as_json())
