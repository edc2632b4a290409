"""A load for the store whose every state is known, and the program that puts it on one.

Commit `n` writes its number, some rows and some deletions, all of them decided by the seed alone.
The file `acks` says which commits had returned, and which were promised to be synced.
"""

import hashlib
import os
import random
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sogdia._core import Store

TABLES = ["rows", "more"]
LATER = "later"  # a table that a later version adds to a store that is there
LAST = b"last"
ACK = struct.Struct("<I?")
NEVER_MS = 3_600_000  # the store's own clock syncs nothing meanwhile

Row = tuple[str, bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Load:
    """What is committed: `value_bytes` decides how often the engine flushes and compacts."""

    seed: int
    commits: int
    value_bytes: int
    reopen_every: int

    def changes(self, number: int) -> list[Row]:
        """Return the rows of a commit."""
        chance = random.Random(f"{self.seed} {number}")
        rows: list[Row] = [("rows", LAST, number.to_bytes(4))]
        for _ in range(chance.randint(1, 12)):
            table, key = chance.choice(TABLES), b"k%d" % chance.randrange(40)
            is_kept = chance.random() < 0.8
            value = chance.randbytes(chance.randint(1, self.value_bytes)) if is_kept else None
            rows.append((table, key, value))
        return rows

    def is_synced(self, number: int) -> bool:
        """Tell whether a commit is promised to be on the medium when it returns."""
        return random.Random(f"{self.seed} {number} synced").random() < 0.5

    def digests(self) -> list[bytes]:
        """Return the digest of the contents after each number of commits, 0 first."""
        contents: dict[str, dict[bytes, bytes]] = {table: {} for table in TABLES}
        found = [digest(contents)]
        for number in range(1, self.commits + 1):
            for table, key, value in self.changes(number):
                if value is None:
                    contents[table].pop(key, None)
                else:
                    contents[table][key] = value
            found.append(digest(contents))
        return found


def digest(contents: dict[str, dict[bytes, bytes]]) -> bytes:
    """Return what two stores of equal contents have in common."""
    hashed = hashlib.sha256()
    for table, rows in sorted(contents.items()):
        for key, value in sorted(rows.items()):
            hashed.update(f"{table} {len(key)} {len(value)} ".encode() + key + value)
    return hashed.digest()


def open_store(path: Path, *, is_first: bool = False) -> Store:
    """Open it without a clock of its own, so that syncs are where the load says."""
    tables = TABLES if is_first else [*TABLES, LATER]
    return Store.open(path, tables, sync_interval_ms=NEVER_MS, cache_bytes=1 << 20)


def contents_of(store: Store) -> dict[str, dict[bytes, bytes]]:
    """Return everything in it."""
    return {table: dict(_rows(store, table)) for table in TABLES}


def _rows(store: Store, table: str) -> Iterator[tuple[bytes, bytes]]:
    yield from store.range(table)


def put(load: Load, folder: Path) -> None:
    """Commit all of it in `folder`/store, opening the store anew every so often."""
    acks = os.open(folder / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    store = open_store(folder / "store", is_first=True)
    for number in range(1, load.commits + 1):
        is_synced = load.is_synced(number)
        store.commit(load.changes(number), synced=is_synced)
        os.write(acks, ACK.pack(number, is_synced))
        if number % load.reopen_every == 0:
            store.close()
            store = open_store(folder / "store")
    store.close()


if __name__ == "__main__":
    put(Load(*map(int, sys.argv[2:])), Path(sys.argv[1]))
