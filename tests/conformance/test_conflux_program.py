"""`sogdia-conflux` as the reference harness starts and asks it, without that harness."""

import asyncio
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

import aiohttp
import coincurve
import pytest

from sogdia.conflux.addresses import encode_address
from sogdia.conflux.configuration import GENESIS_KEY
from sogdia.conflux.keys import address_of_key, core_address_of_key
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import decode, encode, encode_integer
from sogdia.local_network.network import free_ports

GIVE_UP_S = 240  # of a loaded machine
PORTS = (
    "tcp_port",
    "jsonrpc_local_http_port",
    "jsonrpc_http_port",
    "jsonrpc_http_eth_port",
    "jsonrpc_ws_port",
)
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


def transfer(*, nonce: int, epoch_height: int = 0, gas_price: int = 1, value: int = 1) -> bytes:
    """Return a signed transfer of the account that every test knows."""
    fields = [nonce, gas_price, 21_000, int.from_bytes(TO, "big"), value, 0, epoch_height, 10]
    unsigned = [*map(encode_integer, fields), b""]
    key = coincurve.PrivateKey(GENESIS_KEY)
    signature = key.sign_recoverable(keccak256(encode(unsigned)), hasher=None)
    scalars = (signature[64:], signature[:32], signature[32:64])
    return encode([unsigned, *(each.lstrip(b"\0") for each in scalars)])


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


def settle(nodes: tuple[Spawned, Spawned]) -> None:
    """Have everything executed that other tests packed, and nothing wait in a pool."""
    for node in nodes:
        node.call("debug_clearTxPool")
    nodes[0].call("test_generateEmptyBlocks", 6)
    wait_for(lambda: agree(nodes))


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


def test_nodes_part_and_meet_again(pair: tuple[Spawned, Spawned]) -> None:
    """Each removes the other, as the harness does, and one adds it again: nobody is banned."""
    one, other = pair
    for _ in range(3):
        for here, there in itertools.permutations(pair):
            address = f"127.0.0.1:{there.ports['tcp_port']}"
            here.call("test_removeNode", there.node_id(), address)
        for here in pair:
            wait_for(lambda here=here: not here.call("test_getPeerInfo"))
        one.call("test_addNode", other.node_id(), f"127.0.0.1:{other.ports['tcp_port']}")
        for here in pair:
            wait_for(lambda here=here: here.call("test_getPeerInfo"))
    assert one.call("debug_disconnectNetNode", other.node_id(), "Failure") is True
    for here, there in itertools.permutations(pair):  # it is dialled again
        slow = ("test_addLatency", there.node_id(), 20)
        wait_for(lambda here=here, slow=slow: "error" not in here.ask(*slow))
    one.call("test_generateEmptyBlocks", 3)
    wait_for(lambda: agree(pair))


def test_a_transfer_of_core_space_is_executed(pair: tuple[Spawned, Spawned]) -> None:
    """Sent to one node, packed, executed; nonce, balances and receipt are what they must be."""
    node = pair[0]
    raw = transfer(nonce=0, value=12_345)
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


