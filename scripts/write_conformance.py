"""Run every outside suite whole and write what came of it into docs/conformance.md.

python scripts/write_conformance.py            run, then write
python scripts/write_conformance.py LINES      write from what an earlier run recorded
"""

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "conformance.md"
COUNTS = ("ran", "passed", "excluded")
BEGIN, END = "<!-- scoreboard -->", "<!-- /scoreboard -->"

sys.path.insert(0, str(ROOT))

from tests.vectors.archives import archive_folder, origin  # noqa: E402


def run_suites(lines: Path) -> int:
    """Run the suites with recording on; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "tests/vectors", "tests/conformance"]
    command += ["--timeout", "14400", "-n", "2", "--dist", "worksteal"]
    environment = os.environ | {"SOGDIA_SCOREBOARD": str(lines)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def table(lines: Path) -> str:
    """Return the scoreboard as Markdown."""
    manifest = json.loads((archive_folder() / "MANIFEST.json").read_text())
    rows = [
        "| suite | part | ran | passed | excluded | origin | note |",
        "|---|---|---|---|---|---|---|",
    ]
    recorded: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines.read_text().splitlines():
        told = json.loads(line)
        row = recorded.setdefault((told["suite"], told["part"]), told | dict.fromkeys(COUNTS, 0))
        for count in COUNTS:
            row[count] += told[count]
    for row in (recorded[key] for key in sorted(recorded)):
        source = ""
        if row["suite"] in manifest:
            entry = origin(row["suite"])
            source = f"{entry['repo']} at `{str(entry['commit'])[:10]}`, {entry['licence']}"
        rows.append(
            f"| {row['suite']} | {row['part']} | {row['ran']:,} | {row['passed']:,} "
            f"| {row['excluded']:,} | {source} | {row['note']} |"
        )
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    where = f"{platform.machine()}, Python {platform.python_version()}"
    return "\n".join([*rows, "", f"Written by `make conformance` on {today} ({where})."])


def main() -> int:
    """Run if needed, then put the table between the marks."""
    code = 0
    if len(sys.argv) > 1:
        lines = Path(sys.argv[1])
    else:
        lines = Path(tempfile.mkdtemp()) / "scoreboard.jsonl"
        lines.touch()
        code = run_suites(lines)
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(lines)}\n{END}{after}")
    print(f"wrote {PAGE.relative_to(ROOT)} from {lines}")
    return code


if __name__ == "__main__":
    sys.exit(main())
