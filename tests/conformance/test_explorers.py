"""What explorers ask for: Otterscan's `ots_`, replays as Blockscout asks for them; and newer calls
of wallets: `eth_fillTransaction`, `eth_sendRawTransactionSync`."""

import time
from typing import Any

import pytest
from tests.conformance.spawned import SpawnedNode

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.unsigned import UnsignedTransaction

OWNER = DEVELOPMENT_ACCOUNTS[7]
CALLED = "0x" + "00" * 18 + "0aff"
# Sends 5 drip to 0x…0aff, then creates a contract without code with 3 drip, as init code that
# leaves one byte of code.
CODE = "0x6000600060006000600561" + "0aff" + "5af150" + "600060006003f050" + "60016000f3"
# Reverts with the word 7.
REVERTS = "0x600760005260206000fd"
PATIENCE_S = 120


def await_receipt(node: SpawnedNode, sent: str) -> dict[str, Any]:
    """Return a receipt, sooner or later."""
    end = time.monotonic() + PATIENCE_S
    while (receipt := node.call("eth_getTransactionReceipt", sent)) is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    found: dict[str, Any] = receipt
    return found


@pytest.fixture(scope="module")
def created(node: SpawnedNode) -> dict[str, Any]:
    """The receipt of a creation that pays and creates in turn."""
    call = {"from": OWNER.shown, "data": CODE, "value": "0x8"}
    return await_receipt(node, node.call("eth_sendTransaction", call))


@pytest.fixture(scope="module")
def reverted(node: SpawnedNode) -> dict[str, Any]:
    """The receipt of a creation that reverts."""
    call = {"from": OWNER.shown, "data": REVERTS, "gas": "0x20000"}
    return await_receipt(node, node.call("eth_sendTransaction", call))


def test_what_a_transaction_did_inside(node: SpawnedNode, created: dict[str, Any]) -> None:
    sent, contract = created["transactionHash"], created["contractAddress"]
    paid, made = node.call("ots_getInternalOperations", sent)
    assert paid == {"type": 0, "from": contract, "to": CALLED, "value": "0x5"}
    assert (made["type"], made["from"], made["value"]) == (2, contract, "0x3")
    traces = node.call("ots_traceTransaction", sent)
    assert [(each["type"], each["depth"]) for each in traces] == [
        ("CREATE", 0),
        ("CALL", 1),
        ("CREATE", 1),
    ]
    assert node.call("ots_getTransactionError", sent) == "0x"
    assert node.error("ots_traceTransaction", "0x" + "cd" * 32)["code"] == -32000


def test_what_a_transaction_reverted_with(node: SpawnedNode, reverted: dict[str, Any]) -> None:
    assert reverted["status"] == "0x0"
    shown = node.call("ots_getTransactionError", reverted["transactionHash"])
    assert int(shown, 16) == 7
    assert node.call("ots_getInternalOperations", reverted["transactionHash"]) == []


def test_who_created_a_contract(node: SpawnedNode, created: dict[str, Any]) -> None:
    contract = created["contractAddress"]
    creator = node.call("ots_getContractCreator", contract)
    assert creator == {"hash": created["transactionHash"], "creator": OWNER.shown.lower()}
    assert node.call("ots_hasCode", contract, "latest") is True
    assert node.call("ots_hasCode", OWNER.shown, "latest") is False
    assert node.call("ots_getContractCreator", OWNER.shown) is None
    sent = node.call("eth_getTransactionByHash", created["transactionHash"])
    found = node.call("ots_getTransactionBySenderAndNonce", OWNER.shown, sent["nonce"])
    assert found == created["transactionHash"]
    assert node.call("ots_getTransactionBySenderAndNonce", OWNER.shown, "0xffff") is None


def test_a_block_in_pages(node: SpawnedNode, created: dict[str, Any]) -> None:
    number = created["blockNumber"]
    details = node.call("ots_getBlockDetails", number)
    assert details["block"]["transactionCount"] == 1
    assert int(details["totalFees"], 16) == int(created["gasUsed"], 16) * int(
        created["effectiveGasPrice"], 16
    )
    assert node.call("ots_getBlockDetailsByHash", created["blockHash"]) == details
    page = node.call("ots_getBlockTransactions", number, 0, 25)
    (shown,) = page["fullblock"]["transactions"]
    assert (shown["hash"], shown["input"]) == (created["transactionHash"], CODE[:10])
    assert [each["logs"] for each in page["receipts"]] == [None]
    beyond = node.call("ots_getBlockTransactions", number, 1, 25)
    assert (beyond["receipts"], beyond["fullblock"]["transactionCount"]) == ([], 1)
    assert node.call("ots_getBlockTransactions", "0x100000", 0, 25) is None
    assert node.call("ots_getBlockDetails", "0x100000") is None
    assert node.call("ots_getApiLevel") == 8