def test_blocks_and_states_by_every_name(pair: tuple[Spawned, Spawned]) -> None:
    """An epoch by number, word and block; one that is not executed, or unknown, says so."""
    node = pair[0]
    made = node.call("test_generateEmptyBlocks", 6)
    epoch = node.call("cfx_getBlockByHash", made[0])["epochNumber"]
    address = encode_address(TO, 10)
    for name in (epoch, f"hash:{made[0]}", {"blockHash": made[0]}, {"epochNumber": epoch}):
        assert node.call("cfx_getNextNonce", address, name) == "0x0"
    for name in ("latest_mined", f"hash:{made[-1]}", "0xffff", "hash:0x" + "11" * 32, "dummy"):
        answer = node.ask("cfx_getNextNonce", address, name)
        assert answer["error"]["code"] == -32602, answer
    assert (
        "is not executed"
        in node.ask("cfx_getBalance", address, {"blockHash": made[-1]})["error"]["data"]
    )
    assert node.call("cfx_getEpochReceipts", epoch) == [[]]
    assert node.call("cfx_getEpochReceipts", "latest_mined") is None
    assert node.call("cfx_getBlockByHashWithPivotAssumption", made[0], made[0], epoch)
    wrong = node.ask("cfx_getBlockByHashWithPivotAssumption", made[0], made[1], epoch)
    assert wrong["error"]["code"] == -32602
    assert node.call("test_getBlockStatus", made[0]) == [0, True]
    assert len(node.call("test_getExecutedInfo", made[0])) == 2
    chain = node.call("test_getChain")
    assert [each["hash"] for each in chain[-6:]] == made
    assert [int(each["blockNumber"], 16) for each in chain] == list(range(len(chain)))


def test_refusals_in_the_familys_words(pair: tuple[Spawned, Spawned]) -> None:
    """What is not built names its reason; the pool's refusals are of a wrong parameter."""
    node = pair[1]
    assert node.call("test_sayHello") == "Hello, world"
    for method, reason in (("pos_getStatus", "finality"), ("cfx_call", "contracts")):
        error = node.ask(method, "whatever", 7)["error"]
        assert error["code"] == -32601
        assert reason in error["message"]
    error = node.ask("cfx_sendRawTransaction", "0x123456")["error"]
    assert (error["code"], error["message"][:19]) == (-32602, "Invalid parameters:")
    for height, price, words in ((200_000, 1, "epoch height"), (0, 0, "gas price 0 less")):
        raw = transfer(nonce=0, epoch_height=height, gas_price=price)
        assert words in node.ask("cfx_sendRawTransaction", "0x" + raw.hex())["error"]["data"]
    raw = transfer(nonce=2**70, epoch_height=0, gas_price=1)
    data = node.ask("cfx_sendRawTransaction", "0x" + raw.hex())["error"]["data"]
    assert data == '"TooLargeNonce"'
    assert "error" in node.ask("test_addLatency", "0x" + "11" * 64, 5)


def test_what_waits_in_the_pool(pair: tuple[Spawned, Spawned]) -> None:
    """Two of a row and one beyond a gap; a block of ours takes as many as it is told."""
    node = pair[1]
    sender = encode_address(core_address_of_key(GENESIS_KEY), 10)
    settle(pair)
    first = int(node.call("cfx_getNextNonce", sender), 16)
    for nonce in (first, first + 1, first + 3):
        node.call("cfx_sendRawTransaction", "0x" + transfer(nonce=nonce).hex())
    assert node.call("txpool_status")["deferred"] == "0x3"
    assert node.call("txpool_status")["ready"] == "0x1"
    waiting = node.call("cfx_getAccountPendingTransactions", sender)
    assert [int(each["nonce"], 16) - first for each in waiting["pendingTransactions"]] == [0, 1, 3]
    assert waiting["firstTxStatus"] == "ready"
    assert node.call("txpool_nextNonce", sender) == hex(first + 2)
    block = node.call("test_generateOneBlock", 1, 200_000)
    assert len(node.call("cfx_getBlockByHash", block, True)["transactions"]) == 1
    replacement = transfer(nonce=first + 1, gas_price=2)
    node.call("cfx_sendRawTransaction", "0x" + replacement.hex())
    same_price = transfer(nonce=first + 1, gas_price=2, value=9)
    assert "error" in node.ask("cfx_sendRawTransaction", "0x" + same_price.hex())
    raw = "0x" + encode([decode(transfer(nonce=first + 1, gas_price=3))]).hex()
    block = node.call("test_generateBlockWithFakeTxs", raw)
    assert len(node.call("cfx_getBlockByHash", block)["transactions"]) == 1
    node.call("debug_clearTxPool")
    assert node.call("txpool_status")["deferred"] == "0x0"


