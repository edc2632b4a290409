"""`sogdia-conflux`: a node by the harness's command line and configuration.

Standard error stays empty, as the harness demands: everything that is said goes to the log file.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from sogdia.conflux.configuration import Configuration, InvalidConfiguration, read_arguments
from sogdia.conflux.node import HarnessNode
from sogdia.ledger.node.logs import log
from sogdia.ledger.node.supervisor import Supervisor
from sogdia.ledger.primitives.errors import SogdiaError

EXIT_FAILED, EXIT_USAGE = 1, 2
STANDARD_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a node until SIGTERM; ends the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a node until it is told to stop; return the exit code."""
    try:
        path, overrides = read_arguments(arguments)
        configuration = Configuration.read(path, overrides)
        configuration.params()
    except (InvalidConfiguration, OSError, ValueError) as error:
        print(f"sogdia-conflux: {error}", file=sys.stderr)
        return EXIT_USAGE
    _log_to(configuration.path("log_file", "conflux.log"), configuration.log_level)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            supervisor = Supervisor(lambda own: HarnessNode(configuration, own))
            return runner.run(supervisor.run(lambda _: log.info("ready")))
    except (SogdiaError, OSError) as error:
        log.critical("the node did not start", reason=str(error), exc_info=error)
        return EXIT_FAILED


def _log_to(path: Path, level: str) -> None:
    """Send the log, and whatever a library prints on standard error, to a file."""
    stream = path.open("a", buffering=1)
    os.dup2(stream.fileno(), STANDARD_ERROR)
    log.configure(level, "text", stream)
