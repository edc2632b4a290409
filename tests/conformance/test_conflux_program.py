"""`sogdia-conflux` as the reference harness starts and asks it, without that harness."""

import itertools
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coincurve
import pytest

from sogdia.conflux.addresses import encode_address
from sogdia.conflux.configuration import GENESIS_KEY
from sogdia.conflux.keys import address_of_key, core_address_of_key
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.local_network.network import free_ports

GIVE_UP_S = 240  # of a loaded machine
PORTS = ("tcp_port", "jsonrpc_local_http_port", "jsonrpc_http_port", "jsonrpc_http_eth_port")
TO = b"\x1b" * 20


@dataclass(slots=True)
class Spawned:
    """A running node."""

    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes]

    def ask(self, method: str, *params: Any) -> Any:
        """Return the whole answer to a call, from the port that the harness would ask."""
        name = "jsonrpc_http_eth_port" if method.startswith("eth_") else "jsonrpc_local_http_port"
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[name]}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=GIVE_UP_S) as answer:
            return json.loads(answer.read())

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of a call."""
        answer = self.ask(method, *params)
        assert "error" not in answer, f"{method}{params}: {answer['error']}"
        return answer["result"]

    def node_id(self) -> str:
        """Return the node's key, as the harness finds it out."""
        signature = bytes(self.call("test_getNodeId", [1, 2, 3]))
        key = coincurve.PublicKey.from_signature_and_message(
            signature, b"\x01\x02\x03", hasher=keccak256
        )
        return "0x" + key.format(compressed=False)[1:].hex()


def wait_for(is_reached: Callable[[], Any]) -> None:
    """Ask until something holds."""
    ends_at = time.monotonic() + GIVE_UP_S
    while not is_reached():
        assert time.monotonic() < ends_at, "never came to pass"
        time.sleep(0.05)


def has_answered(node: Spawned) -> bool:
    """Return whether the node's ports are open; it must be running."""
    assert node.process.poll() is None, (node.folder / "conflux.log").read_text()
    try:
        node.call("cfx_getBestBlockHash")
    except urllib.error.URLError:
        return False
    return True


@contextmanager
def started(folder: Path, **keys: str) -> Iterator[Spawned]:
    """Run a node by the harness's command line; it ends by SIGTERM, and has said nothing."""
    folder.mkdir(exist_ok=True)
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    lines = ['mode="test"', "chain_id=10", "log_file='./conflux.log'", "unknown_key=7"]
    lines += [f"{key}={value}" for key, value in (*ports.items(), *keys.items())]
    (folder / "conflux.conf").write_text("\n".join(lines) + "\n")
    program = "from sogdia.conflux.program import main; main()"
    command = [sys.executable, "-c", program, "--config", str(folder / "conflux.conf")]
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--public-address", "127.0.0.1", "--archive"], cwd=folder, stderr=stderr
        )
    node = Spawned(folder, ports, process)
    try:
        wait_for(lambda: has_answered(node))
        yield node
        process.send_signal(signal.SIGTERM)
        assert process.wait(GIVE_UP_S) == 0
        assert (folder / "stderr").read_bytes() == b""
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Spawned, Spawned]]:
    """Two nodes that are not joined."""
    folder = tmp_path_factory.mktemp("conflux")
    with ExitStack() as stack:
        nodes = [stack.enter_context(started(folder / name)) for name in ("one", "other")]
        yield nodes[0], nodes[1]


def agree(nodes: tuple[Spawned, Spawned]) -> bool:
    """Return whether the harness would call two nodes equal."""
    asked = ("cfx_getBestBlockHash", "test_getBlockCount")
    views = [[node.call(method) for method in asked] for node in nodes]
    states = [node.call("cfx_epochNumber", "latest_state") for node in nodes]
    return views[0] == views[1] and states[0] == states[1]


