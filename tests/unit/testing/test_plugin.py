"""The plugin as its users get it: installed, and each test on the chain as the session began."""

import subprocess
import sys
from pathlib import Path

import pytest

from sogdia.testing.in_process import run_in_process
from sogdia.testing.node import NodeFailed, run_node

TESTS = """
RECEIVER = "0x" + "ee" * 20

def spend(node):
    assert node.call("eth_getBalance", RECEIVER, "latest") == "0x0"
    node.call("anvil_setBalance", RECEIVER, "0x5")
    node.call("hardhat_mine", 3)
    assert node.call("eth_getBalance", RECEIVER, "latest") == "0x5"

def test_one(FIXTURE):
    spend(FIXTURE)

def test_two(FIXTURE):
    spend(FIXTURE)
"""


@pytest.mark.parametrize("fixture", ["sogdia_node", "sogdia_in_process"])
def test_tests_do_not_see_each_other(tmp_path: Path, fixture: str) -> None:
    (tmp_path / "test_chain.py").write_text(TESTS.replace("FIXTURE", fixture))
    command = [sys.executable, "-m", "pytest", "-q"]
    ended = subprocess.run(
        [*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed" in ended.stdout


def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    with run_in_process(tmp_path) as node:
        assert node.error("nonsense")["code"] == -32601
        with pytest.raises(NodeFailed, match="nonsense"):
            node.call("nonsense")
        with pytest.raises(NodeFailed, match="was not refused"):
            node.error("eth_chainId")
        with (
            pytest.raises(NodeFailed, match="in use by process"),
            run_node(tmp_path),
        ):
            pass
        with (
            pytest.raises(NodeFailed, match=r"did not start.*in use by process"),
            run_in_process(tmp_path),
        ):
            pass
    with run_in_process(tmp_path) as node:
        assert node.call("eth_blockNumber") != "0x0"
