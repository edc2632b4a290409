"""The table of limits in the documentation, against the settings and against the tests."""

import re
from pathlib import Path
from typing import Any

import tests.conformance.test_limits  # noqa: F401
from tests.conformance.limit_table import HELD

from sogdia.ledger.node.config import DEVELOPMENT_PROFILE
from sogdia.ledger.rpc.limits import RpcLimits

ROOT = Path(__file__).resolve().parents[2]


def table_rows() -> dict[str, tuple[str, str]]:
    """Return setting -> (default, answer) of the table in the documentation."""
    text = (ROOT / "docs" / "json-rpc.md").read_text().partition("\n## Limits\n")[2]
    rows = re.findall(r"^\| `rpc\.(\w+)` \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    return {name: (default.strip(), answer.strip()) for name, default, answer in rows}


def shown(value: Any) -> str:
    """Return a default as the table writes it."""
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else f"{value:,}"


def test_the_documentation_tells_these_limits_and_no_others() -> None:
    """Every limit has its row, its default, and a test above for its answer."""
    rows = table_rows()
    fields = RpcLimits.__dataclass_fields__
    assert set(rows) == set(fields) == set(HELD)
    for name, (default, answer) in rows.items():
        assert default == shown(fields[name].default), name
        assert answer == HELD[name], name
    assert {name.removeprefix("rpc.") for name in DEVELOPMENT_PROFILE if "rpc." in name} <= set(
        rows
    )
