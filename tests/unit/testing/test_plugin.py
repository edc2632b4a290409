"""The plugin as its users load it: each test finds the chain as the session began."""

import subprocess
import sys
from pathlib import Path

TESTS = """
RECEIVER = "0x" + "ee" * 20

def spend(node):
    assert node.call("eth_getBalance", RECEIVER, "latest") == "0x0"
    node.call("anvil_setBalance", RECEIVER, "0x5")
    node.call("hardhat_mine", 3)
    assert node.call("eth_getBalance", RECEIVER, "latest") == "0x5"

def test_one(sogdia_node):
    spend(sogdia_node)

def test_two(sogdia_node):
    spend(sogdia_node)
"""


def test_tests_do_not_see_each_other(tmp_path: Path) -> None:
    (tmp_path / "test_chain.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "sogdia.testing.plugin"]
    ended = subprocess.run(
        [*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed" in ended.stdout
