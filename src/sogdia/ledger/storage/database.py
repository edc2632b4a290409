"""The one place where a data directory is opened.

    D1  A directory belongs to one process at a time, and to one ledger for ever.
    D2  A refused directory is left as it was.
    D3  What the store had synced is there when it opens, or it does not open (head record).

*Written* means handed to the operating system: a killed process loses nothing. *Synced* means on
the medium: a power cut loses nothing. Every commit is written when it returns; `sync` says when it
is synced.

In the directory: `ledger.json` (which ledger, which format), `lock` (who has it open), `store/`.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from sogdia._core import Store
from sogdia.ledger.storage import tables
from sogdia.ledger.storage.errors import (
    DestinationNotEmpty,
    DirectoryLocked,
    ReadFailed,
    StoreFull,
    WriteFailed,
)
from sogdia.ledger.storage.identity import (
    LEFT_BY_NOBODY,
    Identity,
    claim,
    remove_ledger,
    verify_identity,
    verify_own,
)
from sogdia.ledger.storage.table import Table

SYNC_INTERVAL_MS = 100  # what a power cut may cost a development chain
CACHE_BYTES = 32 * 1024 * 1024  # blocks of the store read lately; the hot state is cached above it
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SyncMode(Enum):
    """When commits reach the medium."""

    ALWAYS = "always"  # before a commit returns; commits that wait together share one sync
    INTERVAL = "interval"  # every SYNC_INTERVAL_MS in the background


class Database:
    """An open data directory. Close it, or use it as a context manager."""

    def __init__(self, store: Store, lock: int | None) -> None:
        self.store = store
        self._lock = lock

    @classmethod
    def open(
        cls,
        directory: Path,
        identity: Identity,
        *,
        sync: SyncMode,
        cache_bytes: int = CACHE_BYTES,
        extra_tables: Iterable[Table] = (),
    ) -> Self:
        """Open the ledger in `directory`, or begin one when it is empty or not there.

        Raises:
            DirectoryRefused: it is locked, foreign, another ledger's, or of another format.
            StoreDamaged: the files contradict themselves, or synced commits are missing.
            StoreStopped: it cannot be written.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            verify_own(directory)
            lock = _lock(directory)
        except OSError as error:
            raise _storage_error(directory, error) from error
        try:
            verify_identity(directory, identity)
            interval_ms = SYNC_INTERVAL_MS if sync is SyncMode.INTERVAL else None
            store = Store.open(
                directory / "store",
                [table.name for table in (*tables.ALL, *extra_tables)],
                sync_interval_ms=interval_ms,
                cache_bytes=cache_bytes,
            )
        except OSError as error:
            os.close(lock)
            raise _storage_error(directory, error) from error
        except BaseException:
            os.close(lock)
            raise
        return cls(store, lock)

    @staticmethod
    def discard(directory: Path, network: str | None = None) -> None:
        """Remove the ledger in `directory`, if there is one, and nothing else.

        Raises:
            DirectoryLocked: it is in use.
            ForeignDirectory: it holds other files and no ledger.
            WrongNetwork: it is a ledger of another network than `network`.
            WriteFailed: it cannot be removed.
        """
        if not directory.exists():
            return
        try:
            verify_own(directory, LEFT_BY_NOBODY)
            lock = _lock(directory)
            try:
                remove_ledger(directory, network)
            finally:
                os.close(lock)
        except OSError as error:
            raise _storage_error(directory, error) from error

    @classmethod
    def in_memory(cls, extra_tables: Iterable[Table] = ()) -> Self:
        """Return a database that is gone with the process."""
        return cls(Store.memory([table.name for table in (*tables.ALL, *extra_tables)]), None)

    def copy_to(self, directory: Path, identity: Identity) -> None:
        """Copy the ledger as it is now into `directory`; others may go on writing meanwhile.

        The copy is a data directory of its own. Its identity is written last, so that a copy that
        was cut short is not taken for a ledger; one that fails is removed.

        Raises:
            DestinationNotEmpty: the directory holds something; nothing was written.
            StorageError: it cannot be written.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            if any(directory.iterdir()):
                raise DestinationNotEmpty(path=directory)
            try:
                self.store.copy_to(directory / "store")
                claim(directory, identity)
            except BaseException:
                # Half a copy takes the room that is wanted, and keeps the next one from beginning.
                shutil.rmtree(directory / "store", ignore_errors=True)
                raise
        except OSError as error:
            raise _storage_error(directory, error) from error

    def close(self) -> None:
        """Sync and let the directory go; closing twice is no error.

        Raises:
            StoreStopped: the last sync failed; the directory is let go all the same.
        """
        try:
            self.store.close()
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def verify_unlocked(directory: Path) -> None:
    """Look whether the ledger in `directory` could be opened now; take nothing, make nothing.

    Raises:
        DirectoryLocked: another process has it open.
        ReadFailed: its lock cannot be read.
    """
    try:
        lock = os.open(directory / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ReadFailed(path=directory, detail=error.strerror or str(error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DirectoryLocked(path=directory, process=_written_owner(lock)) from error
    finally:
        os.close(lock)


def _written_owner(lock: int) -> int | None:
    owner = os.read(lock, 20).decode("ascii", "replace").strip()
    return int(owner) if owner.isdecimal() else None


def _lock(directory: Path) -> int:
    """Take the directory's lock and write our process id into it; return the descriptor."""
    # The operating system lets the lock go when the process ends, however it ends.
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        process = _written_owner(lock)
        os.close(lock)
        raise DirectoryLocked(path=directory, process=process) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _storage_error(directory: Path, error: OSError) -> StoreFull | WriteFailed:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return WriteFailed(path=directory, detail=f"{error.strerror}: a file is in its place")
    kind = StoreFull if error.errno in _NO_ROOM else WriteFailed
    return kind(path=directory, detail=error.strerror or str(error))
