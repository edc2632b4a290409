"""A machine's clock that jumps by an hour while the node runs, ahead and back.

Blocks are made all the time, no block is older than its parent, and the next start is clean. The
clock is moved by a library before the C library; what waits and times out goes by another clock.
"""

import contextlib
import mmap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.shell import Up, up
from tests.faults.preload import build_preload

HOUR_S = 3_600
WAIT_S = 120
MOVER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile int64_t *moved;

__attribute__((constructor)) static void begin(void) {
    int fd = open(getenv("CLOCK_MOVED"), O_RDONLY);
    if (fd >= 0) moved = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (!result && clock == CLOCK_REALTIME && moved) now->tv_sec += *moved;
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}
"""


@pytest.fixture(scope="module")
def mover(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled library."""
    return build_preload(tmp_path_factory.mktemp("mover"), MOVER)


@contextlib.contextmanager
def clock_of(path: Path) -> Iterator[mmap.mmap]:
    """Yield the eight bytes that say by how many seconds the clock is moved."""
    path.write_bytes(bytes(8))
    with path.open("r+b") as stream, mmap.mmap(stream.fileno(), 8) as moved:
        yield moved


def mined_at(node: Up, nonce: int) -> int:
    """Send a transfer and wait until it is in a block; return the block's time."""
    sent = node.send(nonce)
    end = time.monotonic() + WAIT_S
    while (receipt := node.call("eth_getTransactionReceipt", sent)) is None:
        assert time.monotonic() < end, "never mined"
        time.sleep(0.02)
    block = node.call("eth_getBlockByNumber", receipt["blockNumber"], False)
    return int(block["timestamp"], 16)


def test_blocks_go_on_when_the_clock_jumps(tmp_path: Path, mover: Path) -> None:
    """An hour ahead, two hours back from there, and to where it was; then a start."""
    with clock_of(tmp_path / "moved") as moved:
        settings = {"LD_PRELOAD": str(mover), "CLOCK_MOVED": str(tmp_path / "moved")}
        with up(tmp_path, **settings) as node:
            times = [mined_at(node, 0)]
            for nonce, offset in enumerate((HOUR_S, -HOUR_S, 0), start=1):
                moved[:] = offset.to_bytes(8, "little", signed=True)
                times.append(mined_at(node, nonce))
            assert node.end() == 0
        assert times == sorted(times)
        assert times[1] >= times[0] + HOUR_S, "the jump was seen"
        # An hour back again: the last block lies two hours ahead of the clock.
        moved[:] = (-HOUR_S).to_bytes(8, "little", signed=True)
        with up(tmp_path, **settings) as node:
            assert mined_at(node, len(times)) >= times[-1]
            assert node.end() == 0
