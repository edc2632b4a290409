"""`sogdia peers` against two processes that are joined over TLS."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conformance.spawned import SpawnedNode, network_node

from sogdia.local_network.network import free_ports


def sogdia(node: SpawnedNode, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a `sogdia peers` command against a node."""
    command = [str(Path(sys.executable).with_name("sogdia")), "peers", *words, "--rpc", node.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def peers_of(node: SpawnedNode) -> list[dict[str, object]]:
    """The peers of a node."""
    rows: list[dict[str, object]] = node.call("admin_peers")
    return rows


def wait_for_peers(node: SpawnedNode, count: int) -> list[dict[str, object]]:
    """Ask until a node has so many peers; these minutes are far more than it takes."""
    for _ in range(600):
        if len(rows := peers_of(node)) == count:
            return rows
        time.sleep(0.5)
    pytest.fail(f"{count} peers never came, there are {peers_of(node)}")


def test_an_operator_joins_removes_bans_and_forgives(tmp_path: Path) -> None:
    """Add → joined on both sides; remove → gone, whoever dials; ban → refused; unban → joined."""
    with (
        network_node(tmp_path / "one", "admin", "net", "web3") as one,
        network_node(tmp_path / "other", "admin", "net", "web3") as other,
    ):
        info = one.call("admin_nodeInfo")
        assert re.fullmatch(r"[0-9a-f]{64}", info["id"])
        address = info["listenAddr"]
        assert sogdia(other, "add", address).stdout == f"{address} is kept\n"
        (row,) = wait_for_peers(other, 1)
        assert (row["id"], row["static"], row["inbound"]) == (info["id"], True, False)
        (seen,) = wait_for_peers(one, 1)
        assert seen["inbound"] is True
        (listed,) = json.loads(sogdia(one, "list", "--json").stdout)
        assert listed["id"] == seen["id"]
        assert int(one.call("net_peerCount"), 16) == 1

        assert "refused for an hour" in sogdia(other, "remove", address).stdout
        wait_for_peers(other, 0)
        assert "removed by its operator" in sogdia(other, "list", "--bans").stdout
        one.call("admin_addPeer", other.call("admin_nodeInfo")["listenAddr"])
        time.sleep(3)  # the other side dials, and is refused
        assert not peers_of(other)
        assert sogdia(other, "remove", address).returncode == 4

        assert sogdia(one, "ban", str(seen["id"]), "--reason", "a drill").returncode == 0
        assert "a drill" in sogdia(one, "list", "--bans").stdout
        sogdia(other, "add", address)
        time.sleep(2)
        assert not peers_of(one)
        assert sogdia(one, "unban", str(seen["id"])).returncode == 0
        assert sogdia(other, "add", address).stdout == f"{address} was kept already\n"
        wait_for_peers(one, 1)

        assert sogdia(one, "add", "nonsense").returncode == 2
        assert "IP:PORT" in sogdia(one, "add", "nonsense").stderr


def test_a_node_without_a_network_says_so(node: SpawnedNode) -> None:
    """The development chain of one."""
    said = sogdia(node, "list")
    assert said.returncode == 4
    assert "network.enabled" in said.stderr
    assert sogdia(node, "add", f"127.0.0.1:{free_ports(1)[0]}").returncode == 4


def test_whoever_reaches_the_port_steers_nothing(tmp_path: Path) -> None:
    """Peers and lines are its operator's, who has the guarded socket; `sogdia peers` finds it."""
    with network_node(tmp_path / "node") as node:
        for method in ("admin_peers", "admin_nodeInfo", "local_nodeId"):
            assert node.error(method)["code"] == -32601, method
        assert node.error("admin_addPeer", "192.0.2.1:32323")["code"] == -32601
        assert node.error("local_cutLines", [])["code"] == -32601
        assert sogdia(node, "add", "192.0.2.1:32323").stdout == "192.0.2.1:32323 is kept\n"
        listed = sogdia(node, "list", "--json")
    assert (listed.returncode, json.loads(listed.stdout)) == (0, []), listed.stderr
