"""What a running node says of bad input: the code, go-ethereum's words, and nothing lost by it."""

import json
import time
import urllib.request
from typing import Any

import pytest
from eth_account import Account
from tests.conformance.spawned import SpawnedNode

GWEI = 10**9
RICH = "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"
POOR = "0x" + "11" * 32
HIGH_S = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def signed(node: SpawnedNode, key: str = RICH, **changes: Any) -> str:
    """Return a raw transaction of an account's next nonce, with some fields changed."""
    account = Account.from_key(key)
    fields = {
        "nonce": int(node.call("eth_getTransactionCount", account.address, "pending"), 16),
        "to": "0x" + "22" * 20,
        "value": 1,
        "gas": 21_000,
        "maxFeePerGas": 100 * GWEI,
        "maxPriorityFeePerGas": GWEI,
        "chainId": int(node.call("eth_chainId"), 16),
        "data": b"",
        **changes,
    }
    if "gasPrice" in changes:
        del fields["maxFeePerGas"], fields["maxPriorityFeePerGas"]
    return "0x" + bytes(Account.sign_transaction(fields, key).raw_transaction).hex()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"chainId": 1}, "invalid chain id for signer: have 1 want"),
        ({"chainId": 1, "gasPrice": 100 * GWEI}, "invalid chain id for signer: have 1 want"),
        ({"gas": 20_999}, "intrinsic gas too low: gas 20999, minimum needed 21000"),
        ({"gas": 23_000, "data": b"\x01" * 100}, "insufficient gas for floor data gas cost"),
        ({"gas": 10**12}, "exceeds block gas limit"),
        ({"value": 10**30}, "insufficient funds for gas * price + value: balance"),
        (
            {"maxFeePerGas": 1, "maxPriorityFeePerGas": 1},
            "max fee per gas less than block base fee",
        ),
        ({"maxFeePerGas": 1, "maxPriorityFeePerGas": 2}, "max priority fee per gas higher than"),
        ({"nonce": 10**7}, "nonce too high"),
        ({"nonce": 2**64 - 1}, "nonce has max value"),
        ({"to": "", "gas": 10**7, "data": b"\x00" * 49_153}, "max initcode size exceeded"),
        ({"gas": 10**7, "data": b"\x01" * 131_072}, "oversized data"),
    ],
)
def test_a_transaction_that_cannot_be_taken(
    node: SpawnedNode, changes: dict[str, Any], words: str
) -> None:
    error = node.error("eth_sendRawTransaction", signed(node, **changes))
    assert error["code"] == -32000
    assert words in error["message"]


def test_an_empty_account_cannot_send(node: SpawnedNode) -> None:
    error = node.error("eth_sendRawTransaction", signed(node, POOR))
    assert error["message"].startswith("insufficient funds for gas * price + value: balance 0,")


def test_a_transaction_is_taken_once(node: SpawnedNode) -> None:
    raw = signed(node)
    sent = node.call("eth_sendRawTransaction", raw)
    end = time.monotonic() + 120
    while node.call("eth_getTransactionReceipt", sent) is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert node.error("eth_sendRawTransaction", raw)["message"].startswith("nonce too low: next")


@pytest.mark.parametrize(
    "raw", ["0x", "0x00", "0xc0", "0x02", "0x02c0", "0x05c0", "0x" + "ff" * 64]
)
def test_bytes_that_are_no_transaction(node: SpawnedNode, raw: str) -> None:
    assert node.error("eth_sendRawTransaction", raw)["code"] == -32000


def test_a_changed_signature_is_another_sender_or_none(node: SpawnedNode) -> None:
    """The last byte of s: whoever it recovers to has no money."""
    raw = signed(node)
    changed = raw[:-2] + format(int(raw[-2:], 16) ^ 1, "02x")
    message = node.error("eth_sendRawTransaction", changed)["message"]
    assert message.startswith(
        ("insufficient funds", "invalid sender", "invalid transaction v, r, s")
    )


def test_bad_and_good_in_one_batch(node: SpawnedNode) -> None:
    good, bad = signed(node), signed(node, chainId=5)
    batch = [
        {"jsonrpc": "2.0", "id": i, "method": "eth_sendRawTransaction", "params": [raw]}
        for i, raw in enumerate([bad, good, "0x12", good])
    ]
    answers = node.ask(batch)
    assert [answer["id"] for answer in answers] == [0, 1, 2, 3]
    assert "result" in answers[1]
    assert answers[0]["error"]["message"].startswith("invalid chain id")
    assert answers[2]["error"]["code"] == -32000
    assert answers[3]["error"]["message"] == "already known"


