"""The compiled core. Import it through its wrappers, never directly (see docs/architecture.md)."""

from collections.abc import Sequence
from os import PathLike
from typing import Any

# --- build -----------------------------------------------------------------------------------

def build_info() -> dict[str, str]:
    """Return how the binary was built: `version`, `profile`, `commit`."""

# --- codec -----------------------------------------------------------------------------------

# --- crypto ----------------------------------------------------------------------------------

# --- graph -----------------------------------------------------------------------------------

# --- evm and state ---------------------------------------------------------------------------

# --- store -----------------------------------------------------------------------------------

class Store:
    """An ordered, transactional key-value store; the same object serves Python and the core."""

    @staticmethod
    def open(
        path: str | PathLike[str],
        tables: Sequence[str],
        *,
        sync_interval_ms: int | None,
        cache_bytes: int,
    ) -> Store:
        """Open or make the store at `path`; `sync_interval_ms=None` syncs every commit.

        Raises:
            StorageError: locked, of another format, damaged, full or unreadable.
        """

    @staticmethod
    def memory(tables: Sequence[str]) -> Store:
        """Return a store in memory, gone with the process."""

    def tables(self) -> list[str]:
        """Return the names of the tables, the core's own first."""

    def get(self, table: str, key: bytes) -> bytes | None:
        """Return the value of `key`, or `None`."""

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values of `keys` at one moment, in their order."""

    def range(
        self,
        table: str,
        start: bytes = ...,
        end: bytes | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[tuple[bytes, bytes]]:
        """Return rows with `start <= key < end` in key order, or from the end when `reverse`."""

    def commit(
        self, rows: Sequence[tuple[str, bytes, bytes | None]], *, synced: bool = False
    ) -> None:
        """Apply `rows` (table, key, value or `None` to delete) as one atomic batch.

        Raises:
            StoreStopped: the write failed; every later commit repeats this.
        """

    def sync(self) -> None:
        """Bring every commit so far to the medium."""

    def raise_failure(self) -> None:
        """Raise the failure that stopped the store, when one did."""

    def stats(self) -> dict[str, Any]:
        """Return counters and sizes, the approximate rows of each table under `tables`."""

    def close(self) -> None:
        """Sync and let the directory go; later calls raise `StoreClosed`."""
