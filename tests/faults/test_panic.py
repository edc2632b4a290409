"""A panic of the core stops the node with its trace and code 1, and the next start is clean.

The core is not asked to panic; it is made to. A library before the C library answers a write of the
engine's journal with one byte more than was given, which no system does: Rust's own bounds check
panics, in the middle of a commit.
"""

import json
import urllib.error
from pathlib import Path

import pytest
from tests.conformance.shell import up
from tests.faults.preload import build_preload

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS

LIAR = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) =
        (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    ssize_t done = real(fd, bytes, count);
    char link[64], path[4096];
    if (access(getenv("LIAR_BEGINS"), F_OK)) return done;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 4 || memcmp(path + length - 4, ".jnl", 4)) return done;
    return done + 1;
}
"""


@pytest.fixture(scope="module")
def liar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled library."""
    return build_preload(tmp_path_factory.mktemp("liar"), LIAR)


@pytest.mark.parametrize("sync", ["interval", "always"])
def test_a_panic_stops_the_node_and_the_next_start_is_clean(
    tmp_path: Path, liar: Path, sync: str
) -> None:
    """What had been acknowledged before is there, and the node works."""
    begins = tmp_path / "begins"
    settings = {"LD_PRELOAD": str(liar), "LIAR_BEGINS": str(begins), "SOGDIA_STORAGE_SYNC": sync}
    with up(tmp_path, **settings) as node:
        sent = [node.send(nonce) for nonce in range(3)]
        begins.touch()
        with pytest.raises((OSError, urllib.error.URLError, KeyError, json.JSONDecodeError)):
            for nonce in range(3, 100):
                sent.append(node.send(nonce))
        code, said = node.said_at_its_end()
    assert code == 1, said[-2_000:]
    assert "the core panicked: range end index" in said
    assert "the node stops" in said
    assert "stack backtrace:" in said, "where in the core; who asked depends on who hears first"
    with up(tmp_path) as node:
        for each in sent:
            assert node.call("eth_getTransactionByHash", each) is not None
        address = DEVELOPMENT_ACCOUNTS[0].shown
        # What was in flight may have been taken or not.
        following = int(node.call("eth_getTransactionCount", address, "pending"), 16)
        assert following >= len(sent)
        assert node.send(following)
