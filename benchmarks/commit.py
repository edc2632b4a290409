"""What an atomic batch costs: the store against SQLite's log, and against appending to a file.

    uv run python -m benchmarks.commit

Each round writes the same batches to all three, in turn: 1,000 rows of a 32-byte random key and
a 100-byte random value, as an epoch of a few hundred transactions does. *Written* leaves the
bytes with the operating system, *synced* waits for the medium. The file is the limit: it has no
order, no index and no atomicity.
"""

import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sogdia._core import Store

ROUNDS = 5
BATCHES = 100
ROWS = 1_000

Batch = list[tuple[bytes, bytes]]
Writer = Callable[[Batch], None]


def store_writer(directory: Path, *, synced: bool) -> Writer:
    """Return a writer into a new store."""
    store = Store.open(directory, ["rows"], sync_interval_ms=3_600_000, cache_bytes=1 << 25)

    def write(batch: Batch) -> None:
        store.commit([("rows", key, value) for key, value in batch], synced=synced)

    return write


def sqlite_writer(path: Path, *, synced: bool) -> Writer:
    """Return a writer into a new database in write-ahead mode."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute(f"pragma synchronous = {'full' if synced else 'off'}")
    connection.execute("create table rows (key blob primary key, value blob) without rowid")

    def write(batch: Batch) -> None:
        connection.execute("begin")
        connection.executemany("insert or replace into rows values (?, ?)", batch)
        connection.execute("commit")

    return write


def file_writer(path: Path, *, synced: bool) -> Writer:
    """Return a writer that appends to a new file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(batch: Batch) -> None:
        os.write(descriptor, b"".join(key + value for key, value in batch))
        if synced:
            os.fdatasync(descriptor)

    return write


WRITERS = {"store": store_writer, "sqlite": sqlite_writer, "file": file_writer}


def measure(directory: Path, *, synced: bool) -> dict[str, list[float]]:
    """Return rows per second of each writer, one entry a round."""
    rates: dict[str, list[float]] = {name: [] for name in WRITERS}
    for round_number in range(ROUNDS):
        batches = [[(os.urandom(32), os.urandom(100)) for _ in range(ROWS)] for _ in range(BATCHES)]
        for name, make in WRITERS.items():
            write = make(directory / f"{name}-{synced}-{round_number}", synced=synced)
            started = time.perf_counter()
            for batch in batches:
                write(batch)
            rates[name].append(BATCHES * ROWS / (time.perf_counter() - started))
    return rates


def main() -> None:
    """Print medians, spreads and ratios as JSON."""
    report = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as directory:
        for synced in (False, True):
            rates = measure(Path(directory), synced=synced)
            medians = {name: statistics.median(values) for name, values in rates.items()}
            report["synced" if synced else "written"] = {
                "rows_per_second": {name: round(median) for name, median in medians.items()},
                "spread": {
                    name: round((max(v) - min(v)) / statistics.median(v), 2)
                    for name, v in rates.items()
                },
                "store_to_sqlite": round(medians["store"] / medians["sqlite"], 2),
                "store_to_file": round(medians["store"] / medians["file"], 2),
            }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
