"""Snapshots, edits of the state and impersonation, on a running development node."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.conformance.test_development import await_receipt, height, send, timestamp

from sogdia.ledger.rpc.methods import DEVELOPMENT

TREASURY = "0x" + "7e" * 20
STRANGER = "0x" + "ab" * 20
# PUSH1 0 SLOAD PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN
READ_SLOT_ZERO = "0x60005460005260206000f3"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A node of these tests' own."""
    with spawned_node(tmp_path_factory.mktemp("snapshots")) as node:
        yield node


def balance(node: SpawnedNode, address: str) -> int:
    return int(node.call("eth_getBalance", address, "latest"), 16)


def head(node: SpawnedNode) -> dict[str, object]:
    found: dict[str, object] = node.call("eth_getBlockByNumber", "latest", False)
    return found


def test_a_revert_takes_back_blocks_balances_and_time(chain: SpawnedNode) -> None:
    chain.call("evm_mine")
    receiver = chain.call("eth_accounts")[1]
    before, held = head(chain), balance(chain, receiver)
    number = chain.call("evm_snapshot")
    sent = send(chain, 12_345)
    await_receipt(chain, sent)
    chain.call("evm_increaseTime", 10_000)
    chain.call("hardhat_mine", 5)
    assert balance(chain, receiver) == held + 12_345
    assert chain.call("evm_revert", number) is True
    assert head(chain) == before
    assert balance(chain, receiver) == held
    assert chain.call("eth_getTransactionByHash", sent) is None
    assert chain.call("evm_revert", number) is False
    await_receipt(chain, send(chain, 1))
    assert timestamp(chain) < int(str(before["timestamp"]), 16) + 5_000
    chain.call("hardhat_mine", 20)  # past the depth at which headers commit to the state


def test_a_revert_brings_the_pool_back(chain: SpawnedNode) -> None:
    chain.call("evm_setAutomine", False)
    waiting = send(chain, 5)
    number = chain.call("evm_snapshot")
    send(chain, 6)
    chain.call("evm_mine")
    assert chain.call("txpool_status")["pending"] == "0x0"
    assert chain.call("evm_revert", number) is True
    assert chain.call("txpool_status") == {"pending": "0x1", "queued": "0x0"}
    chain.call("evm_mine")
    assert head(chain)["transactions"] == [waiting]
    dropped = send(chain, 7)
    assert chain.call("hardhat_dropTransaction", dropped) is True
    assert chain.call("anvil_dropTransaction", dropped) is False
    assert chain.call("eth_getTransactionByHash", dropped) is None
    chain.call("evm_setAutomine", True)


def test_edits_are_state_and_a_revert_takes_them_back(chain: SpawnedNode) -> None:
    chain.call("evm_mine")
    number = chain.call("evm_snapshot")
    root = head(chain)["stateRoot"]
    chain.call("hardhat_setBalance", STRANGER, hex(10**20))
    chain.call("anvil_setNonce", STRANGER, "0x7")
    chain.call("hardhat_setCode", STRANGER, READ_SLOT_ZERO)
    chain.call("hardhat_setStorageAt", STRANGER, "0x0", "0x" + "00" * 31 + "2a")
    assert head(chain)["stateRoot"] != root
    assert balance(chain, STRANGER) == 10**20
    assert chain.call("eth_getTransactionCount", STRANGER, "latest") == "0x7"
    assert int(chain.call("eth_call", {"to": STRANGER}, "latest"), 16) == 42
    chain.call("hardhat_mine", 12)
    chain.call("hardhat_setStorageAt", STRANGER, "0x0", "0x" + "00" * 32)
    assert int(chain.call("eth_call", {"to": STRANGER}, "latest"), 16) == 0
    assert int(chain.call("eth_call", {"to": STRANGER}, hex(height(chain) - 1)), 16) == 42
    assert chain.call("evm_revert", number) is True
    assert head(chain)["stateRoot"] == root
    assert chain.call("eth_getCode", STRANGER, "latest") == "0x"
    assert balance(chain, STRANGER) == 0