def test_two_nodes_are_joined_and_agree(pair: tuple[Spawned, Spawned]) -> None:
    """Blocks made apart, then together: honest ones, fixed ones, and one that blames wrongly."""
    one, other = pair
    assert one.call("debug_currentSyncPhase") == "NormalSyncPhase"
    (first,) = one.call("test_generateEmptyBlocks", 1)
    assert one.call("test_getBlockCount") == 2
    other.call("test_generateEmptyBlocks", 2)
    one.call("test_addNode", other.node_id(), f"127.0.0.1:{other.ports['tcp_port']}")
    for here, there in itertools.permutations(pair):
        wait_for(lambda h=here: h.call("test_getPeerInfo"))
        (peer,) = here.call("test_getPeerInfo")
        assert peer["nodeid"] == there.node_id()
        assert peer["protocols"]
    wait_for(lambda: agree(pair))
    fixed = one.call("test_generateFixedBlock", first, [], 0, False, None, None)
    assert one.call("cfx_getBlockByHash", fixed, False)["parentHash"] == first
    blame = {"blame": "0x1", "deferredStateRoot": "0x" + "11" * 32}
    one.call("test_generateBlockWithBlameInfo", 1, 0, blame)
    (honest,) = one.call("test_generateEmptyBlocks", 1)
    wait_for(lambda: agree(pair))
    shown = other.call("cfx_getBlockByHash", honest, False)
    assert shown["blame"] == "0x1"
    assert fixed in shown["refereeHashes"] or other.call("cfx_getBlockByHash", fixed)["epochNumber"]
    assert other.call("cfx_getBlockByBlockNumber", shown["blockNumber"], False) == shown


def test_a_transfer_of_core_space_is_executed(pair: tuple[Spawned, Spawned]) -> None:
    """Sent to one node, packed, executed; nonce, balances and receipt are what they must be."""
    node = pair[0]
    fields = [0, 1, 21_000, int.from_bytes(TO, "big"), 12_345, 0, 0, 10]
    unsigned = [*map(encode_integer, fields), b""]
    key = coincurve.PrivateKey(GENESIS_KEY)
    signature = key.sign_recoverable(keccak256(encode(unsigned)), hasher=None)
    scalars = (signature[64:], signature[:32], signature[32:64])
    raw = encode([unsigned, *(each.lstrip(b"\0") for each in scalars)])
    sender, to = (encode_address(each, 10) for each in (core_address_of_key(GENESIS_KEY), TO))
    assert node.call("cfx_getBalance", sender) == hex(5 * 10**33)
    hash_ = node.call("cfx_sendRawTransaction", "0x" + raw.hex())
    assert hash_ == "0x" + keccak256(raw).hex()
    while (receipt := node.call("cfx_getTransactionReceipt", hash_)) is None:
        assert int(node.call("cfx_epochNumber"), 16) < 40, "never executed"
        node.call("test_generateOneBlock", 1, 200_000)
    assert (receipt["outcomeStatus"], receipt["from"], receipt["to"]) == ("0x0", sender, to)
    assert node.call("cfx_getBalance", to) == hex(12_345)
    assert node.call("cfx_getBalance", sender) == hex(5 * 10**33 - 12_345 - 21_000)
    assert node.call("cfx_getNextNonce", sender) == "0x1"
    assert node.call("cfx_getTransactionByHash", hash_)["status"] == "0x0"
    # The same key's money in eSpace is another account's.
    espace = "0x" + address_of_key(GENESIS_KEY).hex()
    assert node.call("eth_getBalance", espace, "latest") == hex(5 * 10**33)
    assert "error" in node.ask("cfx_getBalance", "net10:wrong")


def test_a_restart_continues(tmp_path: Path) -> None:
    """The same key, the same chain."""
    with started(tmp_path / "node") as node:
        best, key = node.call("test_generateEmptyBlocks", 30)[-1], node.node_id()
    with started(tmp_path / "node") as node:
        assert node.call("cfx_getBestBlockHash") == best
        assert node.node_id() == key
        status = node.call("cfx_getStatus")
        assert (status["chainId"], status["epochNumber"], status["blockNumber"]) == (
            "0xa",
            "0x1e",
            "0x1e",
        )


def test_a_wrong_command_line_is_a_usage_error(tmp_path: Path) -> None:
    """Words on standard error and code 2, before anything is written."""
    program = "from sogdia.conflux.program import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, "--archive"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=GIVE_UP_S,
    )
    assert ended.returncode == 2
    assert b"--config" in ended.stderr
    assert not list(tmp_path.iterdir())
