"""Why a data directory is refused, or why the store stopped; each says what to do.

    StorageError
    ├── DirectoryRefused
    │   ├── DirectoryLocked     another process has it open
    │   ├── ForeignDirectory    it holds something else
    │   ├── WrongNetwork        it holds another ledger
    │   └── UnknownFormat       it was written by another version
    ├── StoreDamaged            the files contradict themselves, or commits are missing
    ├── StoreStopped
    │   ├── StoreFull           no room left
    │   └── WriteFailed         a write or a sync failed
    ├── ReadFailed
    ├── DestinationNotEmpty     a copy would mix with what is there
    ├── ForeignProcess          a store does not survive a fork
    ├── StoreClosed
    └── InvalidRequest
        ├── InvalidTable
        └── InvalidKey

The core raises these by name with the fields as keyword arguments.
"""

from pathlib import Path

from sogdia.ledger.primitives.errors import StorageError


class DirectoryRefused(StorageError):
    """The data directory cannot be used as it is; nothing in it was changed."""

    def __init__(self, *, path: str | Path) -> None:
        super().__init__(path)
        self.path = Path(path)


class DirectoryLocked(DirectoryRefused):
    """Another process has the directory open."""

    def __init__(self, *, path: str | Path, process: int | None = None) -> None:
        super().__init__(path=path)
        self.process = process

    def __str__(self) -> str:
        owner = "another process" if self.process is None else f"process {self.process}"
        return (
            f"{self.path} is in use by {owner}: stop it, or choose another directory "
            "with --data-dir"
        )


class ForeignDirectory(DirectoryRefused):
    """The directory is not empty and was not made by this program."""

    def __init__(self, *, path: str | Path, found: str) -> None:
        super().__init__(path=path)
        self.found = found

    def __str__(self) -> str:
        return (
            f"{self.path} holds {self.found!r} and no ledger: choose an empty directory "
            "with --data-dir"
        )


class WrongNetwork(DirectoryRefused):
    """The directory holds another ledger than the one that was asked for."""

    def __init__(self, *, path: str | Path, field: str, found: str, expected: str) -> None:
        super().__init__(path=path)
        self.field = field
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return (
            f"{self.path} holds a ledger whose {self.field} is {self.found}, and {self.expected} "
            "was asked for: choose another directory with --data-dir, or, if this one is a "
            "development ledger, discard it with `sogdia up --fresh`"
        )


class UnknownFormat(DirectoryRefused):
    """The directory is of a format that this version does not read."""

    def __init__(self, *, path: str | Path, found: str, expected: str) -> None:
        super().__init__(path=path)
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return (
            f"{self.path} is of format {self.found}, and this version reads {self.expected}: "
            "use the version that wrote it, or write its blocks to a file with that version "
            "(`sogdia db export`) and take them into a new directory with this one "
            "(`sogdia db import`)"
        )


class StoreDamaged(StorageError):
    """The files contradict themselves, or acknowledged commits are missing."""

    def __init__(self, *, path: str | Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = Path(path)
        self.detail = detail

    def __str__(self) -> str:
        return (
            f"{self.path} is damaged: {self.detail}. Keep a copy, check the medium, and restore a "
            "backup; on a development chain start again with --fresh"
        )


class StoreStopped(StorageError):
    """A write failed, and nothing more is accepted: what was acknowledged is safe."""

    def __init__(self, *, path: str | Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = Path(path)
        self.detail = detail


class StoreFull(StoreStopped):
    """No room is left on the medium, in the quota, or under the limit on file sizes."""

    def __str__(self) -> str:
        return f"no room left at {self.path} ({self.detail}): make room and start again"


class WriteFailed(StoreStopped):
    """A write or a sync failed for another reason than room; it is never tried again."""

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be written ({self.detail}): check the medium and the permissions, "
            "then start again"
        )


class ReadFailed(StorageError):
    """The operating system could not read the files."""

    def __init__(self, *, path: str | Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = Path(path)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.path} cannot be read ({self.detail}): check the medium and the permissions"


class DestinationNotEmpty(StorageError):
    """A copy was asked for in a directory that holds something; nothing was written."""

    def __init__(self, *, path: str | Path) -> None:
        super().__init__(path)
        self.path = Path(path)

    def __str__(self) -> str:
        return f"{self.path} is not empty: choose a new directory for the copy"


class ForeignProcess(StorageError):
    """The store was opened by another process; it does not survive a fork."""

    def __init__(self, *, opened_by: int, used_by: int) -> None:
        super().__init__(opened_by, used_by)
        self.opened_by = opened_by
        self.used_by = used_by

    def __str__(self) -> str:
        return (
            f"the store was opened by process {self.opened_by} and is used by {self.used_by}: "
            "open it in the process that uses it"
        )


class StoreClosed(StorageError):
    """The store has been closed."""

    def __str__(self) -> str:
        return "the store is closed"


class InvalidRequest(StorageError):
    """A caller's mistake; nothing was written."""


class InvalidTable(InvalidRequest):
    """No such table, a malformed name, or rows that the table cannot take."""

    def __init__(self, *, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name = name
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class InvalidKey(InvalidRequest):
    """A key is empty or too long."""

    def __init__(self, *, length: int) -> None:
        super().__init__(length)
        self.length = length

    def __str__(self) -> str:
        return f"a key has {self.length} bytes; keys have 1 to 65,535"
