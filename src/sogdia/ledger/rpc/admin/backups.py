"""Copies of the ledger while it is in use: `Backend.backups` is the node's side."""

from pathlib import Path
from typing import Annotated, Any, Protocol

from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Param, WrongParam, hex_quantity

PATH_CHARACTERS_MAX = 4_096  # the system's own limit


class BackupRefused(RpcError):
    """A backup cannot begin; the text says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def message(self) -> str:
        """The reason."""
        return self.reason


class Backups(Protocol):
    """Copies of the ledger while it is in use, one at a time."""

    def start(self, directory: Path) -> None:
        """Begin to copy the ledger, as it is at this moment, into a new `directory`.

        Raises:
            ValueError: one is running, or the directory holds something; the text says which.
        """

    def progress(self) -> tuple[str, int, int, str | None]:
        """Return the last one's state (`none`, `running`, `done`, `failed`), the bytes that the
        copy and the ledger have on disk, and why it failed."""


class HasBackups(Protocol):
    """The part of the backend that these methods need."""

    @property
    def backups(self) -> Backups | None:
        """The node's side."""


def _parse_directory(value: Any) -> Path:
    if not isinstance(value, str) or not value.startswith("/"):
        raise WrongParam("want an absolute path")
    if len(value) > PATH_CHARACTERS_MAX:
        raise WrongParam(f"a path has at most {PATH_CHARACTERS_MAX} characters")
    if "\0" in value:
        raise WrongParam("a path has no zero character")
    return Path(value)


Directory = Annotated[Path, Param("directory", _parse_directory, {"type": "string"})]


def _backups(node: HasBackups) -> Backups:
    assert node.backups is not None, "admin methods are served where the node can copy itself"
    return node.backups


def backup(node: HasBackups, directory: Directory) -> bool:
    """Begin to copy the ledger into a new directory of the node's machine."""
    try:
        _backups(node).start(directory)
    except ValueError as error:
        raise BackupRefused(str(error)) from error
    return True


def backup_status(node: HasBackups) -> dict[str, Any]:
    """Return how far the last backup is."""
    state, copied, total, failure = _backups(node).progress()
    status = {"state": state, "copiedBytes": hex_quantity(copied), "bytes": hex_quantity(total)}
    return status if failure is None else status | {"failure": failure}


METHODS = (
    Method.of("admin_backup", backup),
    Method.of("admin_backupStatus", backup_status),
)
