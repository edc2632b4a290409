"""What `table.toml` says of the reference client's tests is so."""

from pathlib import Path
from typing import Any

import pytest
from tests.conformance.reference.__main__ import EXIT_NOTHING, main
from tests.conformance.reference.harness import CHECKOUT, checkout, run_file
from tests.conformance.reference.table import BEGIN, END, PAGE, load, shown
from tests.scoreboard import record

TABLE = load()
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
    outcome = run_file(sources, name, tmp_path)
    record(
        "reference-harness",
        ran=int(row.must_pass),
        passed=int(outcome.passed and row.must_pass),
        excluded=int(not row.must_pass),
        part=row.stage,
        note="files of the reference client's functional tests",
    )
    if row.must_pass:
        assert outcome.passed, outcome.output[-5_000:]
    else:
        assert not outcome.passed, f"{name} passes: say so in table.toml"


def test_every_failure_has_a_reason() -> None:
    """A row is complete: a stage, a status that exists, and why it is not better."""
    for name, row in TABLE.items():
        assert row.status in ("pass", "fail"), name
        assert bool(row.reason) == (row.status == "fail"), name
        assert row.stage, name
        assert row.passed <= row.ran, name


def test_the_page_shows_the_table() -> None:
    """What docs/conformance.md says is what table.toml says."""
    page = PAGE.read_text()
    assert page.partition(BEGIN)[2].partition(END)[0].strip() == shown(TABLE)


def test_a_stranger_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a checkout the runner says how to get one, and runs nothing."""
    monkeypatch.delenv(CHECKOUT, raising=False)
    assert main([]) == EXIT_NOTHING
    told = capsys.readouterr().out
    assert "git clone" in told
    assert f"{CHECKOUT}=PATH make conformance-reference" in told
