"""Copies of a ledger in use: begun by a call, made on a thread, asked about until they are done.

B1  A copy holds exactly what was committed before it began, and is on the medium when done.
B2  One at a time: two would halve each other's speed.
"""

import threading
from pathlib import Path

from sogdia.ledger.node.parts import Parts, identity_of
from sogdia.ledger.primitives.errors import StorageError


class Backups:
    """The copies of one node."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._thread: threading.Thread | None = None
        self._directory: Path | None = None
        self._failure: str | None = None

    def start(self, directory: Path) -> None:
        """Begin to copy the ledger into `directory`, which is empty or not there.

        Raises:
            ValueError: one is running, or the directory holds something.
        """
        if self._is_running():
            raise ValueError(f"a backup to {self._directory} is running: wait for it")
        try:
            if directory.exists() and any(directory.iterdir()):
                raise ValueError(f"{directory} is not empty: choose a new directory for the copy")
        except OSError as error:
            raise ValueError(f"{directory}: {error.strerror}") from error
        self._directory, self._failure = directory, None
        # A thread of its own. A node that stops closes the store: the copy then fails and says so.
        self._thread = threading.Thread(target=self._copy, args=(directory,), name="backup")
        self._thread.start()

    def progress(self) -> tuple[str, int, int, str | None]:
        """Return state, bytes of the copy and of the ledger on disk, and why it failed."""
        total = self._parts.database.store.stats()["disk_bytes"]
        if self._directory is None:
            return "none", 0, total, None
        copied = _disk_bytes(self._directory)
        if self._is_running():
            return "running", copied, total, None
        return ("done" if self._failure is None else "failed"), copied, total, self._failure

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _copy(self, directory: Path) -> None:
        try:
            self._parts.database.copy_to(directory, identity_of(self._parts.params))
        except StorageError as error:
            self._failure = str(error)


def _disk_bytes(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue  # compacted away meanwhile
    return total
