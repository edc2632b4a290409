"""What `sogdia up` and `sogdia node` share: settings in, a running node, an exit code out."""

import gc
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from sogdia.cli.exits import Exit, Failure, fail
from sogdia.ledger.node.config import Config, load_config
from sogdia.ledger.node.errors import ConfigError, NodeError, PortInUse, SelfTestFailed
from sogdia.ledger.node.logs import log
from sogdia.ledger.primitives.errors import SogdiaError, StorageError
from sogdia.ledger.storage.errors import DirectoryLocked, DirectoryRefused

LOG_OPTIONS = (
    click.option("-v", "--verbose", count=True, help="Show more of the log; twice for all."),
    click.option("-q", "--quiet", is_flag=True, help="Show warnings and errors only."),
    click.option("--log-format", type=click.Choice(["text", "json"]), help="Form of log lines."),
)

CODES: Mapping[type[SogdiaError], Exit] = {
    ConfigError: Exit.USAGE,
    PortInUse: Exit.LOCKED,
    DirectoryLocked: Exit.LOCKED,
    SelfTestFailed: Exit.NOT_READY,
    DirectoryRefused: Exit.REFUSED,
}


def log_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every long-running command has."""
    for option in reversed(LOG_OPTIONS):
        command = option(command)
    return command


def log_flags(verbose: int, quiet: bool, log_format: str | None) -> dict[str, Any]:
    """Return the settings that the log options stand for."""
    flags: dict[str, Any] = {}
    if quiet:
        flags["log.level"] = "warning"
    elif verbose:
        flags["log.level"] = "info" if verbose == 1 else "debug"
    if log_format is not None:
        flags["log.format"] = log_format
    return flags


def resolve(
    flags: Mapping[str, Any], *, file: Path | None = None, profile: Mapping[str, Any] | None = None
) -> Config:
    """Return the settings of this run; end with code 2 when one is wrong."""
    try:
        directory = Path.cwd()
    except OSError as error:
        words = "the folder that this was typed in is gone, or may not be read: cd to another one"
        raise Failure(words, Exit.USAGE) from error
    try:
        return load_config(flags, os.environ, directory=directory, file=file, profile=profile)
    except ConfigError as error:
        fail(error, Exit.USAGE)


def run(config: Config, *, fresh: bool, announce: Callable[[Any], None]) -> None:
    """Run a node until it is told to stop; `announce` is called with it once it is ready."""
    log.configure(config["log.level"], config["log.format"])
    # What is imported and built now stays: walking over it meanwhile takes a tenth of a start. The
    # supervisor lets the collector go on once the node is there.
    gc.disable()
    # Imported here: everything above also runs for a misspelt option.
    from sogdia.ledger.node.supervisor import run_node

    try:
        code = run_node(config, os.environ, fresh=fresh, announce=announce)
    except (NodeError, StorageError) as error:
        fail(error, code_of(error))
    if code != 0:
        raise SystemExit(code)


def code_of(error: SogdiaError) -> Exit:
    """Return the exit code for what kept a node, or work on its ledger, from going on."""
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), Exit.FAILED)
