"""`sogdia accounts` and `sogdia status`, as a shell sees them."""

import json
from pathlib import Path

from click.testing import CliRunner

from sogdia.cli import main
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS


def test_accounts_are_shown_by_role_and_without_keys() -> None:
    """Data on standard output, words on standard error."""
    result = CliRunner().invoke(main, ["accounts"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(DEVELOPMENT_ACCOUNTS)
    assert lines[3].split() == ["officer", "0x90F79bf6EB2c4f870365E785982E1f101E93b906"]
    assert "keys are public" in result.stderr


def test_keys_are_shown_on_request() -> None:
    """As one JSON array for programs."""
    result = CliRunner().invoke(main, ["accounts", "--keys", "--json"])
    rows = json.loads(result.stdout)
    assert [row["key"] for row in rows] == [f"0x{a.key.hex()}" for a in DEVELOPMENT_ACCOUNTS]


def test_status_without_a_node_says_how_to_start_one(tmp_path: Path) -> None:
    """Exit code 3: not ready."""
    result = CliRunner().invoke(main, ["status"], env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert result.exit_code == 3
    assert "sogdia up" in result.stderr


def test_status_of_an_address_where_nobody_answers() -> None:
    """Port 9 is the discard service, which no machine of today runs."""
    result = CliRunner().invoke(main, ["status", "--rpc", "http://127.0.0.1:9"])
    assert result.exit_code == 3
    assert "no node answers" in result.stderr
