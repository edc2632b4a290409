"""The table of settings in docs/operating.md names every setting, with its default."""

import re
from pathlib import Path

from sogdia.ledger.node.settings import SETTINGS
from sogdia.ledger.rpc.limits import RpcLimits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


def documented() -> set[str]:
    """Return the names in the first column of the table."""
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([a-z]+\.[a-z_]+)`", row)}


def test_every_setting_has_its_row() -> None:
    """The limits of the JSON-RPC door have a table of their own, which another test holds."""
    limits = {f"rpc.{name}" for name in RpcLimits.__dataclass_fields__}
    assert documented() == set(SETTINGS) - limits