def test_replays(node: SpawnedNode, created: dict[str, Any]) -> None:
    sent = created["transactionHash"]
    replay = node.call("trace_replayTransaction", sent, ["trace"])
    assert [each["type"] for each in replay["trace"]] == ["create", "call", "create"]
    assert replay["output"] == node.call("eth_getCode", created["contractAddress"]) == "0x00"
    (whole,) = node.call("trace_replayBlockTransactions", created["blockNumber"], ["trace"])
    assert whole == replay | {"transactionHash": sent}
    assert node.call("trace_replayBlockTransactions", "0x100000", ["trace"]) is None
    assert node.error("trace_replayTransaction", sent, ["stateDiff"])["code"] == -32602
    assert node.error("trace_replayTransaction", "0x" + "cd" * 32, ["trace"])["code"] == -32000
    found = node.call("trace_get", sent, ["0x1"])
    assert found["traceAddress"] == [1]
    assert node.call("trace_get", sent, ["0x7"]) is None


def test_a_transaction_is_filled_and_not_signed(node: SpawnedNode) -> None:
    filled = node.call("eth_fillTransaction", {"from": OWNER.shown, "to": CALLED, "value": "0x1"})
    shown = filled["tx"]
    assert (shown["gas"], shown["type"], shown["r"]) == ("0x5208", "0x2", "0x0")
    assert shown["nonce"] == node.call("eth_getTransactionCount", OWNER.shown, "pending")
    assert filled["raw"].startswith("0x02") and filled["raw"].endswith("808080")
    listed = [{"address": CALLED, "storageKeys": []}]
    given = {"from": OWNER.shown, "to": CALLED, "gasPrice": hex(10**11), "accessList": listed}
    assert node.call("eth_fillTransaction", given)["tx"]["type"] == "0x1"


def raw_transfer(node: SpawnedNode, nonce_ahead: int = 0) -> str:
    """Return a signed transfer of the owner's."""
    nonce = int(node.call("eth_getTransactionCount", OWNER.shown, "pending"), 16) + nonce_ahead
    chain_id = int(node.call("eth_chainId"), 16)
    to = bytes.fromhex(CALLED[2:])
    transfer = UnsignedTransaction(chain_id, nonce, 21_000, to, 1, max_fee_per_gas=10**11)
    return "0x" + transfer.sign(OWNER.key).hex()


def test_a_receipt_comes_with_the_answer(node: SpawnedNode) -> None:
    raw = raw_transfer(node)
    answer = node.ask(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransactionSync", "params": [raw, 60_000]}
    )
    # A machine under load may need longer than a call may take; then the hash comes, and is good.
    if "error" in answer:
        assert answer["error"]["code"] == 4
        assert await_receipt(node, answer["error"]["data"])["status"] == "0x1"
    else:
        assert answer["result"]["status"] == "0x1"
    assert node.error("eth_sendRawTransactionSync", raw)["code"] == -32000
    assert node.error("eth_sendRawTransactionSync", raw, 0)["code"] == -32602


def test_what_is_not_executed_in_time_is_told_by_its_hash(node: SpawnedNode) -> None:
    error = node.error("eth_sendRawTransactionSync", raw_transfer(node, nonce_ahead=1), "0x32")
    assert error["code"] == 4
    assert node.call("eth_getTransactionByHash", error["data"])["blockHash"] is None
    # What it waits for.
    await_receipt(node, node.call("eth_sendRawTransaction", raw_transfer(node)))
    assert await_receipt(node, error["data"])["status"] == "0x1"


def test_what_is_served(node: SpawnedNode) -> None:
    modules = node.call("rpc_modules")
    assert {"eth", "ots", "trace", "evm"} <= modules.keys()
    assert set(modules.values()) == {"1.0"}
    assert node.call("eth_requestAccounts") == node.call("eth_accounts")
