"""A medium without room: the store stops with a typed error, and nothing acknowledged is lost.

The operating system's limit on file sizes stands for the full medium: the same calls fail at the
same places, and no privilege is needed. It comes once the store is open, as the journal begins with
64 MiB set aside; within those, it is met before the engine flushes a table or changes the journal.
"""

import json
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from sogdia._core import Store
from sogdia.ledger.storage.errors import StoreFull

LIMIT_BYTES = 16 * 1024 * 1024
# So many that the journal reaches the limit before any of them is full (8 MiB) and flushed.
TABLES = [f"rows{number}" for number in range(6)]
VALUE = random.Random(1).randbytes(256 * 1024)  # incompressible, as state is


def open_store(path: Path, sync_interval_ms: int | None) -> Store:
    return Store.open(path, TABLES, sync_interval_ms=sync_interval_ms, cache_bytes=1 << 20)


def fill(path: Path, sync_interval_ms: int | None) -> None:
    """Commit until the medium is full; print what was acknowledged and what was said then."""
    store = open_store(path, sync_interval_ms)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))
    acknowledged, words = 0, []
    try:
        while acknowledged * len(VALUE) < 4 * LIMIT_BYTES:
            key = b"%06d" % acknowledged
            store.commit([(TABLES[acknowledged % 6], key, VALUE), (TABLES[0], b"last", key)])
            acknowledged += 1
    except StoreFull as error:
        words.append(str(error))
    for again in (lambda: store.commit([("rows0", b"k", b"v")]), store.sync, store.raise_failure):
        try:
            again()
        except StoreFull as error:
            words.append(str(error))
    print(json.dumps([acknowledged, words]))


@pytest.mark.parametrize("sync_interval_ms", [None, 100], ids=["always", "interval"])
def test_a_full_medium_stops_the_store_and_loses_nothing(
    tmp_path: Path, sync_interval_ms: int | None
) -> None:
    """The same words for every later call; after room was made, all is there and it goes on."""
    program = f"from {__name__} import *; fill(Path({str(tmp_path)!r}), {sync_interval_ms})"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    acknowledged, words = json.loads(result.stdout)
    assert LIMIT_BYTES / 2 < acknowledged * len(VALUE) < LIMIT_BYTES
    assert len(words) == 4
    assert len(set(words)) == 1
    assert words[0].startswith(f"no room left at {tmp_path}")
    assert words[0].endswith("make room and start again")
    store = open_store(tmp_path, sync_interval_ms)
    for number in range(acknowledged):
        assert store.get(TABLES[number % 6], b"%06d" % number) == VALUE
    assert store.get("rows0", b"last") == b"%06d" % (acknowledged - 1)
    assert store.get(TABLES[acknowledged % 6], b"%06d" % acknowledged) is None
    store.commit([("rows0", b"k", b"v")], synced=True)
