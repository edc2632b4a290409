"""Files and functions stay short enough to be read at one sitting. The limits only ever go down."""

from pathlib import Path

import pytest
from tests.architecture.sources import ROOT, python_functions, rust_functions, tracked_files

FILE_LINES_MAX = 400  # the nine-in-ten file of the codebases we admire is below 600; ours all are
FUNCTION_LINES_MAX = 50  # a screen

# What is longer today, with its length: shrink an entry or remove it, never add to it.
LONGER_FILES: dict[str, int] = {}
LONGER_FUNCTIONS: dict[str, int] = {}

SOURCES = ("src/**/*.py", "crates/**/*.rs", "benchmarks/**/*.py", "scripts/**/*.py")
TESTS = ("tests/**/*.py",)


@pytest.mark.parametrize("patterns", [SOURCES, TESTS], ids=["sources", "tests"])
def test_no_file_is_longer_than_a_reader_can_hold(patterns: tuple[str, ...]) -> None:
    """Counts lines of every file that git would track."""
    too_long = []
    for path in tracked_files(*patterns):
        lines = len((ROOT / path).read_text().splitlines())
        if lines > LONGER_FILES.get(str(path), FILE_LINES_MAX):
            too_long.append(f"{path}: {lines} lines")
    assert not too_long, "\n".join(too_long)


def functions_of(path: Path) -> list[tuple[str, int]]:
    """Return (name, lines) of the functions of a Python or Rust file."""
    found = python_functions if path.suffix == ".py" else rust_functions
    return list(found(ROOT / path))


def test_no_function_is_longer_than_a_screen() -> None:
    """Measures Python by its syntax tree and Rust by rustfmt's layout."""
    too_long = []
    for path in tracked_files(*SOURCES):
        for name, lines in functions_of(path):
            if lines > LONGER_FUNCTIONS.get(f"{path}:{name}", FUNCTION_LINES_MAX):
                too_long.append(f"{path}:{name}: {lines} lines")
    assert not too_long, "\n".join(too_long)


def test_the_ratchet_has_no_dead_entries() -> None:
    """An exception that is no longer needed must go, or it would excuse the next one."""
    for name, allowed in LONGER_FILES.items():
        lines = len((ROOT / name).read_text().splitlines())
        assert FILE_LINES_MAX < lines == allowed, f"{name} has {lines} lines: lower the ratchet"
    for place, allowed in LONGER_FUNCTIONS.items():
        path, _, name = place.rpartition(":")
        lines = dict(functions_of(Path(path))).get(name, 0)
        assert FUNCTION_LINES_MAX < lines == allowed, f"{place} has {lines}: lower the ratchet"


def test_the_measure_sees_long_functions(tmp_path: Path) -> None:
    """Plants one in each language."""
    body = "\n".join(f"    x{i} = {i}" for i in range(60))
    python = tmp_path / "long.py"
    python.write_text(f"class A:\n  def f():\n{body}\n")
    assert list(python_functions(python)) == [("A.f", 61)]
    statements = "\n".join(f"        let x{i} = {i};" for i in range(60))
    rust = tmp_path / "long.rs"
    rust.write_text(f"impl A {{\n    pub(crate) fn f(&self) -> u8 {{\n{statements}\n    }}\n}}\n")
    assert list(rust_functions(rust)) == [("f", 62)]
