"""The family's graphs through the engine's rules: no verdict may differ."""

import tomllib
from pathlib import Path

import pytest
from tests.scoreboard import record
from tests.vectors.archives import unpack

from sogdia.conflux.consensus_bench import read_vector, run

HERE = Path(__file__).parent
EXCLUDED: dict[str, str] = tomllib.loads((HERE / "exclusions.toml").read_text())["excluded"]
BLOCK_COUNT = 17_464  # of all files together


def vector_files() -> list[Path]:
    """Return every graph of the archive."""
    return sorted(unpack("ghast-vectors").rglob("*.in"))


@pytest.mark.parametrize("descending", [False, True], ids=["growing", "shrinking"])
@pytest.mark.parametrize("path", vector_files(), ids=lambda path: path.stem)
def test_verdicts_are_those_of_the_vectors(path: Path, descending: bool) -> None:
    """Validity, timer and adaptive flag of every block, with both orders of hashes."""
    skipped: list[int] = []
    differences = list(run(path, descending=descending, skipped=skipped))
    assert not skipped, "every block of these files has a verdict"
    if path.name in EXCLUDED:
        assert differences, f"{path.name} passes: remove it from exclusions.toml"
        return
    record(
        "ghast-vectors",
        ran=1,
        passed=not differences,
        part="files, hashes " + ("shrinking" if descending else "growing"),
        note="every block's validity, timer and adaptive flag",
    )
    assert not differences, "\n".join(differences[:10])


def test_nothing_is_skipped_unnoticed() -> None:
    """Counts files and blocks, and looks for exclusions of files that do not exist."""
    files = vector_files()
    assert len(files) == 15
    assert sum(len(read_vector(path)[1]) for path in files) == BLOCK_COUNT
    assert set(EXCLUDED) <= {path.name for path in files}


def test_the_runner_sees_a_wrong_verdict(tmp_path: Path) -> None:
    """One flipped flag of each kind in a real file is reported, at its block."""
    original = next(path for path in vector_files() if path.stem == "adaptive-case4")
    lines = original.read_text().splitlines()
    for column in range(3):
        for number, line in enumerate(lines[1:], 1):
            words = line.split()
            if words[0] == "1" and words[column] in ("0", "1"):
                words[column] = "1" if words[column] == "0" else "0"
                planted = tmp_path / "planted.in"
                planted.write_text("\n".join([*lines[:number], " ".join(words)]))
                reported = list(run(planted, descending=False))
                assert len(reported) == 1 and f"block {number}:" in reported[0], reported
