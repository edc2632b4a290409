"""Methods that explorers, indexers and wallets ask for beside the usual ones."""

import time
from typing import Any

import pytest
from tests.conformance.spawned import SpawnedNode

from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.hashing import keccak256

CALLED = "0x" + "00" * 18 + "0aff"
# Calls it with nothing, stores 42 in slot 1 and logs it, as init code that leaves no contract.
CODE = "0x60006000600060006000610aff5af150602a600155602a600052600760206000a100"


@pytest.fixture(scope="module")
def executed(node: SpawnedNode) -> dict[str, Any]:
    """The receipt of a creation that calls, stores and logs, sent with an access list."""
    sender = node.call("eth_accounts")[4]
    listed = [{"address": CALLED, "storageKeys": ["0x" + "00" * 32]}]
    sent = node.call("eth_sendTransaction", {"from": sender, "data": CODE, "accessList": listed})
    end = time.monotonic() + 120
    while (receipt := node.call("eth_getTransactionReceipt", sent)) is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    found: dict[str, Any] = receipt
    return found


def test_a_transaction_is_found_by_sender_and_nonce(
    node: SpawnedNode, executed: dict[str, Any]
) -> None:
    sent = node.call("eth_getTransactionByHash", executed["transactionHash"])
    found = node.call("eth_getTransactionBySenderAndNonce", executed["from"], sent["nonce"])
    assert found == sent
    assert found["accessList"][0]["storageKeys"] == ["0x" + "00" * 32]
    after = hex(int(sent["nonce"], 16) + 1)
    assert node.call("eth_getTransactionBySenderAndNonce", executed["from"], after) is None
    assert node.call("eth_getTransactionBySenderAndNonce", "0x" + "98" * 20, "0x0") is None


def test_flat_traces_of_a_transaction_a_block_and_a_range(
    node: SpawnedNode, executed: dict[str, Any]
) -> None:
    traces = node.call("trace_transaction", executed["transactionHash"])
    assert [trace["type"] for trace in traces] == ["create", "call"]
    assert traces[1]["traceAddress"] == [0]
    assert traces[0]["transactionHash"] == executed["transactionHash"]
    assert node.call("trace_block", executed["blockNumber"]) == traces
    asked = {"fromBlock": executed["blockNumber"], "toBlock": executed["blockNumber"]}
    assert node.call("trace_filter", asked) == traces
    called = asked | {"toAddress": [CALLED]}
    assert node.call("trace_filter", called) == traces[1:]
    assert node.call("trace_filter", asked | {"after": 1, "count": 1}) == traces[1:]
    assert node.call("trace_filter", asked | {"fromAddress": ["0x" + "98" * 20]}) == []
    assert node.call("trace_transaction", "0x" + "cd" * 32) is None
    assert node.call("trace_block", "0x100000") is None


def test_a_range_of_traces_is_bounded(node: SpawnedNode) -> None:
    # A machine under load may not mine many in the time that a call may take.
    while int(node.call("eth_blockNumber"), 16) < 0x80:
        node.ask({"jsonrpc": "2.0", "id": 1, "method": "hardhat_mine", "params": ["0x8"]})
    error = node.error("trace_filter", {"fromBlock": "0x0", "toBlock": "latest"})
    assert (error["code"], "limit 100" in error["message"]) == (-32602, True)
    assert node.error("trace_filter", {"fromBlock": "0x1", "toBlock": "0xffffff"})["code"] == -32602
    assert node.error("trace_call", {"to": "0x" + "66" * 20}, ["vmTrace"])["code"] == -32602


def test_a_call_is_traced_flat(node: SpawnedNode) -> None:
    found = node.call("trace_call", {"to": "0x" + "00" * 19 + "04", "data": "0xab"}, ["trace"])
    assert found["output"] == "0xab"
    assert found["trace"][0]["action"]["to"] == "0x" + "00" * 19 + "04"


def test_things_as_their_bytes(node: SpawnedNode, executed: dict[str, Any]) -> None:
    chain_id = int(node.call("eth_chainId"), 16)
    raw = bytes.fromhex(node.call("debug_getRawBlock", executed["blockNumber"])[2:])
    block = Block.decode(raw, chain_id)
    assert "0x" + block.hash.hex() == executed["blockHash"]
    assert [t.hash.hex() for t in block.transactions] == [executed["transactionHash"][2:]]
    header = node.call("debug_getRawHeader", executed["blockNumber"])
    assert bytes.fromhex(header[2:]) == block.header.encode()
    sent = node.call("debug_getRawTransaction", executed["transactionHash"])
    assert "0x" + keccak256(bytes.fromhex(sent[2:])).hex() == executed["transactionHash"]
    (receipt,) = node.call("debug_getRawReceipts", executed["blockNumber"])
    assert receipt.startswith("0x02f9"), "typed, as EIP-2718 has it"
    assert node.call("debug_getBadBlocks") == []
    assert node.error("debug_getRawBlock", "0x100000")["message"] == "block not found"


def test_what_the_node_can_answer_for(node: SpawnedNode) -> None:
    shown = node.call("eth_capabilities")
    latest = node.call("eth_getBlockByNumber", "latest", False)
    assert int(shown["head"]["number"], 16) <= int(latest["number"], 16)
    assert shown["stateproofs"]["oldestBlock"] == shown["head"]["number"]
    assert int(node.call("eth_baseFee"), 16) > 0
    assert node.call("eth_blobBaseFee") == "0x1"
