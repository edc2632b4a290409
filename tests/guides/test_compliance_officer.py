"""The compliance officer's guide, run as it is written, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = REPOSITORY / "docs" / "guides" / "compliance-officer.md"
FENCE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENDS_WITH = re.compile(r"# ends with (\d+)")
MARK = "@@guide@@"


def steps() -> list[tuple[str, list[str]]]:
    """Return each command of the guide with the lines that it shows below it."""
    found: list[tuple[str, list[str]]] = []
    for block in FENCE.findall(GUIDE.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def pattern(shown: str) -> str:
    """Return a shown line as a regular expression, in which … stands for anything."""
    return ".*".join(re.escape(part) for part in shown.split("…"))


def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    """One shell runs all commands; exit codes and shown lines must be what the guide says."""
    written = steps()
    assert len(written) > 25, "the guide's commands were not found"
    script = "\n".join(f"{command}\necho '{MARK}' $?\necho '{MARK}' >&2" for command, _ in written)
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    programs = Path(sys.executable).parent
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    outputs = re.split(rf"{MARK} (\d+)\n", done.stdout)
    errors = done.stderr.split(f"{MARK}\n")
    for index, (command, shown) in enumerate(written):
        printed = outputs[2 * index] + errors[index]
        code = int(outputs[2 * index + 1])
        wanted = ENDS_WITH.search(command)
        assert code == (int(wanted[1]) if wanted else 0), f"{command}: {code}\n{printed}"
        for line in shown:
            assert re.search(pattern(line), printed), f"{command}\nshould show {line}\n{printed}"
