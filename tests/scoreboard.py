"""What outside suites came to, for `docs/conformance.md`.

A runner calls `record` once with what it ran. With `SOGDIA_SCOREBOARD` naming a file, each call
appends a line of JSON to it; without, nothing is written and nothing else changes.
"""

import json
import os
from pathlib import Path


def record(
    suite: str, *, ran: int, passed: int, excluded: int = 0, part: str = "", note: str = ""
) -> None:
    """Note the outcome of one suite, or of the `part` of it that a runner covers."""
    target = os.environ.get("SOGDIA_SCOREBOARD")
    if target is None:
        return
    line = {
        "suite": suite,
        "part": part,
        "ran": ran,
        "passed": passed,
        "excluded": excluded,
        "note": note,
    }
    with Path(target).open("a") as file:
        file.write(json.dumps(line) + "\n")