async def follow(node: Spawned) -> tuple[list[str], list[list[str]], str]:
    """Return the heads and the epochs that a subscriber is told of, and how a large answer ends."""
    async with aiohttp.ClientSession() as session:
        url = f"ws://127.0.0.1:{node.ports['jsonrpc_ws_port']}"
        async with session.ws_connect(url) as socket:

            async def ask(method: str, *params: Any) -> Any:
                body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
                await socket.send_json(body)
                return await socket.receive_json(timeout=GIVE_UP_S)

            heads = (await ask("cfx_subscribe", "newHeads"))["result"]
            epochs = (await ask("cfx_subscribe", "epochs"))["result"]
            refused = await ask("cfx_subscribe", "logs")
            assert refused["error"]["code"] == -32602
            loop = asyncio.get_running_loop()
            told = {heads: [], epochs: []}
            await loop.run_in_executor(None, fork, node)
            while len(told[heads]) < 6 or len(told[epochs]) < 6:
                params = (await socket.receive_json(timeout=GIVE_UP_S))["params"]
                told[params["subscription"]].append(params["result"])
            large = await ask("test_getChain")
            assert (await ask("cfx_unsubscribe", heads))["result"] is True
            return (
                [each["hash"] for each in told[heads]],
                [each["epochHashesOrdered"] for each in told[epochs]],
                large["error"]["data"],
            )


def fork(node: Spawned) -> None:
    """Make a chain of two, then another of four from the same block."""
    parent = root = node.call("cfx_getBestBlockHash")
    for length in (2, 4):
        parent = root
        for _ in range(length):
            parent = node.call("test_generateFixedBlock", parent, [], 0, False, None, None)


def test_subscribers_are_told_of_a_fork(tmp_path: Path) -> None:
    """Each block once; the epochs after the fork again; an answer above the limit is refused."""
    with started(tmp_path / "node", jsonrpc_ws_max_payload_bytes="1024") as node:
        node.call("test_generateEmptyBlocks", 3)
        heads, epochs, words = asyncio.run(follow(node))
    assert len(set(heads)) == 6
    assert epochs[:2] == [[each] for each in heads[:2]]
    assert [each for (each,) in epochs][-4:] == heads[2:]
    assert words.startswith("Oversized payload")


def test_a_transfer_is_shown_in_its_block(pair: tuple[Spawned, Spawned]) -> None:
    """Not in the pivot block of its epoch, which only refers to that block."""
    node = pair[1]
    sender = encode_address(core_address_of_key(GENESIS_KEY), 10)
    settle(pair)
    root = node.call("cfx_getBestBlockHash")
    first = int(node.call("cfx_getNextNonce", sender), 16)
    raws = [transfer(nonce=first + place) for place in range(3)]
    side = node.call("test_generateCustomBlock", root, [], "0x" + encode(raws[:2]).hex())
    pivot = node.call("test_generateFixedBlock", root, [], 0, False, None, None)
    pivot = node.call("test_generateFixedBlock", pivot, [], 0, False, None, None)
    pivot = node.call("test_generateCustomBlock", pivot, [side], "0x" + encode(raws[2:]).hex())
    node.call("test_generateEmptyBlocks", 5)
    epoch = node.call("cfx_getBlockByHash", pivot)["epochNumber"]
    receipts = node.call("cfx_getEpochReceipts", epoch)
    shown = [[(each["blockHash"], each["index"]) for each in block] for block in receipts]
    assert shown == [[(side, "0x0"), (side, "0x1")], [(pivot, "0x0")]]
    found = node.call("cfx_getTransactionByHash", "0x" + keccak256(raws[1]).hex())
    assert (found["blockHash"], found["transactionIndex"]) == (side, "0x1")
    used = [node.call("cfx_getBlockByHash", block)["gasUsed"] for block in (side, pivot)]
    assert used == [hex(42_000), hex(21_000)]


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
