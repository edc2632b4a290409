"""Traces and access lists of a running node, against what the transactions did."""

import time
from typing import Any

import pytest
from tests.conformance.spawned import SpawnedNode

# Stores 42 in slot 1 and logs it, as init code that leaves no contract.
CODE = "0x602a600155602a600052600760206000a100"


@pytest.fixture(scope="module")
def executed(node: SpawnedNode) -> dict[str, Any]:
    """The receipt of a creation that stores and logs."""
    sender = node.call("eth_accounts")[5]
    sent = node.call("eth_sendTransaction", {"from": sender, "data": CODE})
    end = time.monotonic() + 120
    while (receipt := node.call("eth_getTransactionReceipt", sent)) is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    found: dict[str, Any] = receipt
    return found


def test_the_steps_of_a_transaction(node: SpawnedNode, executed: dict[str, Any]) -> None:
    trace = node.call("debug_traceTransaction", executed["transactionHash"])
    steps = [step["op"] for step in trace["structLogs"]]
    assert steps[2] == "SSTORE"
    assert steps[-2:] == ["LOG1", "STOP"]
    assert trace["gas"] == int(executed["gasUsed"], 16)
    assert trace["failed"] is False


def test_the_calls_of_a_transaction(node: SpawnedNode, executed: dict[str, Any]) -> None:
    options = {"tracer": "callTracer"}
    trace = node.call("debug_traceTransaction", executed["transactionHash"], options)
    assert (trace["type"], trace["from"], trace["input"]) == ("CREATE", executed["from"], CODE)
    assert trace["gasUsed"] == executed["gasUsed"]
    before = node.call(
        "debug_traceTransaction", executed["transactionHash"], {"tracer": "prestateTracer"}
    )
    assert executed["from"] in before


def test_an_epoch_is_traced_whole(node: SpawnedNode, executed: dict[str, Any]) -> None:
    options = {"tracer": "callTracer"}
    for method, name in (
        ("debug_traceBlockByNumber", executed["blockNumber"]),
        ("debug_traceBlockByHash", executed["blockHash"]),
    ):
        (traced,) = node.call(method, name, options)
        assert traced["txHash"] == executed["transactionHash"]
        assert traced["result"]["type"] == "CREATE"


def test_a_call_is_traced_with_what_it_pretends(node: SpawnedNode) -> None:
    place = "0x" + "66" * 20
    options = {"tracer": "callTracer", "stateOverrides": {place: {"code": "0x60006000fd"}}}
    trace = node.call("debug_traceCall", {"to": place}, "latest", options)
    assert trace["error"] == "execution reverted"


def test_what_cannot_be_traced(node: SpawnedNode, executed: dict[str, Any]) -> None:
    nothing = "0x" + "cd" * 32
    assert node.error("debug_traceTransaction", nothing)["message"] == "transaction not found"
    assert node.error("debug_traceBlockByNumber", "0x0")["message"] == "genesis is not traceable"
    assert node.error("debug_traceBlockByHash", nothing)["message"] == f"block {nothing} not found"
    error = node.error(
        "debug_traceTransaction", executed["transactionHash"], {"tracer": "noSuchTracer"}
    )
    assert error["code"] == -32602


def test_an_access_list_names_what_a_call_touches(node: SpawnedNode) -> None:
    place = "0x" + "55" * 20
    overrides = {place: {"code": "0x60035460005260206000f3"}}
    call = {"to": place, "from": "0x" + "44" * 20}
    found = node.call("eth_createAccessList", call, "latest", overrides)
    slot = "0x" + "00" * 31 + "03"
    assert found["accessList"] == [{"address": place, "storageKeys": [slot]}]
    assert int(found["gasUsed"], 16) > 21_000
