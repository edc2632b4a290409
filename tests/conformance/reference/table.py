"""`table.toml`: which of the reference client's files pass, how often each did, and why not.

Counts are of runs of the program as it was then; `--record` of the runner adds to them.
"""

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE / "table.toml"
PAGE = HERE.parents[2] / "docs" / "conformance.md"
BEGIN, END = "<!-- reference -->", "<!-- /reference -->"
HEAD = """\
# Files of the reference client's `tests/` (those that begin with `integration/` are of its pytest
# suite), by stage (protocol §2); what is not named has not been tried. `status` is `pass` or
# `fail`; a failure has its reason. `ran` and `passed` count runs, and are written by
# `python -m tests.conformance.reference --record`.
"""


@dataclass(slots=True)
class Row:
    """One file."""

    stage: str
    status: str
    ran: int = 0
    passed: int = 0
    reason: str = ""

    @property
    def must_pass(self) -> bool:
        """Whether the file is said to pass."""
        return self.status == "pass"


def load() -> dict[str, Row]:
    """Return the rows by the file's name."""
    return {name: Row(**row) for name, row in tomllib.loads(TABLE.read_text()).items()}


def store(rows: dict[str, Row]) -> None:
    """Write the rows, and the same into the page of results."""
    TABLE.write_text(HEAD + "".join(_section(name, row) for name, row in rows.items()))
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{shown(rows)}\n{END}{after}")


def shown(rows: dict[str, Row]) -> str:
    """Return the rows as Markdown, by stage."""
    ordered = sorted(rows.items(), key=lambda item: item[1].stage)
    lines = ["| stage | file | ends | runs, of which passed | why not |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.stage} | {name} | {row.status} | {row.ran}, {row.passed} | {row.reason} |"
        for name, row in ordered
    ]
    passing = sum(row.must_pass for row in rows.values())
    return "\n".join([*lines, "", f"{passing} of {len(rows)} files that were tried pass."])


def _section(name: str, row: Row) -> str:
    key = f'"{name}"' if "/" in name else name
    members = {field: value for field, value in asdict(row).items() if value != ""}
    lines = [
        f'{field} = "{value}"' if isinstance(value, str) else f"{field} = {value}"
        for field, value in members.items()
    ]
    return "\n" + "\n".join([f"[{key}]", *lines]) + "\n"
