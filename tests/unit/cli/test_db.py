"""`sogdia db`, as a shell sees it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.ledger.node.chains import ledger, mine, transfer

from sogdia.cli import main


def run(*arguments: object) -> Result:
    """Run `sogdia db` with `arguments`."""
    return CliRunner().invoke(main, ["db", *map(str, arguments)])


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The data directory of a ledger of five blocks, closed."""
    with ledger(tmp_path) as parts:
        parts.pool.add([transfer(parts, nonce=0)])
        mine(parts, count=5)
    return tmp_path / "data"


def test_a_ledger_is_checked_measured_moved_and_copied(kept: Path, tmp_path: Path) -> None:
    """Each command answers on standard output and ends with 0."""
    file, copy = tmp_path / "blocks", tmp_path / "copy"
    checked = run("check", "--data-dir", kept)
    assert checked.stdout.startswith("6 blocks pass every rule, and 5 epochs"), checked.output
    assert "nothing was executed" in run("check", "--fast", "--data-dir", kept).stdout
    report = json.loads(run("stats", "--json", "--data-dir", kept).stdout)
    assert (report["epochs"], report["tables"]["headers"]["rows"]) == (5, 6)
    assert "pool_journal" in run("stats", "--data-dir", kept).stdout
    assert run("export", "--data-dir", kept, file).stdout.startswith("5 blocks in")
    assert run("backup", "--data-dir", kept, copy).exit_code == 0
    assert run("import", "--data-dir", copy, file).stdout.startswith("0 blocks taken in, 5")
    assert run("prune", "--data-dir", kept, "--keep", 64, "--yes").stdout.startswith(
        "state readable from"
    )


def test_what_cannot_be_done_says_why(kept: Path, tmp_path: Path) -> None:
    """Codes: 4 refused, 5 locked, 1 failed; the words name the file and what to do."""
    nowhere = run("check", "--data-dir", tmp_path / "nowhere")
    assert (nowhere.exit_code, "holds no ledger" in nowhere.stderr) == (4, True)
    with ledger(tmp_path):
        locked = run("stats", "--data-dir", kept)
    assert (locked.exit_code, "is in use by process" in locked.stderr) == (5, True)
    there = run("export", "--data-dir", kept, kept / "ledger.json")
    assert (there.exit_code, "exists" in there.stderr) == (4, True)
    stranger = run("import", "--data-dir", kept, kept / "ledger.json")
    assert (stranger.exit_code, "is not a file of `sogdia db export`" in stranger.stderr) == (
        1,
        True,
    )
    full = run("backup", "--data-dir", kept, tmp_path)
    assert (full.exit_code, "is not empty" in full.stderr) == (1, True)


def test_an_export_begins_a_new_directory(kept: Path, tmp_path: Path) -> None:
    """As the words on another format say; another network's file begins none."""
    file, new = tmp_path / "blocks", tmp_path / "new"
    run("export", "--data-dir", kept, file)
    foreign = run("import", "--data-dir", new, "--network", "local", file)
    assert foreign.exit_code == 1, foreign.output
    assert "whose network is development" in foreign.stderr
    assert "--network" in foreign.stderr
    assert not new.exists()
    assert run("import", "--data-dir", new, tmp_path / "data/ledger.json").exit_code == 1
    assert not new.exists()
    taken = run("import", "--data-dir", new, file)
    assert taken.stdout == "5 blocks taken in, 0 were there; epoch 5\n", taken.output
    assert run("check", "--data-dir", new).exit_code == 0


def test_forgetting_asks_first(kept: Path) -> None:
    """Without a terminal it refuses; nothing brings a state back."""
    refused = run("prune", "--data-dir", kept, "--keep", 64)
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
