"""The table of methods in docs/json-rpc.md names what is served, where it is served."""

import re
from pathlib import Path

from sogdia.ledger.rpc import local
from sogdia.ledger.rpc.admin import backups
from sogdia.ledger.rpc.methods import DEVELOPMENT, served_methods

PAGE = Path(__file__).resolve().parents[2] / "docs" / "json-rpc.md"


def documented(where: str) -> set[str]:
    """Return the methods in the rows of one place."""
    table = PAGE.read_text().partition("<!-- methods -->")[2].partition("<!-- /methods -->")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("|")]
    named = [
        name for row in rows if row[2].strip() == where for name in re.findall("`(.*?)`", row[3])
    ]
    assert len(named) == len(set(named)), "named twice"
    return set(named)


def test_every_method_has_its_row() -> None:
    elsewhere = {m.name for group in (*DEVELOPMENT, local, backups) for m in group.METHODS}
    public = {m.name for m in served_methods("1", is_development=False)}
    guarded = {m.name for m in served_methods("1", is_development=False, is_guarded=True)}
    assert documented("everywhere") == public - elsewhere
    assert documented("guarded") == guarded - public - elsewhere
