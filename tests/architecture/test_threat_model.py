"""Rows of `docs/threat-model.md` name tests that exist; every attack that we test has its row."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text()
TRIED_BY = "| tried by |"


def rows() -> list[str]:
    """The rows of the tables that name tests."""
    found, is_inside = [], False
    for line in PAGE.splitlines():
        is_inside = TRIED_BY in line or (is_inside and line.startswith("|"))
        if is_inside and TRIED_BY not in line and not line.startswith("|---"):
            found.append(line)
    return found


def names_of_tests(path: Path) -> set[str]:
    """The names of the tests of a module."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_there_are_rows() -> None:
    """The page is read as it is written."""
    assert len(rows()) > 40


@pytest.mark.parametrize("row", rows())
def test_a_row_names_a_test(row: str) -> None:
    """In its last column, by path and name."""
    named = re.search(r"`(tests/[\w/]+\.py)(?:::(\w+))?` \|$", row)
    assert named is not None, row
    path = ROOT / named[1]
    assert path.exists(), row
    assert names_of_tests(path), row
    assert named[2] is None or named[2] in names_of_tests(path), row


def test_every_attack_has_its_row() -> None:
    """A sample and its whole are one attack: one of the two is named."""
    missing = [
        f"{path.name}::{name}"
        for path in sorted((ROOT / "tests" / "attacks").glob("test_*.py"))
        for name in sorted(names_of_tests(path))
        if name not in PAGE and not re.search(r"_\d{5,}_|_mutated_frames_|_for_three_hours_", name)
    ]
    assert missing == []
