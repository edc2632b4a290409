"""What a development chain lets its user decide, on a running node."""

import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from tests.conformance.spawned import SpawnedNode, spawned_node


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A node whose time and mining these tests move."""
    with spawned_node(tmp_path_factory.mktemp("development")) as node:
        yield node


def height(node: SpawnedNode) -> int:
    return int(node.call("eth_blockNumber"), 16)


def timestamp(node: SpawnedNode) -> int:
    return int(node.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def send(node: SpawnedNode, value: int) -> str:
    sender, receiver = node.call("eth_accounts")[:2]
    found: str = node.call(
        "eth_sendTransaction", {"from": sender, "to": receiver, "value": hex(value)}
    )
    return found


def await_receipt(node: SpawnedNode, transaction: str) -> None:
    end = time.monotonic() + 20
    while node.call("eth_getTransactionReceipt", transaction) is None:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_blocks_are_made_when_asked(chain: SpawnedNode) -> None:
    before = height(chain)
    assert chain.call("evm_mine") == "0x0"
    assert height(chain) == before + 1
    chain.call("hardhat_mine", "0x5", "0x3c")
    assert height(chain) == before + 6
    last = [chain.call("eth_getBlockByNumber", hex(before + n), False) for n in (2, 6)]
    assert int(last[1]["timestamp"], 16) - int(last[0]["timestamp"], 16) >= 4 * 60


def test_weeks_of_blocks_are_made_by_one_call_in_its_own_time(tmp_path: Path) -> None:
    """A governor's tests wait out its voting period; no limit of a call's time ends that."""
    with spawned_node(tmp_path, SOGDIA_RPC_CALL_TIME_S="0.1") as node:
        before, begun = height(node), timestamp(node)
        node.call("hardhat_mine", hex(2_000), "0xc")
        assert height(node) == before + 2_000
        assert timestamp(node) - begun >= 1_999 * 12
        assert node.call("evm_mine", {"blocks": 300}) == "0x0"
        assert height(node) == before + 2_300
        answer = node.answer("hardhat_mine", hex(100_001))
        assert "100001 blocks at once, limit 100000" in answer["error"]["message"]


def test_the_author_of_the_next_block_and_what_waits_can_be_asked(chain: SpawnedNode) -> None:
    author = "0x" + "c0" * 20
    chain.call("hardhat_setCoinbase", author)
    assert chain.call("eth_coinbase") == author
    chain.call("evm_setAutomine", False)
    try:
        waits = [send(chain, value) for value in (1, 2)]
        shown = chain.call("eth_pendingTransactions")
        assert [each["hash"] for each in shown] == waits
        assert all(each["blockHash"] is None for each in shown)
    finally:
        chain.call("evm_setAutomine", True)
    await_receipt(chain, waits[-1])
    assert chain.call("eth_getBlockByNumber", "latest", False)["miner"] == author
    assert chain.call("eth_pendingTransactions") == []
    chain.call("hardhat_setCoinbase", "0x" + "00" * 20)


def test_an_estimate_is_of_the_number_that_the_next_block_will_have(chain: SpawnedNode) -> None:
    """What a contract writes once a block, as a token its checkpoints, costs the next block too."""
    once_a_block, sender = "0x" + "0b" * 20, chain.call("eth_accounts")[0]
    # Slot 0 holds the last block's number: in another one write that, and a slot of its own.
    chain.call("hardhat_setCode", once_a_block, "0x435f5414600f57435f5560014355005b00")
    for _ in range(2):
        sent = chain.call("eth_sendTransaction", {"from": sender, "to": once_a_block})
        await_receipt(chain, sent)
        assert chain.call("eth_getTransactionReceipt", sent)["status"] == "0x1"
        number = chain.call("eth_blockNumber")
        assert int(chain.call("eth_getStorageAt", once_a_block, number, "latest"), 16) == 1


def test_an_estimate_is_of_the_time_that_the_next_block_will_have(chain: SpawnedNode) -> None:
    """What was locked for a day is sent by a library that asks for its gas first."""
    opens = timestamp(chain) + 100_000
    # Reverts unless TIMESTAMP is at least `opens`.
    code = f"0x64{opens:010x}4210600c57005b60006000fd"
    request = {"from": chain.call("eth_accounts")[0], "data": code}
    assert "execution reverted" in chain.answer("eth_estimateGas", request)["error"]["message"]
    chain.call("evm_setNextBlockTimestamp", hex(opens))
    assert int(chain.call("eth_estimateGas", request), 16) > 21_000
    assert chain.call("eth_call", request, "pending") == "0x"
    assert "error" in chain.answer("eth_call", request, "latest")
    receipt = chain.call("eth_getTransactionReceipt", chain.call("eth_sendTransaction", request))
    assert receipt["status"] == "0x1"
    assert timestamp(chain) == opens


def test_what_newer_tools_of_anvil_ask_is_answered(chain: SpawnedNode) -> None:
    sender, receiver = chain.call("eth_accounts")[:2]
    sent = {"from": sender, "to": receiver, "value": "0x7"}
    receipt = chain.call("eth_sendTransactionSync", sent)
    assert chain.call("eth_getTransactionReceipt", receipt["transactionHash"]) == receipt
    now, then = (chain.call("eth_getAccountInfo", receiver, at) for at in ("latest", "0x0"))
    assert int(now["balance"], 16) > int(then["balance"], 16)
    assert (then["nonce"], then["code"]) == ("0x0", "0x")
    assert chain.call("eth_hashrate") == "0x0"
    typed = {
        "types": {"EIP712Domain": [{"name": "name", "type": "string"}]},
        "primaryType": "EIP712Domain",
        "domain": {"name": "a"},
        "message": {},
    }
    signed = [chain.call(f"eth_signTypedData_{v}", sender, typed) for v in ("v3", "v4")]
    assert signed[0] == signed[1]


def test_what_the_node_signs_is_executed_when_it_answers(chain: SpawnedNode) -> None:
    """Hardhat's tests read what a transaction did without waiting for its receipt."""
    for value in range(30):
        assert chain.call("eth_getTransactionReceipt", send(chain, value)) is not None
    sender = chain.call("eth_accounts")[0]
    nonce = int(chain.call("eth_getTransactionCount", sender, "latest"), 16) + 1
    late = {"from": sender, "to": sender, "nonce": hex(nonce)}
    waits = chain.call("eth_sendTransaction", late)  # nothing is mined, and it answers all the same
    assert chain.call("eth_getTransactionReceipt", waits) is None
    assert chain.call("eth_getTransactionReceipt", send(chain, 1)) is not None


