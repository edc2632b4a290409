"""`eth_simulateV1` of a running node; tests/vectors/execution_apis has the recorded suite."""

from typing import Any

from tests.conformance.spawned import SpawnedNode

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.ledger.rpc.eth.simulated import HEADER

RICH, POOR, PLACE = "0x" + "c0" * 20, "0x" + "c1" * 20, "0x" + "c2" * 20
NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas")
# Returns the hash of the block before.
PARENT_HASH = "0x6001430340600052" + "60206000f3"


def header_hash(block: dict[str, Any]) -> str:
    """Return the keccak of Ethereum's header fields, from what the block shows."""
    fields = [
        encode_integer(int(block[name], 16)) if name in NUMBERS else bytes.fromhex(block[name][2:])
        for name in HEADER
    ]
    return "0x" + keccak256(encode(fields)).hex()


def test_blocks_build_on_each_other_and_keep_nothing(node: SpawnedNode) -> None:
    latest = node.call("eth_getBlockByNumber", "latest", False)
    payload = {
        "blockStateCalls": [
            {
                "stateOverrides": {RICH: {"balance": "0x3e8"}, PLACE: {"code": PARENT_HASH}},
                "calls": [{"from": RICH, "to": POOR, "value": "0x3e8"}],
            },
            {"calls": [{"from": POOR, "to": RICH, "value": "0x1"}, {"to": PLACE}]},
        ],
        "traceTransfers": True,
        "returnFullTransactions": True,
    }
    first, second = node.call("eth_simulateV1", payload, "latest")
    assert first["parentHash"] == latest["hash"]
    assert second["parentHash"] == first["hash"] == header_hash(first)
    assert second["calls"][1]["returnData"] == first["hash"], "BLOCKHASH sees simulated blocks"
    (sent,) = first["calls"][0]["logs"]
    assert (sent["address"], int(sent["data"], 16)) == ("0x" + "ee" * 20, 1_000)
    assert [t["from"] for t in second["transactions"]] == [POOR, "0x" + "00" * 20]
    assert node.call("eth_getBalance", POOR, "latest") == "0x0"


def test_a_simulation_is_refused_in_go_ethereums_words(node: SpawnedNode) -> None:
    def refusal(*blocks: dict[str, Any], **options: Any) -> tuple[int, str]:
        error = node.error("eth_simulateV1", {"blockStateCalls": list(blocks), **options})
        return error["code"], error["message"]

    poor = {"calls": [{"from": POOR, "to": RICH, "value": "0x1"}]}
    assert refusal(poor)[0] == -38014
    used = {"calls": [{"from": POOR, "to": RICH, "nonce": "0x9", "maxFeePerGas": "0x0"}]}
    free = {"blockOverrides": {"baseFeePerGas": "0x0"}}
    assert refusal(free | used, validation=True)[0] == -38011
    assert refusal({"calls": [{"from": POOR, "gas": "0x1"}]})[0] == -38013
    full = {"blockOverrides": {"gasLimit": "0x5208"}, "calls": [{"to": RICH}, {"to": RICH}]}
    assert refusal(full)[0] == -38013 or refusal(full)[0] == -38015
    at = {"blockOverrides": {"number": "0x1000000"}}
    assert refusal(at) == (-38026, "too many blocks")
    assert refusal(*[{}] * 257) == (-38026, "too many blocks")
    assert refusal({"blockOverrides": {"time": "0x1"}})[0] == -38021
    assert refusal({"blockOverrides": {"number": "0x0"}})[0] == -38020
    moved = {"stateOverrides": {POOR: {"movePrecompileToAddress": RICH}}}
    assert refusal(moved)[1].endswith("is not a precompile")
    withdrawn = {"blockOverrides": {"withdrawals": [{}]}}
    assert refusal(withdrawn)[0] == -32602


def test_a_moved_precompile_answers_elsewhere_only(node: SpawnedNode) -> None:
    identity = "0x" + "00" * 19 + "04"
    calls = [{"to": PLACE, "input": "0xabcd"}, {"to": identity, "input": "0xabcd"}]
    moved = {"stateOverrides": {identity: {"movePrecompileToAddress": PLACE}}, "calls": calls}
    first, second = node.call("eth_simulateV1", {"blockStateCalls": [moved, {"calls": calls}]})
    assert [call["returnData"] for call in first["calls"]] == ["0xabcd", "0x"]
    assert [call["returnData"] for call in second["calls"]] == ["0x", "0xabcd"]


def test_what_a_simulation_burns_is_bounded(node: SpawnedNode) -> None:
    """A loop in each of many blocks ends when all together burnt what one call may."""
    loop = {"stateOverrides": {PLACE: {"code": "0x5b600056"}}}
    blocks = [loop | {"calls": [{"to": PLACE}]}, *[{"calls": [{"to": PLACE}]}] * 50]
    error = node.error("eth_simulateV1", {"blockStateCalls": blocks})
    assert error["code"] == -38013, "no gas was left for the second block"


def test_bundles_of_calls_build_on_each_other(node: SpawnedNode) -> None:
    """The code counts in slot 0 and returns what it counted; the bundles see their own block."""
    counter = "0x600054600101806000556000526020" + "6000f3"
    calls = {"transactions": [{"to": PLACE}, {"to": PLACE, "gas": "0x5300"}, {"to": PLACE}]}
    numbered = {
        "transactions": [{"data": "0x4360005260206000f3"}],
        "blockOverride": {"number": "0x99"},
    }
    first, second = node.call(
        "eth_callMany", [calls, numbered], {"blockNumber": "latest"}, {PLACE: {"code": counter}}
    )
    assert [int(call.get("value", "0x0"), 16) for call in first] == [1, 0, 2]
    assert first[1]["error"] == "out of gas"
    assert int(second[0]["value"], 16) == 0x99
    error = node.error("eth_callMany", [calls], {"blockNumber": "latest", "transactionIndex": 3})
    assert error["code"] == -32602


def test_too_many_calls_are_refused_before_they_are_read(node: SpawnedNode) -> None:
    """What is no call at all would be refused by another word, were it read."""
    calls = [0] * 2_501
    simulated = {"blockStateCalls": [{"calls": calls}, {"calls": calls}]}
    for method, param in (
        ("eth_simulateV1", simulated),
        ("eth_callMany", [{"transactions": calls}, {"transactions": calls}]),
    ):
        assert node.error(method, param) == {
            "code": -32602,
            "message": "invalid argument 0: 5002 calls, limit 5000",
        }
