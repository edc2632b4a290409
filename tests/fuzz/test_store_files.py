"""A store whose files a bad medium changed: refused in words, or read as it was. Nothing else.

The engine may not abort either, so the store is opened in a process of its own: run as a program,
this module tries so many changes from a seed and prints how they ended.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.store_load import Load, contents_of, digest, open_store, put

from sogdia.ledger.primitives.errors import StorageError

ROOT = Path(__file__).resolve().parents[2]
# All in the journal; flushed and compacted.
SHAPES = {"journal": (40, 400, 17), "tables": (60, 400_000, 17)}
CHANGES = ["flip", "zero", "cut", "grow", "remove"]
SECTOR = 512


def change(path: Path, kind: str, chance: random.Random) -> None:
    """Do to a file what a medium does."""
    size = path.stat().st_size
    place = chance.randrange(size) if size else 0
    with path.open("r+b") as stream:
        stream.seek(place)
        match kind:
            case "flip" if size:
                byte = stream.read(1)[0]
                stream.seek(place)
                stream.write(bytes([byte ^ 1 << chance.randrange(8)]))
            case "zero":
                stream.write(bytes(min(SECTOR, size - place)))
            case "cut":
                stream.truncate(place)
            case "grow":
                stream.seek(0, 2)
                stream.write(chance.randbytes(chance.randrange(1, SECTOR)))
    if kind == "remove":
        path.unlink()


def take(source: str, target: str) -> None:
    """Copy a file; one that the engine never writes again is the same file under two names."""
    if Path(source).parent.name == "tables":
        os.link(source, target)
    else:
        shutil.copyfile(source, target)


def attempt(store: Path, chance: random.Random, room: Path, expected: bytes) -> str:
    """Change a file of a copy and open it; return how it ended."""
    copy = room / "copy"
    shutil.copytree(store, copy, copy_function=take)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    path, kind = chance.choice(files), chance.choice(CHANGES)
    own = path.with_name("own")
    shutil.copyfile(path, own)
    own.rename(path)
    change(path, kind, chance)
    try:
        opened = open_store(copy)
        try:
            assert digest(contents_of(opened)) == expected, f"other rows: {kind} {path.name}"
        finally:
            opened.close()
    except StorageError as refusal:
        assert str(refusal)
        return "refused"
    finally:
        shutil.rmtree(copy)
    return "as it was"


def run(shape: str, seed: int, count: int) -> Counter[str]:
    """Try `count` changes."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        load = Load(seed, *SHAPES[shape])
        put(load, Path(folder))
        # The journal's length is what it holds once it has been opened again.
        open_store(Path(folder) / "store").close()
        expected = load.digests()[-1]
        chance, room = random.Random(seed), Path(folder)
        return Counter(attempt(room / "store", chance, room, expected) for _ in range(count))


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ("journal", 100),
        ("tables", 40),
        pytest.param("journal", 10_000, marks=pytest.mark.full),
        pytest.param("tables", 1_000, marks=pytest.mark.full),
    ],
)
def test_changed_files_are_refused_or_harmless(shape: str, count: int) -> None:
    """The seed is in the message."""
    words = [shape, str(random.randrange(2**32)), str(count)]
    command = [sys.executable, "-m", "tests.fuzz.test_store_files", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr[-3_000:]}"
    ended = json.loads(done.stdout)
    assert ended["refused"] > count / 10
    assert ended["as it was"], "what nobody reads harms nobody"


def test_other_rows_are_noticed(tmp_path: Path) -> None:
    """The planted defect: a store that opens and does not hold what it held."""
    put(Load(1, *SHAPES["journal"]), tmp_path)
    with pytest.raises(AssertionError, match="other rows"):
        for seed in range(100):
            attempt(tmp_path / "store", random.Random(seed), tmp_path, b"other")


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
