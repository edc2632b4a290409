"""The store after power cuts: `recorder.c` says how they are made, `power_cut.py` what holds."""

import random
from pathlib import Path

import pytest
from tests.faults.power_cut import Loss, run
from tests.faults.store_load import Load

# Small values: a cut in nearly every commit. Large ones: flushes and compactions between them.
SMALL = (120, 400, 17)
LARGE = (60, 400_000, 11)


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        pytest.param(SMALL, 270, id="small-270"),
        pytest.param(LARGE, 30, id="large-30"),
        pytest.param(SMALL, 9_000, id="small-9000", marks=pytest.mark.full),
        pytest.param(LARGE, 1_000, id="large-1000", marks=pytest.mark.full),
    ],
)
def test_no_cut_takes_what_was_synced(
    tmp_path: Path, shape: tuple[int, int, int], count: int
) -> None:
    """The seed is printed; `Load(seed, …)` and the cuts follow from it."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    states = run(Load(seed, *shape), count, tmp_path, seed=seed)
    assert states > 5


@pytest.mark.parametrize("skipped", [".jnl"])
def test_a_sync_that_is_skipped_is_noticed(tmp_path: Path, skipped: str) -> None:
    """The planted defect: the engine is told that its journal is on the medium, and it is not."""
    with pytest.raises(Loss, match=r"is the last|does not open"):
        run(Load(1, *SMALL), 100, tmp_path, seed=1, skip_sync=skipped)
