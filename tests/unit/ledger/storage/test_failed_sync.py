"""A sync that fails stops the store with a clear word, and is never tried again.

A small library in front of the C library lets fdatasync fail with EIO once a file says so, and
counts the calls. After a failed sync the page cache may have dropped what it could not write, so
that a second one would succeed without it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.preload import build_preload

from sogdia._core import Store
from sogdia.ledger.storage.errors import WriteFailed

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int failing(void) { return access(getenv("SHIM_FAIL"), F_OK) == 0; }

static void count(void) {
    int calls = open(getenv("SHIM_CALLS"), O_WRONLY | O_APPEND);
    if (calls >= 0) { (void)!write(calls, "x", 1); close(calls); }
}

int fdatasync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (!failing()) return real(descriptor);
    count();
    errno = EIO;
    return -1;
}
"""


def store_at(path: Path, sync_interval_ms: int | None) -> Store:
    return Store.open(path, ["rows"], sync_interval_ms=sync_interval_ms, cache_bytes=1 << 20)


def attempt(path: Path, sync_interval_ms: int | None) -> None:
    """Commit, let syncs fail, commit again; print what each later call said."""
    store = store_at(path, sync_interval_ms)
    store.commit([("rows", b"before", b"1")], synced=True)
    Path(os.environ["SHIM_FAIL"]).touch()
    words = []
    for call in (
        lambda: store.commit([("rows", b"lost", b"1")], synced=True),
        lambda: store.commit([("rows", b"after", b"1")]),
        store.sync,
        store.raise_failure,
    ):
        try:
            call()
            words.append("")
        except WriteFailed as error:
            words.append(str(error))
    print(json.dumps(words))


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled library."""
    return build_preload(tmp_path_factory.mktemp("shim"), SHIM)


@pytest.mark.parametrize("sync_interval_ms", [None, 3_600_000], ids=["always", "interval"])
def test_a_failed_sync_stops_the_store_and_is_not_tried_again(
    tmp_path: Path, shim: Path, sync_interval_ms: int | None
) -> None:
    """The same words for every later call, one call of fdatasync, and a clean opening after."""
    (tmp_path / "calls").touch()
    program = (
        f"from {__name__} import *; attempt(Path({str(tmp_path)!r}) / 's', {sync_interval_ms})"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {
            "LD_PRELOAD": str(shim),
            "SHIM_FAIL": str(tmp_path / "fail"),
            "SHIM_CALLS": str(tmp_path / "calls"),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    words = json.loads(result.stdout)
    assert len(set(words)) == 1
    assert words[0].startswith(f"{tmp_path}/s cannot be written (Input/output error")
    assert (tmp_path / "calls").read_text() == "x"
    store = store_at(tmp_path / "s", sync_interval_ms)
    assert store.get("rows", b"before") == b"1"
    assert store.get("rows", b"after") is None