def test_an_account_without_a_key_can_be_acted_as(chain: SpawnedNode) -> None:
    request = {"from": STRANGER, "to": "0x" + "cd" * 20, "value": "0x64"}
    chain.call("anvil_setBalance", STRANGER, hex(10**18))
    assert "unknown account" in chain.error("eth_sendTransaction", request)["message"]
    chain.call("hardhat_impersonateAccount", STRANGER)
    sent = chain.call("eth_sendTransaction", request)
    await_receipt(chain, sent)
    receipt = chain.call("eth_getTransactionReceipt", sent)
    assert (receipt["from"], receipt["status"]) == (STRANGER, "0x1")
    assert balance(chain, "0x" + "cd" * 20) == 100
    legacy = chain.call("eth_sendTransaction", {**request, "gasPrice": hex(10**10)})
    await_receipt(chain, legacy)
    assert chain.call("hardhat_stopImpersonatingAccount", STRANGER) is True
    assert "unknown account" in chain.error("eth_sendTransaction", request)["message"]


def test_a_contract_can_be_acted_as(chain: SpawnedNode) -> None:
    """As tests of what a treasury or a timelock may do need it; a signed sender has no code."""
    chain.call("hardhat_setCode", TREASURY, READ_SLOT_ZERO)
    chain.call("anvil_setBalance", TREASURY, hex(10**18))
    chain.call("hardhat_impersonateAccount", TREASURY)
    request = {"from": TREASURY, "to": "0x" + "ce" * 20, "value": "0x64"}
    sent = chain.call("eth_sendTransaction", request)
    await_receipt(chain, sent)
    receipt = chain.call("eth_getTransactionReceipt", sent)
    assert (receipt["from"], receipt["status"]) == (TREASURY, "0x1")
    assert balance(chain, "0x" + "ce" * 20) == 100
    assert chain.call("eth_getCode", TREASURY, "latest") == READ_SLOT_ZERO
    traced = chain.call("debug_traceTransaction", sent, {"tracer": "callTracer"})
    assert traced["from"] == TREASURY
    assert chain.call("hardhat_stopImpersonatingAccount", TREASURY) is True


def test_blocks_stay_apart_after_a_revert(chain: SpawnedNode) -> None:
    """The first block after it came by the clock, in the second of the block before."""
    chain.call("anvil_setBlockTimestampInterval", 1)
    chain.call("evm_mine")
    number, before = chain.call("evm_snapshot"), int(str(head(chain)["timestamp"]), 16)
    chain.call("hardhat_mine", 3)
    chain.call("evm_revert", number)
    times = []
    for _ in range(2):
        chain.call("evm_mine")
        times.append(int(str(head(chain)["timestamp"]), 16) - before)
    assert times == [1, 2]
    assert chain.call("anvil_removeBlockTimestampInterval") is True


def test_the_author_of_blocks_can_be_named(chain: SpawnedNode) -> None:
    chain.call("hardhat_setCoinbase", STRANGER)
    chain.call("evm_mine")
    assert head(chain)["miner"] == STRANGER


def test_reset_returns_to_genesis(chain: SpawnedNode) -> None:
    chain.call("hardhat_mine", 3)
    assert chain.call("hardhat_reset") is True
    assert height(chain) == 0
    chain.call("hardhat_setBalance", STRANGER, "0x1")
    assert balance(chain, STRANGER) == 1
    await_receipt(chain, send(chain, 1))
    refused = chain.error("hardhat_reset", {"forking": {"jsonRpcUrl": "http://127.0.0.1"}})
    assert refused["code"] == -32602


def test_edits_and_reverts_last_over_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("restart")
    with spawned_node(folder) as node:
        node.call("hardhat_setBalance", STRANGER, "0x9")
        number = node.call("evm_snapshot")
        node.call("hardhat_mine", 8)
        node.call("evm_revert", number)
        node.call("hardhat_mine", 2)
        expected = head(node)
    with spawned_node(folder) as node:
        # A start sends a transfer of its own.
        assert node.call("eth_getBlockByNumber", expected["number"], False) == expected
        assert balance(node, STRANGER) == 9
        node.call("hardhat_mine", 20)
        await_receipt(node, send(node, 1))


