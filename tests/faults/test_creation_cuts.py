"""A power cut while a ledger's directory is made: the next start makes it, and nobody has to help.

Some two thousand moments of it are cut, or a sample. Run as a program, this module makes the
directory.
"""

import random
import sys
from pathlib import Path

import pytest
from tests.faults.power_cut import images, record_command
from tests.faults.recording import Change

from sogdia.ledger.storage.database import Database, SyncMode
from sogdia.ledger.storage.identity import Identity

IDENTITY = Identity("cut", 7, bytes(32))
COMMAND = ["tests.faults.test_creation_cuts"]
ROW = ("progress", b"key", b"value")


def make(folder: Path) -> None:
    """Begin a ledger, as a first start does, and let it go."""
    Database.open(folder / "ledger", IDENTITY, sync=SyncMode.ALWAYS).close()


@pytest.mark.parametrize("count", [150, pytest.param(None, marks=pytest.mark.full)])
def test_a_cut_at_any_moment_leaves_what_the_next_start_begins_with(
    tmp_path: Path, count: int | None
) -> None:
    """What is begun then works, and opens once more. The seed is printed; None: each twice."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    check(record_command([*COMMAND, str(tmp_path / "data")], tmp_path), count, seed, tmp_path)


def test_a_creation_that_syncs_nothing_is_noticed(tmp_path: Path) -> None:
    """The planted defect: every sync says that it was done, and was not."""
    command = [*COMMAND, str(tmp_path / "data")]
    changes = record_command(command, tmp_path, skip_sync="")
    with pytest.raises(AssertionError, match="cut after change"):
        check(changes, 150, 1, tmp_path)


def check(changes: list[Change], count: int | None, seed: int, folder: Path) -> None:
    """Cut a recorded creation at `count` moments, or twice at each."""
    chance = random.Random(seed)
    every = range(1, len(changes) + 1)
    places = [*every] * 2 if count is None else chance.sample(every, count)
    for cut, image in images(changes, places, chance, folder):
        try:
            with Database.open(image / "ledger", IDENTITY, sync=SyncMode.ALWAYS) as database:
                assert database.store.stats()["commits"] == 0
                database.store.commit([ROW], synced=True)
            with Database.open(image / "ledger", IDENTITY, sync=SyncMode.ALWAYS) as database:
                assert database.store.get(*ROW[:2]) == ROW[2]
        except Exception as error:
            raise AssertionError(f"seed {seed}, cut after change {cut.place}: {error}") from error


if __name__ == "__main__":
    make(Path(sys.argv[1]))