def test_without_automine_transactions_wait_for_one_block(chain: SpawnedNode) -> None:
    assert chain.call("evm_setAutomine", False) is True
    assert chain.call("hardhat_getAutomine") is False
    waiting = [send(chain, value) for value in (1, 2, 3)]
    assert chain.call("txpool_status") == {"pending": "0x3", "queued": "0x0"}
    shown = chain.call("eth_getTransactionByHash", waiting[0])
    assert shown["blockHash"] is None
    pending = chain.call("eth_getBlockByNumber", "pending", False)
    assert pending["transactions"] == waiting
    assert chain.call("eth_getTransactionCount", shown["from"], "pending") == hex(
        int(chain.call("eth_getTransactionCount", shown["from"], "latest"), 16) + 3
    )
    chain.call("evm_mine")
    assert chain.call("eth_getBlockByNumber", "latest", False)["transactions"] == waiting
    chain.call("evm_setAutomine", True)
    await_receipt(chain, send(chain, 4))


def test_time_moves_and_stays_moved(chain: SpawnedNode) -> None:
    before = timestamp(chain)
    ahead = int(chain.call("evm_increaseTime", 3_600), 16)
    chain.call("evm_mine")
    assert timestamp(chain) >= before + 3_600
    assert int(chain.call("evm_increaseTime", "0x1"), 16) == ahead + 1
    chosen = timestamp(chain) + 1_000
    chain.call("evm_setNextBlockTimestamp", chosen)
    chain.call("evm_mine")
    assert timestamp(chain) == chosen
    chain.call("evm_mine")
    assert chosen <= timestamp(chain) <= chosen + 30
    error = chain.error("evm_setNextBlockTimestamp", chosen - 1_000)
    assert error["code"] == -32602
    assert "before the last block" in error["message"]


def test_blocks_come_by_the_clock_when_asked(chain: SpawnedNode) -> None:
    chain.call("evm_setIntervalMining", 50)
    before = height(chain)
    end = time.monotonic() + 20
    while height(chain) < before + 3:
        assert time.monotonic() < end
        time.sleep(0.02)
    chain.call("evm_setIntervalMining", 0)
    time.sleep(0.2)
    stopped = height(chain)
    time.sleep(0.3)
    assert height(chain) == stopped
    chain.call("evm_setAutomine", True)


def test_filters_tell_what_is_new(chain: SpawnedNode) -> None:
    blocks = chain.call("eth_newBlockFilter")
    pending = chain.call("eth_newPendingTransactionFilter")
    logs = chain.call("eth_newFilter", {})
    sent = send(chain, 9)
    await_receipt(chain, sent)
    head = chain.call("eth_getBlockByNumber", "latest", False)["hash"]
    assert chain.call("eth_getFilterChanges", blocks) == [head]
    assert chain.call("eth_getFilterChanges", blocks) == []
    assert chain.call("eth_getFilterChanges", pending) == [sent]
    assert chain.call("eth_getFilterChanges", logs) == []
    assert chain.call("eth_uninstallFilter", blocks) is True
    assert chain.error("eth_getFilterChanges", blocks)["message"] == "filter not found"


def test_the_node_describes_its_methods(chain: SpawnedNode) -> None:
    document = chain.call("rpc_discover")
    names = [method["name"] for method in document["methods"]]
    assert {"eth_call", "sogdia_getEpoch", "evm_mine", "rpc_discover"} - set(names) == {
        "rpc_discover"
    }
    assert names == sorted(names)
    for method in document["methods"]:
        if (
            not any(param["required"] for param in method["params"])
            and "_mine" not in method["name"]
        ):
            answer = chain.ask({"jsonrpc": "2.0", "id": 1, "method": method["name"]})
            if "result" in answer:
                jsonschema.validate(answer["result"], method["result"]["schema"])


def test_a_chain_that_was_moved_ahead_goes_on_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("ahead")
    with spawned_node(folder) as node:
        node.call("evm_increaseTime", 86_400)
        node.call("evm_mine")
        moved = timestamp(node)
    with spawned_node(folder) as node:
        await_receipt(node, send(node, 1))
        assert timestamp(node) >= moved
