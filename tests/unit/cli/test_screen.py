"""`sogdia screen` answers with exit codes a script can act on."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sogdia.cli.screen import screen

ROACH = {"id": "Q1", "schema": "Person", "properties": {"name": ["Vasiliy Tarakanov"]}}


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(ROACH) + "\n", encoding="utf-8")
    return path


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(screen, [str(a) for a in arguments])
    return result.exit_code, result.output


def test_a_hit_exits_4_and_says_why(lists: Path) -> None:
    code, output = run("Василий", "Тараканов", "--list", lists)
    assert code == 4
    assert "Vasiliy Tarakanov" in output
    assert "names match" in output


def test_clear_exits_0_and_a_missing_list_3(lists: Path) -> None:
    assert run("Wilhelmina Oosterhout", "--list", lists)[0] == 0
    code, output = run("Wilhelmina Oosterhout", "--list", lists, "--require", "un-consolidated")
    assert code == 3
    assert "NOT SCREENED" in output


def test_a_broken_list_exits_1_and_names_file_and_line(lists: Path) -> None:
    lists.write_text('{"id": "Q1", "schema": "Per', encoding="utf-8")
    code, output = run("Anyone", "--list", lists)
    assert code == 1
    assert f"{lists}, line 1" in output


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_row_of_a_file_has_an_answer(lists: Path, tmp_path: Path, suffix: str) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text("id,name\n1,Tarakanov Vasilij\n2,Ann Lee\n3\n", encoding="utf-8")
    output = tmp_path / f"answers{suffix}"
    code, _ = run("--file", customers, "--list", lists, "-o", output, "--processes", "1")
    assert code == 1, "row 3 was not screened"
    if suffix == ".csv":
        with output.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = pq.read_table(output).to_pylist()
    assert [row["status"] for row in rows] == ["hit", "clear", "not-screened"]
    assert [int(row["line"]) for row in rows] == [2, 3, 4]
    assert float(rows[0]["score"]) >= float(rows[0]["threshold"])


def test_a_list_that_shrank_is_refused_until_confirmed(lists: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    records = [ROACH | {"id": f"Q{i}"} for i in range(5)]
    before.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    code, output = run("Ann Lee", "--list", lists, "--previous", before)
    assert code == 1
    assert "shrank from 5 to 1" in output
    assert run("Ann Lee", "--list", lists, "--previous", before, "--confirm-shrink")[0] == 0


def test_only_the_delta_is_screened_when_asked(lists: Path, tmp_path: Path) -> None:
    code, _ = run("Vasiliy Tarakanov", "--list", lists, "--previous", lists, "--delta")
    assert code == 0, "nothing changed, so nothing is left to screen"
    code, output = run("Vasiliy Tarakanov", "--list", lists, "--delta")
    assert code == 2
    assert "--delta needs --previous" in output


def test_a_cleared_hit_is_clear_for_that_version_only(lists: Path, tmp_path: Path) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text("id,name\n7,Vasiliy Tarakanov\n", encoding="utf-8")
    answers = tmp_path / "answers.csv"
    run("--file", customers, "--list", lists, "-o", answers, "--processes", "1")
    with answers.open(encoding="utf-8", newline="") as file:
        hit = next(csv.DictReader(file))
    clearances = tmp_path / "clearances.csv"
    clearances.write_text(
        "customer_id,list_id,list_digest,entry_id,officer,reason,cleared_on\n"
        f"7,{hit['list']},{hit['list_digest']},{hit['entry_id']},Officer Li,met him,2026-03-01\n",
        encoding="utf-8",
    )
    arguments = ("--file", customers, "-o", answers, "--processes", "1", "--clearances", clearances)
    assert run(*arguments, "--list", lists)[0] == 0
    assert "Officer Li" in answers.read_text(encoding="utf-8")
    lists.write_text(json.dumps(ROACH) + "\n\n", encoding="utf-8")
    run(*arguments, "--list", lists)
    assert ",hit," in answers.read_text(encoding="utf-8")
