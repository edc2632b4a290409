"""A sync that fails stops the node with a clear word, and is not tried again.

After a failed sync the page cache may have dropped what was written: a second one that succeeds
would prove nothing. A library before the C library lets syncs of the journal fail and counts them.
"""

import json
import urllib.error
from pathlib import Path

import pytest
from tests.conformance.shell import up
from tests.faults.preload import build_preload

SPOILER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_spoilt(int fd) {
    char link[64], path[4096];
    const char *tries = getenv("SYNC_TRIES");
    if (!tries || access(tries, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 4 || memcmp(path + length - 4, ".jnl", 4)) return 0;
    int file = open(tries, O_WRONLY | O_APPEND);
    if (write(file, "x", 1) != 1) abort();
    close(file);
    errno = EIO;
    return 1;
}

#define SYNCING(name)                                                                              \
    int name(int fd) { return is_spoilt(fd) ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, #name))(fd); }

SYNCING(fsync)
SYNCING(fdatasync)
"""


@pytest.fixture(scope="module")
def spoiler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled library."""
    return build_preload(tmp_path_factory.mktemp("spoiler"), SPOILER)


@pytest.mark.parametrize("sync", ["interval", "always"])
def test_a_failed_sync_stops_the_node_at_once(tmp_path: Path, spoiler: Path, sync: str) -> None:
    """Code 1, no further tries; the next start has what was acknowledged."""
    tries = tmp_path / "tries"
    settings = {"LD_PRELOAD": str(spoiler), "SYNC_TRIES": str(tries), "SOGDIA_STORAGE_SYNC": sync}
    with up(tmp_path, **settings) as node:
        sent = [node.send(nonce) for nonce in range(3)]
        tries.touch()
        with pytest.raises((OSError, urllib.error.URLError, KeyError, json.JSONDecodeError)):
            for nonce in range(3, 10_000):
                sent.append(node.send(nonce))
        code, said = node.said_at_its_end()
    assert code == 1, said[-2_000:]
    assert "cannot be written" in said
    assert "check the medium" in said
    # The engine syncs once more as it is taken apart; nobody hears of it, and nothing is claimed.
    assert len(tries.read_text()) <= 2
    with up(tmp_path) as node:
        for each in sent:
            assert node.call("eth_getTransactionByHash", each) is not None
        assert node.end() == 0
