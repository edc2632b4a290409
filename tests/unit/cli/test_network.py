"""`sogdia network` where there is nothing to do, or what is asked for cannot be."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sogdia.cli import main


def network(folder: Path, *words: str) -> Result:
    """Run `sogdia network` with its folders below `folder`."""
    return CliRunner().invoke(main, ["network", *words], env={"XDG_STATE_HOME": str(folder)})


@pytest.mark.parametrize(
    "words", [["heal"], ["stop", "cn"], ["start", "cn"], ["partition", "a|b"], ["down"], ["status"]]
)
def test_a_network_that_is_not_there_is_not_begun(tmp_path: Path, words: list[str]) -> None:
    said = network(tmp_path, *words)
    assert (said.exit_code, "there is no network 'local'" in said.stderr) == (3, True), said.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", ["0", "-2", "65"])
def test_a_number_of_nodes_that_cannot_be(tmp_path: Path, count: str) -> None:
    said = network(tmp_path, "up", "--detach", "--nodes", count)
    assert (said.exit_code, "1<=x<=64" in said.stderr) == (2, True), said.output
    assert list(tmp_path.iterdir()) == []


def test_shares_that_cannot_be_leave_nothing(tmp_path: Path) -> None:
    said = network(tmp_path, "up", "--nodes", "2", "--work", "a=1,b=1,c=1")
    assert said.exit_code == 2
    assert "for 3 shares there must be 3 to 64 nodes, and 2 were asked for" in said.stderr
    assert list(tmp_path.rglob("*.json")) == []