def test_what_nobody_signed_lasts_over_a_restart(tmp_path: Path) -> None:
    senders = [f"0x{number:02x}{'ab' * 19}" for number in range(8)]  # half of them are no points
    transfers = [{"from": each, "to": "0x" + "cd" * 20, "value": "0x64"} for each in senders]
    with spawned_node(tmp_path) as node:
        node.call("hardhat_autoImpersonateAccount", True)
        for sender in senders:
            node.call("hardhat_setBalance", sender, hex(10**18))
        executed = [node.call("eth_sendTransaction", each) for each in transfers]
        node.call("evm_setAutomine", False)
        waiting = [node.call("eth_sendTransaction", each) for each in transfers]
    with spawned_node(tmp_path) as node:
        for sender, before, now in zip(senders, executed, waiting, strict=True):
            await_receipt(node, now)
            assert node.call("eth_getTransactionReceipt", now)["from"] == sender
            told = node.call("sogdia_explainTransaction", before)
            assert (told["status"], told["from"]) == ("Executed", sender)
        assert balance(node, "0x" + "cd" * 20) == 1_600


def test_a_ledger_is_taken_back_to_genesis_after_a_restart(tmp_path: Path) -> None:
    with spawned_node(tmp_path) as node:
        genesis = node.call("eth_getBlockByNumber", "0x0", False)
        node.call("hardhat_setBalance", STRANGER, "0x9")
        node.call("hardhat_mine", 12)
        send(node, 77)
    with spawned_node(tmp_path) as node:
        assert node.call("hardhat_reset") is True
        assert head(node) == genesis
        assert balance(node, STRANGER) == 0
        await_receipt(node, send(node, 1))


def test_a_revert_while_blocks_are_made_leaves_a_chain_that_goes_on(chain: SpawnedNode) -> None:
    chain.call("evm_setIntervalMining", 5)
    try:
        for _ in range(10):
            number = chain.call("evm_snapshot")
            send(chain, 1)
            time.sleep(0.02)
            assert chain.call("evm_revert", number) is True
    finally:
        chain.call("evm_setIntervalMining", 0)
    chain.call("evm_setAutomine", True)
    await_receipt(chain, send(chain, 1))


def test_a_state_is_loaded_into_another_chain_and_taken_back(
    chain: SpawnedNode, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chain.call("hardhat_setCode", STRANGER, READ_SLOT_ZERO)
    for slot in range(3):
        value = "0x" + f"{slot + 40:064x}"
        chain.call("hardhat_setStorageAt", STRANGER, hex(slot), value)
    blob = chain.call("anvil_dumpState")
    with spawned_node(tmp_path_factory.mktemp("other")) as other:
        other.call("hardhat_setStorageAt", STRANGER, "0x9", "0x" + "11" * 32)
        number, root = other.call("evm_snapshot"), head(other)["stateRoot"]
        for wrong in (blob[:-2], blob[:-200], "0x" + "00" * 20, "0x"):
            assert "not loaded" in other.error("hardhat_loadState", wrong)["message"]
        assert head(other)["stateRoot"] == root
        assert other.call("hardhat_loadState", blob) is True
        assert int(other.call("eth_call", {"to": STRANGER}, "latest"), 16) == 40
        assert other.call("eth_getStorageAt", STRANGER, "0x9", "latest") == "0x" + "00" * 32
        assert other.call("anvil_dumpState")[-400:] != blob[-400:]  # its own accounts moved on
        assert other.call("evm_revert", number) is True
        assert head(other)["stateRoot"] == root
        assert other.call("eth_getStorageAt", STRANGER, "0x9", "latest") == "0x" + "11" * 32


def test_no_other_network_has_these_methods(tmp_path_factory: pytest.TempPathFactory) -> None:
    own = {method.name for group in DEVELOPMENT for method in group.METHODS}
    # One miner alone would need minutes until a transaction of that network is executed.
    settings = {"SOGDIA_NODE_NETWORK": "local", "SOGDIA_NODE_SELF_TEST": "false"}
    with spawned_node(tmp_path_factory.mktemp("local"), **settings) as node:
        for name in sorted(own):
            assert node.error(name)["code"] == -32601, name
