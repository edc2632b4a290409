"""No input crashes, stalls or feeds a decoder: typed errors, in time, in little memory.

A find becomes a file of the corpus: `found-…` in the folder of its target, tried in every run.
"""

import gc
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.fuzz.mutations import Mutation, changes, corpus, draw, mutate
from tests.fuzz.targets import TARGETS, Target

CPU_S_MAX = 0.1  # of one input: while it is decoded the loop serves nobody
GROWTH_BYTES_MAX = 64 << 20
SAMPLE, WHOLE = 700, 77_000  # inputs of each target; 13 of them make a million


class Stalled(AssertionError):
    """One input took longer than the loop may be held."""


class Grew(AssertionError):
    """Inputs left memory behind."""


def attempt(target: Target, data: bytes, folder: Path) -> None:
    """Give one input to a target.

    Raises:
        Stalled: it took too long; whatever else the target raises and must not.
    """
    began = time.thread_time()
    try:
        target.run(data, folder)
    except target.refusals as refusal:
        str(refusal)  # its words are made of the values that were wrong
    taken = time.thread_time() - began
    if taken > CPU_S_MAX:
        raise Stalled(f"{taken:.3f} s for {len(data)} bytes: {data[:80]!r}")


def fuzz(target: Target, name: str, folder: Path, *, count: int, seed_: int) -> None:
    """Try `count` inputs near the corpus of `name`.

    Raises:
        Stalled, Grew; whatever else the target raises and must not.
    """

    kept = corpus(name)
    rounds = max(1, count // len(kept))
    before = resident_bytes()

    @seed(seed_)
    @settings(
        max_examples=rounds,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(changes)
    def run(mutations: list[Mutation]) -> None:
        for data in kept:
            attempt(target, mutate(data, mutations), folder)

    run()
    check_growth(before, count)


def fuzz_at_length(target: Target, name: str, folder: Path, *, count: int, seed_: int) -> None:
    """Try `count` inputs near the corpus, drawn without Hypothesis: a hundred times as many.

    Raises:
        Stalled, Grew; whatever else the target raises and must not, with the input.
    """
    chance, kept = random.Random(seed_), corpus(name)
    for data in kept:
        attempt(target, data, folder)
    before = resident_bytes()
    for _ in range(count):
        data = mutate(chance.choice(kept), draw(chance))
        try:
            attempt(target, data, folder)
        except Exception as error:
            error.add_note(f"{name}: {data!r}")
            raise
    check_growth(before, count)


def check_growth(before: int, count: int) -> None:
    """Compare the memory of this process with what it was.

    Raises:
        Grew.
    """
    gc.collect()
    grown = resident_bytes() - before
    if grown > GROWTH_BYTES_MAX:
        raise Grew(f"{grown:,} bytes after {count:,} inputs")


def resident_bytes() -> int:
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_taken_or_refused(name: str, tmp_path: Path) -> None:
    """Every file of it; those that are not finds are valid."""
    for data in corpus(name):
        attempt(TARGETS[name], data, tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_crashes_stalls_or_feeds(name: str, tmp_path: Path) -> None:
    """The seed is printed; Hypothesis makes a find small."""
    chosen = random.randrange(2**32)
    print(f"seed {chosen}")
    fuzz(TARGETS[name], name, tmp_path, count=SAMPLE, seed_=chosen)


@pytest.mark.full
@pytest.mark.parametrize("name", TARGETS)
def test_none_of_a_million_does(name: str, tmp_path: Path) -> None:
    """The seed is printed."""
    chosen = random.randrange(2**32)
    print(f"seed {chosen}: {WHOLE:,} inputs")
    fuzz_at_length(TARGETS[name], name, tmp_path, count=WHOLE, seed_=chosen)


def planted(defect: Callable[[bytes], None]) -> Target:
    """Return a target with a defect before the real one."""

    def run(data: bytes, folder: Path) -> object:
        if len(data) % 5 == 0:
            defect(data)
        return TARGETS["rpc"].run(data, folder)

    return Target(run, TARGETS["rpc"].refusals)


def stall(_: bytes) -> None:
    """Hold the processor."""
    end = time.thread_time() + 2 * CPU_S_MAX
    while time.thread_time() < end:
        pass


def test_the_oracles_notice_planted_defects(tmp_path: Path) -> None:
    """One that crashes, one that stalls, one that grows."""

    def crash(data: bytes) -> None:
        raise ZeroDivisionError(len(data))

    with pytest.raises(ZeroDivisionError):
        fuzz(planted(crash), "rpc", tmp_path, count=500, seed_=1)
    with pytest.raises(ZeroDivisionError):
        fuzz_at_length(planted(crash), "rpc", tmp_path, count=500, seed_=1)
    with pytest.raises(Stalled):
        attempt(planted(stall), b"[1,2]", tmp_path)
    kept: list[bytearray] = []
    with pytest.raises(Grew):
        fuzz_at_length(
            planted(lambda _: kept.append(bytearray(b"x") * (4 << 20))),
            "rpc",
            tmp_path,
            count=3_000,
            seed_=1,
        )
