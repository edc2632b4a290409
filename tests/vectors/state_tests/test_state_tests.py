"""Ethereum's state tests under Cancun's and Prague's rules, whole.

A case takes 0.7 ms, so that no sample is needed. Cases are grouped by folder.
"""

import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from tests.scoreboard import record
from tests.vectors.archives import unpack
from tests.vectors.state_tests.runner import Case, cases_of, run_case

from sogdia.ledger.primitives.errors import SogdiaError

HERE = Path(__file__).parent
SUITE = "ethereum-state-tests"
GROUPS = 40  # enough to keep several workers busy, few enough to be listed


@cache
def _files() -> list[Path]:
    return sorted(unpack(SUITE).rglob("*.json"))


@cache
def _exclusions() -> list[tuple[str, str]]:
    """Return (pattern, reason)."""
    entries = tomllib.loads((HERE / "exclusions.toml").read_text())["exclusion"]
    return [(pattern, entry["reason"]) for entry in entries for pattern in entry["files"]]


def _name(path: Path) -> str:
    return path.relative_to(unpack(SUITE)).as_posix()


def _is_excluded(path: Path) -> bool:
    name = _name(path)
    return any(fnmatch(name, pattern) for pattern, _ in _exclusions())


def _failure(case: Case) -> str | None:
    try:
        run_case(case)
    except (AssertionError, SogdiaError, ValueError) as error:
        return f"{case.name}: {error}"
    return None


def test_every_file_is_run_or_excluded() -> None:
    others = {
        path.name for path in unpack(SUITE).rglob("*") if path.is_file() and path.suffix != ".json"
    }
    assert others == {"LICENSE", ".stub"}  # says nothing
    assert len(_files()) == 4_112
    cases = sum(1 for path in _files() for _ in cases_of(path))
    assert cases == 22_408


def test_every_exclusion_still_names_a_file() -> None:
    names = [_name(path) for path in _files()]
    unused = [p for p, _ in _exclusions() if not any(fnmatch(name, p) for name in names)]
    assert not unused


@pytest.mark.parametrize("group", range(GROUPS))
def test_states(group: int) -> None:
    failures: list[str] = []
    ran = excluded = 0
    for path in _files()[group::GROUPS]:
        count = sum(1 for _ in cases_of(path))
        excluded += count if _is_excluded(path) else 0
        ran += 0 if _is_excluded(path) else count
        found = [failure for case in cases_of(path) if (failure := _failure(case)) is not None]
        if not _is_excluded(path):
            failures += found
        elif not found and any(True for _ in cases_of(path)):
            failures.append(f"{_name(path)} is excluded and passes: take it off the list")
    record(SUITE, ran=ran, passed=ran - len(failures), excluded=excluded)
    assert not failures, "\n".join(failures[:20])
