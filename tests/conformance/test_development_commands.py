"""The commands that steer a development chain, against a running node."""

import subprocess
import sys
from pathlib import Path

from tests.conformance.spawned import SpawnedNode
from tests.conformance.test_development import await_receipt, height, timestamp

RECEIVER = "0x" + "ef" * 20


def sogdia(*arguments: str, code: int = 0) -> str:
    program = str(Path(sys.executable).with_name("sogdia"))
    ended = subprocess.run(
        [program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert ended.returncode == code, ended.stderr
    return (ended.stdout if code == 0 else ended.stderr).strip()


def test_a_chain_is_steered_by_commands(node: SpawnedNode) -> None:
    rpc = ("--rpc", node.url)
    taken = sogdia("snapshot", "save", *rpc)
    before = height(node)
    assert sogdia("snapshot", "list", *rpc).splitlines()[-1] == f"{taken}  epoch {before}"
    await_receipt(node, sogdia("faucet", RECEIVER, "--units", "3", *rpc))
    assert node.call("eth_getBalance", RECEIVER, "latest") == hex(3 * 10**18)
    moved = timestamp(node)
    assert int(sogdia("time", "advance", "7200", *rpc)) >= 7_200
    assert int(sogdia("epoch", "mine", "4", *rpc)) == height(node)
    assert timestamp(node) >= moved + 7_200
    assert sogdia("snapshot", "restore", taken, *rpc) == f"epoch {before}"
    assert node.call("eth_getBalance", RECEIVER, "latest") == "0x0"
    assert "there is no snapshot" in sogdia("snapshot", "restore", taken, *rpc, code=4)
    assert "say --yes" in sogdia("reset", *rpc, code=2)


def test_settings_say_where_they_come_from() -> None:
    shown = sogdia("config", "show", "--origin")
    assert "rpc.port = 8545  (default)" in shown.splitlines()


def test_shells_get_what_completes_commands() -> None:
    for shell in ("zsh", "fish"):
        assert "_SOGDIA_COMPLETE" in sogdia("completion", shell)
