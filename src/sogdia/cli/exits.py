"""Exit codes, and how a command ends when something is refused.

0 done · 1 failed · 2 usage or settings · 3 not ready · 4 refused by a rule · 5 port or data locked
"""

import sys
from enum import IntEnum
from typing import NoReturn

import click


class Exit(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_READY = 3
    REFUSED = 4
    LOCKED = 5


class Failure(click.ClickException):
    """Ends the command with a line on standard error and a code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self._code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The code that the process ends with."""
        return int(self._code)


def fail(error: Exception, code: Exit) -> NoReturn:
    """End the command with the words of `error`."""
    raise Failure(str(error), code) from error


def confirm(loss: str) -> None:
    """Ask before something is lost; where nobody can answer, refuse.

    Raises:
        Failure: there is no terminal, or the answer was no.
    """
    if not sys.stdin.isatty():
        raise Failure(f"{loss}: say --yes", Exit.USAGE)
    if not click.confirm(f"{loss[0].upper()}{loss[1:]}. Go on?", err=True):
        raise Failure("nothing was changed", Exit.FAILED)