@pytest.mark.parametrize(
    ("method", "params", "code", "words"),
    [
        ("eth_getBalance", ["0x12"], -32602, "invalid argument 0"),
        ("eth_getBalance", [], -32602, "missing value for required argument 0"),
        ("eth_getBalance", ["0x" + "00" * 20, "soon"], -32602, "unknown block tag 'soon'"),
        ("eth_getBalance", ["0x" + "00" * 20, "0xffffff"], -32000, "header not found"),
        (
            "eth_getBalance",
            ["0x" + "00" * 20, "0x" + "ab" * 32],
            -32000,
            "header for hash not found",
        ),
        ("eth_call", [{"to": "0x" + "00" * 20}, "0xffffff"], -32000, "header not found"),
        ("eth_getLogs", [{"fromBlock": "0x1", "toBlock": "0x0"}], -32602, "invalid block range"),
        (
            "eth_getLogs",
            [{"fromBlock": "0x0", "toBlock": "0xffffff"}],
            -32602,
            "beyond current head",
        ),
        ("eth_getLogs", [{"topics": [[]] * 5}], -32602, "array of 5 items, limit 4"),
        ("eth_getLogs", [{"topics": [["0x" + "00" * 32] * 1001]}], -32602, "limit 1000"),
        ("eth_feeHistory", ["0x1", "latest", [50, 10]], -32602, "invalid reward percentile"),
        ("eth_sendTransaction", [{"from": "0x" + "99" * 20}], -32000, "unknown account"),
        ("eth_submitWork", [], -32601, "does not exist"),
        ("admin_setSolc", [], -32601, "does not exist"),
    ],
)
def test_a_call_that_cannot_be_answered(
    node: SpawnedNode, method: str, params: list[Any], code: int, words: str
) -> None:
    error = node.error(method, *params)
    assert error["code"] == code
    assert words in error["message"]


def test_what_does_not_exist_is_null(node: SpawnedNode) -> None:
    nothing = "0x" + "ab" * 32
    assert node.call("eth_getBlockByNumber", "0xffffff", False) is None
    assert node.call("eth_getBlockByHash", nothing, True) is None
    assert node.call("eth_getTransactionByHash", nothing) is None
    assert node.call("eth_getTransactionReceipt", nothing) is None
    assert node.call("eth_getBlockReceipts", "0xffffff") is None
    assert node.call("sogdia_getBlock", nothing) is None


# Code that returns with revert data: PUSH4 0xdeadbeef, MSTORE, REVERT(28, 4).
REVERTS = "0x63deadbeef6000526004601cfd"
BURNS = "0x5b600056"  # JUMPDEST PUSH1 0 JUMP: for ever
INVALID = "0xfe"


def test_a_revert_carries_its_data_as_plain_hex(node: SpawnedNode) -> None:
    place = "0x" + "77" * 20
    error = node.error("eth_call", {"to": place}, "latest", {place: {"code": REVERTS}})
    assert error == {"code": 3, "message": "execution reverted", "data": "0xdeadbeef"}
    error = node.error("eth_estimateGas", {"to": place}, "latest", {place: {"code": REVERTS}})
    assert (error["code"], error["data"]) == (3, "0xdeadbeef")


def test_a_call_for_ever_ends(node: SpawnedNode) -> None:
    place = "0x" + "77" * 20
    error = node.error("eth_call", {"to": place}, "latest", {place: {"code": BURNS}})
    assert error["code"] == -32000
    assert "out of gas" in error["message"]
    error = node.error("eth_call", {"to": place}, "latest", {place: {"code": INVALID}})
    assert error["message"] == "invalid opcode: INVALID"


def test_overrides_change_what_a_call_sees_and_nothing_else(node: SpawnedNode) -> None:
    place = "0x" + "77" * 20
    # BALANCE of the caller, SLOAD 1, NUMBER, TIMESTAMP: four words returned.
    code = "0x33316000526001546020524360405242606052608060 00f3".replace(" ", "")
    answer = node.call(
        "eth_call",
        {"to": place, "from": place},
        "latest",
        {place: {"code": code, "balance": "0x63", "stateDiff": {"0x1": "0x" + "00" * 31 + "07"}}},
        {"number": "0x1234", "time": "0x5678"},
    )
    words = [int(answer[2 + 64 * i : 66 + 64 * i], 16) for i in range(4)]
    assert words == [0x63, 7, 0x1234, 0x5678]
    assert node.call("eth_getCode", place) == "0x"
    assert node.call("eth_getBalance", place) == "0x0"


def test_the_node_serves_on_after_all_that(node: SpawnedNode) -> None:
    with urllib.request.urlopen(f"{node.url}/health", timeout=60) as answer:
        assert json.loads(answer.read())["healthy"] is True
