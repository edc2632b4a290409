"""What `table.toml` says of the reference client's tests is so."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.reference.harness import CHECKOUT, checkout, run_file
from tests.scoreboard import record

TABLE: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "table.toml").read_text())
QUICK = {"issue2235", "blame"}  # the sample of `make test`: 15 seconds each


def _cases() -> list[Any]:
    full = pytest.mark.full
    return [pytest.param(name, marks=() if name in QUICK else full) for name in TABLE]


@pytest.mark.timeout(1_000)
@pytest.mark.parametrize("name", _cases())
def test_a_file_ends_as_the_table_says(name: str, tmp_path: Path) -> None:
    """Runs the file as its authors wrote it, on our node."""
    sources = checkout()
    if sources is None:
        pytest.skip(f"NOT RUN: {CHECKOUT} does not say where the reference client's tests are")
    row = TABLE[name]
    outcome = run_file(sources / "tests", name, tmp_path)
    is_known = row["status"] == "fail"
    record(
        "reference-harness",
        ran=0 if is_known else 1,
        passed=int(outcome.passed and not is_known),
        excluded=int(is_known),
        part=row["stage"],
        note="files of the reference client's functional tests",
    )
    if is_known:
        assert not outcome.passed, f"{name} passes: say so in table.toml"
        return
    assert outcome.passed, outcome.output[-5_000:]


def test_every_failure_has_a_reason() -> None:
    """A row is complete: a stage, a status that exists, and why it is not better."""
    for name, row in TABLE.items():
        assert row["status"] in ("pass", "fail"), name
        assert ("reason" in row) == (row["status"] == "fail"), name
        assert row["stage"], name
