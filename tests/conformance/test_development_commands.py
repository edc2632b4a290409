"""The commands that steer a development chain, against a running node."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conformance.spawned import SpawnedNode, spawned_node
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


def test_a_state_goes_through_a_file(
    node: SpawnedNode, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file, cut = tmp_path / "state.gz", tmp_path / "cut.gz"
    many = [{"address": "0x" + f"{n:040x}", "nonce": "0x0", "balance": "0x7", "code": "0x"}
            for n in range(0x10000, 0x10000 + 2_500)]  # fmt: skip
    slots = {"address": many[0]["address"], "storage": {hex(n): "0x9" for n in range(1_200)}}
    snapshot = node.call("evm_snapshot")
    assert node.call("sogdia_loadAccounts", [*many, slots]) is True
    sogdia("state", "export", str(file), "--rpc", node.url)
    node.call("evm_revert", snapshot)
    whole = file.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    with spawned_node(tmp_path_factory.mktemp("imported")) as other:
        rpc = ("--rpc", other.url)
        root = other.call("eth_getBlockByNumber", "latest", False)["stateRoot"]
        assert "cut off" in sogdia("state", "import", str(cut), *rpc, code=4)
        assert other.call("eth_getBlockByNumber", "latest", False)["stateRoot"] == root
        sogdia("state", "import", str(file), *rpc)
        for account in (many[0], many[-1]):
            assert other.call("eth_getBalance", account["address"], "latest") == "0x7"
        word = other.call("eth_getStorageAt", many[0]["address"], hex(1_199), "latest")
        assert int(word, 16) == 9
        sogdia("state", "export", str(cut), *rpc)
        assert other.call("evm_snapshot")
    first, second = (gzip.decompress(each.read_bytes()).splitlines() for each in (file, cut))
    assert first[1:-1] == second[1:-1]
    assert not list(tmp_path.glob("*.part"))


def test_settings_say_where_they_come_from() -> None:
    shown = sogdia("config", "show", "--origin")
    assert "rpc.port = 8545  # default" in shown.splitlines()


def test_shells_get_what_completes_commands() -> None:
    for shell in ("zsh", "fish"):
        assert "_SOGDIA_COMPLETE" in sogdia("completion", shell)
