"""`sogdia drill work-ban`, short, on real processes: both variants, end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sogdia.local_network.processes import find_strays

PROGRAM = str(Path(sys.executable).with_name("sogdia"))
END_S_MAX = 1_800


def run_drill(folder: Path, variant: str) -> dict[str, Any]:
    """Run a short drill to its end; return what it reports."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SOGDIA_")}
    environment = kept | {
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
    }
    words = ("drill", "work-ban", "--variant", variant, "--minutes", "5")
    ended = subprocess.run(
        [PROGRAM, *words, "--report", str(folder / "report")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=END_S_MAX,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert find_strays(folder) == []
    assert (folder / "report" / "drill.svg").stat().st_size > 1_000
    report: dict[str, Any] = json.loads((folder / "report" / "drill.json").read_text())
    return report


@pytest.mark.full
def test_nothing_confirmed_is_lost_when_two_thirds_go_dark(tmp_path: Path) -> None:
    """And each of those who stay says that the work is gone before it comes back."""
    report = run_drill(tmp_path, "dark")
    assert report["broken"] == 0
    assert report["statements"] > 200
    assert report["disagreement"] is None
    assert report["is_drained"]
    assert all(after is not None for after in report["alert_after_s"].values())


@pytest.mark.full
def test_what_a_cut_off_majority_undoes_is_told(tmp_path: Path) -> None:
    """The smaller side loses what it had confirmed, and had warned before it said so."""
    report = run_drill(tmp_path, "cut-off")
    assert report["disagreement"] is None
    assert report["is_drained"]
    assert report["broken"] > 0
    assert {name for each in report["undone"] for name in each["nodes"]} == {"kz", "ru", "ch"}
    assert all(each["warned"] for each in report["undone"])
    assert report["double_spend_held"] == [report["double_spend"]["banned"]]
