"""What was mistyped is refused before any node is asked, with what is wanted and code 2."""

import pytest
from click.testing import CliRunner

from sogdia.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tx", "explain", "0x12"], "'0x12' is no transaction's hash: 0x and 64 hex digits"),
        (["faucet", "0x12"], "'0x12' is no address, 0x and 40 hex digits, and no role: deployer"),
        (["peers", "add", "example.org:32323"], "is no peer's address: IP:PORT, as 192.0.2.1:32"),
        (["peers", "remove", "192.0.2.1"], "'192.0.2.1' is no peer's address"),
        (["peers", "add", "[::1]:0"], "'[::1]:0' is no peer's address"),
        (["time", "set", "253402300800"], "is not in the range 0<=x<=253402300799"),
        (["status", "--rpc", "ftp://x"], "is no node's address; want http://127.0.0.1:8545"),
    ],
)
def test_it_is_refused_where_it_was_typed(words: list[str], says: str) -> None:
    said = CliRunner().invoke(main, words)
    assert (said.exit_code, says in said.stderr) == (2, True), said.stderr


def test_nobody_there_is_said_without_the_systems_number() -> None:
    said = CliRunner().invoke(main, ["epoch", "mine", "--rpc", "http://127.0.0.1:1"])
    assert said.exit_code == 3
    assert said.stderr == "Error: no node answers at http://127.0.0.1:1: Connection refused\n"
