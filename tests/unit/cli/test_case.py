"""`sogdia case`, run as an officer runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sogdia.cli.main import main


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOGDIA_CASES", str(tmp_path / "cases.db"))
    run("enrol", "hana", "--role", "head", "--by", "hana")
    for name in ("olga", "wei"):
        run("enrol", name, "--role", "officer", "--by", "hana")
    return tmp_path


def run(*arguments: str, code: int = 0) -> list[Any]:
    """Run the command and return its JSON lines."""
    result = CliRunner().invoke(main, ["case", *arguments])
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_from_alerts_to_a_checked_bundle(desk: Path) -> None:
    """Import, list, note, attach, close with four eyes, export, verify."""
    lines = [
        {"subject": f"C-{n}", "source": "screening", "reason": "name match",
         "evidence": {"score": 0.93, "name": "张伟"}}
        for n in range(3)
    ]  # fmt: skip
    alerts = desk / "alerts.jsonl"
    alerts.write_text("\n".join(map(json.dumps, lines)))
    assert run("import", str(alerts), "--by", "olga") == [{"alerts": 3, "cases": 3}]
    assert run("import", str(alerts), "--by", "olga") == [{"alerts": 3, "cases": 3}]
    found = run("list", "--by", "olga")
    assert [case["subject"] for case in found] == ["C-0", "C-1", "C-2"]
    assert found[0]["alerts"][0]["evidence"]["score"] == "0.93"
    case = found[0]["id"]
    run("note", case, "не тот человек", "--by", "olga")
    run("attach", case, str(alerts), "--by", "olga")
    run("propose", case, "--outcome", "false-positive", "--reason", "other", "--by", "olga")
    run("confirm", case, "--by", "olga", code=4)
    run("confirm", case, "--by", "wei")
    assert len(run("list", "--status", "closed", "--by", "wei")) == 1
    bundle = str(desk / "case.zip")
    made = run("export", case, "-o", bundle, "--by", "wei")[0]
    assert run("verify", bundle)[0] == {"valid": True} | {
        key: made[key] for key in ("case", "events", "digest")
    }
    checkpoint = run("check")[0]["checkpoint"]
    assert run("verify", bundle, "--checkpoint", checkpoint)[0]["valid"]
    run("check", "--checkpoint", f"1:{'0' * 64}", code=4)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"subject": "C"}', "alerts.jsonl:2"),
        ('{"subject": "C", "source": "s", "reason": "r", "extra": 1}', "extra"),
        ("not json", "alerts.jsonl:2"),
        ('{"subject": "", "source": "s", "reason": "r"}', "subject"),
        ("[" * 100_000, "alerts.jsonl:2"),
    ],
)
def test_a_bad_line_names_itself_and_nothing_is_imported(desk: Path, line: str, words: str) -> None:
    """File, line and reason; all or none."""
    alerts = desk / "alerts.jsonl"
    alerts.write_text('{"subject": "A", "source": "s", "reason": "r"}\n' + line)
    result = CliRunner().invoke(main, ["case", "import", str(alerts), "--by", "olga"])
    assert result.exit_code == 1
    assert words in result.stderr
    assert run("list", "--by", "olga") == []


def test_refusals_end_with_four(desk: Path) -> None:
    """A stranger, an unknown case, a bundle that is none."""
    run("list", "--by", "stranger", code=4)
    run("note", "no-such-case", "x", "--by", "olga", code=4)
    (desk / "x.zip").write_bytes(b"nothing")
    run("verify", str(desk / "x.zip"), code=4)
    run("check", "--database", "mysql://x/y", code=1)


def test_what_a_customer_is_told(desk: Path) -> None:
    """The same words for a review and for a slow network."""
    assert run("message", "under-review", "--language", "kk") == run(
        "message", "queued", "--language", "kk"
    )
