"""Proof of work against plain integers, and its search."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import work as twin

from sogdia.ledger.primitives import work

HASHES = st.binary(min_size=32, max_size=32)
NONCES = st.integers(0, 2**256 - 1)
EDGES = [0, 1, 2**127, 2**128 - 1, 2**128, 2**255 - 1, 2**255, 2**256 - 1]


@given(HASHES, NONCES | st.sampled_from(EDGES))
def test_the_hash_of_a_nonce_equals_the_twin(problem: bytes, nonce: int) -> None:
    """Nonces of all widths."""
    assert work.pow_hash(problem, nonce) == twin.pow_hash(problem, nonce)


@given(HASHES, NONCES | st.sampled_from(EDGES), st.integers(1, 2**256 - 1))
def test_window_and_quality_equal_the_twin(found: bytes, nonce: int, difficulty: int) -> None:
    """A solution of difficulty d has a quality of at least d."""
    assert work.lower_bound(nonce) == twin.lower_bound(nonce)
    assert work.pow_quality(found, nonce) == twin.pow_quality(found, nonce)
    for wanted in (difficulty, difficulty % 1000 + 1):
        assert work.meets(found, nonce, wanted) == twin.meets(found, nonce, wanted)
        if work.meets(found, nonce, wanted):
            assert work.pow_quality(found, nonce) >= wanted


def test_a_hash_at_the_start_of_the_window_has_the_largest_quality() -> None:
    """2^256 does not fit 256 bits: the quality stops one short of it."""
    nonce = 5 << 128
    start = work.lower_bound(nonce)
    assert work.pow_quality(start.to_bytes(32, "big"), nonce) == 2**256 - 1
    before = (start - 1).to_bytes(32, "big")
    assert work.pow_quality(before, nonce) == 1
    assert not work.meets(before, nonce, 2)
    assert work.meets(before, nonce, 1)


@given(HASHES, st.integers(1, 2_000), NONCES | st.sampled_from(EDGES))
def test_the_search_finds_the_first_nonce_that_the_twin_accepts(
    problem: bytes, difficulty: int, start: int
) -> None:
    """It wraps around at 2^256."""
    found = work.search_work(problem, difficulty, start, 50)
    solves = [
        nonce
        for nonce in ((start + step) % 2**256 for step in range(50))
        if twin.meets(twin.pow_hash(problem, nonce), nonce, difficulty)
    ]
    assert found == (solves[0] if solves else None)


def test_a_search_can_be_stopped_from_another_thread() -> None:
    """It would take 2^60 hashes otherwise: years."""
    stop = work.StopFlag()
    results: list[int | None] = []
    search = threading.Thread(
        target=lambda: results.append(work.search_work(b"p" * 32, 2**200, 0, 2**60, stop))
    )
    search.start()
    time.sleep(0.02)
    assert search.is_alive()
    stop.set()
    search.join(timeout=60)
    assert results == [None]
    assert stop.is_set()


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_problem_hash_of_another_size_is_refused(size: int) -> None:
    """The message names the size."""
    with pytest.raises(ValueError, match=f"32 bytes, not {size}"):
        work.pow_hash(bytes(size), 0)


@pytest.mark.parametrize("nonce", [-1, 2**256])
def test_a_nonce_beyond_256_bits_is_refused(nonce: int) -> None:
    """Nothing wraps in silence."""
    with pytest.raises(OverflowError):
        work.pow_hash(bytes(32), nonce)
