"""What the command writes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sogdia.cli.main import main
from sogdia.simulation.results import Spread, spread

SMALL = """
name = "small"
duration_s = 90
[network]
nodes = 4
[consensus]
initial_difficulty = 50
[[jurisdiction]]
name = "kz"
miners = 2
[[jurisdiction]]
name = "ch"
miners = 2
[[event]]
at_s = 20
kind = "cut-off"
jurisdictions = ["kz"]
[[event]]
at_s = 70
kind = "heal"
"""


@pytest.fixture(name="file")
def scenario_file(tmp_path: Path) -> Path:
    """Write a small scenario."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def test_a_run_is_reported_in_words_numbers_and_pictures(file: Path, tmp_path: Path) -> None:
    """And equal runs write equal files."""
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        arguments = ["simulate", str(file), "--seed", "3", "--out", str(folder)]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        assert "held; trace of seed 3: " in done.output
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == ["report.json", "report.md", "run-3.png", "run-3.svg"]
    for name in ("report.json", "report.md", "run-3.svg"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    words = (folders[0] / "report.md").read_text()
    assert "| 20–70 s | cut-off kz |" in words
    values = json.loads((folders[0] / "report.json").read_text())
    (run,) = values["runs"]
    assert run["seed"] == 3
    assert run["blocks"]["made"] > 100
    assert [phase["began_with"] for phase in run["phases"]] == ["the start", "cut-off kz", "heal"]
    assert values["summary"]["complaints"] == []


def test_many_runs_are_summarised(file: Path, tmp_path: Path) -> None:
    """Over two processes, without pictures."""
    arguments = ["simulate", str(file), "--runs", "3", "--processes", "2", "--no-pictures"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    words = (tmp_path / "out" / "report.md").read_text()
    assert "| runs, seeds | 3, 1 to 3 |" in words
    values = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [run["seed"] for run in values["runs"]] == [1, 2, 3]
    assert len({run["trace"] for run in values["runs"]}) == 3


def test_a_broken_promise_ends_the_command_with_1(file: Path, tmp_path: Path) -> None:
    """The report is written all the same, and says what broke: nobody settles here."""
    file.write_text(SMALL.replace("duration_s = 90", "duration_s = 90\nsettle_s = 0"))
    arguments = ["simulate", str(file), "--out", str(tmp_path / "out"), "--no-pictures"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "nodes ended apart" in done.output
    assert "**Broken:**" in (tmp_path / "out" / "report.md").read_text()


def test_a_wrong_scenario_ends_the_command_with_2(file: Path) -> None:
    """With the words of the refusal."""
    file.write_text("[network]\nbandwidth = 3\n")
    done = CliRunner().invoke(main, ["simulate", str(file)])
    assert done.exit_code == 2
    assert "small.toml: network.bandwidth is not a key; permitted: access_ms" in done.output


def test_percentiles_are_values_that_were_measured() -> None:
    """Of a hundred values the tenth, fiftieth, ninetieth and ninety-ninth from zero."""
    assert spread([]) == Spread()
    values = [float(value) for value in range(100)]
    assert spread(values[::-1]) == Spread(100, 10.0, 50.0, 90.0, 99.0, 99.0)
