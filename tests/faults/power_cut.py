"""Power cuts on the store: whatever a cut leaves, the store opens and keeps what it promised.

C1  It opens without a word of damage: what a cut tears is not damage.
C2  Its contents are those after some number of commits, whole (S1) and in order (S2).
C3  That number is at least the last commit that had returned as synced.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.recording import (
    Change,
    Content,
    Disk,
    Names,
    build_recorder,
    check_complete,
    read_recording,
    write_image,
)
from tests.faults.store_load import ACK, LAST, Load, contents_of, digest, open_store

from sogdia.ledger.primitives.errors import StorageError

ROOT = Path(__file__).resolve().parents[2]


class Loss(AssertionError):
    """What a cut took that it must not take."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment, what may be left of the disk, and what had been promised by then."""

    place: int
    names: Names
    contents: dict[str, Content]
    synced: int
    begun: int


def record(load: Load, folder: Path, *, skip_sync: str | None = None) -> list[Change]:
    """Run the load under the recorder; return what it did to the files.

    `skip_sync` plants a defect: syncs of files whose name contains it do nothing and say they did.
    """
    words = (load.seed, load.commits, load.value_bytes, load.reopen_every)
    command = ["tests.faults.store_load", str(folder / "data"), *map(str, words)]
    return record_command(command, folder, skip_sync=skip_sync)


def record_command(
    command: list[str], folder: Path, *, skip_sync: str | None = None
) -> list[Change]:
    """Run a module with its arguments; return what it did to the files below `folder`/data."""
    data = folder / "data"
    data.mkdir()
    environment = os.environ | {
        "LD_PRELOAD": str(build_recorder(folder)),
        "RECORD_DIR": str(data),
        "RECORD_LOG": str(folder / "recording"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if skip_sync is not None:
        environment["RECORD_SKIP_SYNC"] = skip_sync
    command = [sys.executable, "-m", *command]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=300)
    changes = read_recording(folder / "recording")
    check_complete(changes, data)
    shutil.rmtree(data)
    return changes


def anywhere(changes: list[Change], count: int, chance: random.Random) -> list[int]:
    """Return `count` moments of a recording, as numbers of changes."""
    return [chance.randrange(1, len(changes) + 1) for _ in range(count)]


def cuts(changes: list[Change], places: list[int], chance: random.Random) -> Iterator[Cut]:
    """Yield what cuts at `places` may leave, in the order of their moments."""
    disk, taken, synced, begun, acks = Disk(), 0, 0, 1, None
    for place in sorted(places):
        for change in changes[taken:place]:
            disk.take(change)
            if change.kind == "o" and change.data == b"acks":
                acks = change.handle
            elif change.kind == "w" and change.handle == acks:
                number, is_synced = ACK.unpack(change.data)
                begun = number + 1
                synced = number if is_synced else synced
        taken = place
        names = disk.after_cut(chance)
        names.pop("acks", None)
        contents = {n: f.after_cut(chance) for n, f in names.items() if f is not None}
        yield Cut(place, names, contents, synced, begun)


def check_cut(cut: Cut, folder: Path, digests: list[bytes]) -> int:
    """Open what is left in `folder` and check C1 to C3; return the number of commits found.

    Raises:
        Loss: with the moment of the cut, for the seed that is printed.
    """
    at = f"cut after change {cut.place}: commit {cut.synced} was synced"
    try:
        store = open_store(folder / "store")
    except StorageError as error:
        raise Loss(f"{at}, and the store does not open: {error}") from error
    try:
        last = store.get("rows", LAST)
        found = 0 if last is None else int.from_bytes(last)
        if found < cut.synced:
            raise Loss(f"{at}, {found} is the last")
        if found > cut.begun:
            raise Loss(f"{at}, {found} is there and had not begun")
        if digest(contents_of(store)) != digests[found]:
            raise Loss(f"{at}, the contents are not those after commit {found}")
        store.commit([("rows", b"after", b"the cut")], synced=True)
    finally:
        store.close()
    return found


def run(load: Load, count: int, folder: Path, *, seed: int, skip_sync: str | None = None) -> int:
    """Record the load, cut it `count` times; return how many different states were found.

    Raises:
        Loss: the store broke a promise.
    """
    changes = record(load, folder, skip_sync=skip_sync)
    digests = load.digests()
    chance = random.Random(seed)
    places = anywhere(changes, count, chance)
    return len({check_cut(*each, digests) for each in images(changes, places, chance, folder)})


def images(
    changes: list[Change], places: list[int], chance: random.Random, folder: Path
) -> Iterator[tuple[Cut, Path]]:
    """Yield cuts, each with a directory that holds what it left."""
    # What is left after a cut need not survive another: memory is ten times as fast to sync.
    memory = Path("/dev/shm")
    room = memory if memory.is_dir() else folder
    for cut in cuts(changes, places, chance):
        with tempfile.TemporaryDirectory(dir=room, prefix="cut-") as image:
            write_image(cut.names, Path(image), cut.contents)
            yield cut, Path(image)
