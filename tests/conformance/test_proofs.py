"""`eth_getProof` of a running node, verified by what an application imports."""

import pytest
from tests.conformance.spawned import SpawnedNode

from sogdia.proofs import InvalidProof, verify_answer

# Stores 42 in slot 1 as init code, and leaves one byte of code behind.
CODE = "0x602a600155600160005360016000f3"


def settled(node: SpawnedNode) -> dict[str, str]:
    """Return the last block; nothing is mined unless somebody sends something."""
    block: dict[str, str] = node.call("eth_getBlockByNumber", "latest", False)
    return block


def test_a_proof_is_verified_against_the_state_root(node: SpawnedNode) -> None:
    sender = node.call("eth_accounts")[6]
    sent = node.call("eth_sendTransaction", {"from": sender, "data": CODE})
    receipt = None
    while receipt is None:
        receipt = node.call("eth_getTransactionReceipt", sent)
    contract = receipt["contractAddress"]
    block = settled(node)
    answer = node.call("eth_getProof", contract, ["0x1", "0x" + "00" * 32], block["number"])
    root = bytes.fromhex(block["stateRoot"][2:])
    address, account, values = verify_answer(answer, root)
    assert address == bytes.fromhex(contract[2:])
    assert (account.nonce, values) == (1, {1: 42, 0: 0})
    assert answer["storageProof"][1]["key"] == "0x" + "00" * 32
    with pytest.raises(InvalidProof):
        verify_answer(answer | {"balance": "0x1"}, root)
    other = node.call("eth_getBlockByNumber", hex(int(block["number"], 16) - 1), False)
    with pytest.raises(InvalidProof):
        verify_answer(answer, bytes.fromhex(other["stateRoot"][2:]))


def test_absence_is_proved(node: SpawnedNode) -> None:
    nobody = "0x" + "97" * 20
    block = settled(node)
    answer = node.call("eth_getProof", nobody, ["0x5"], {"blockHash": block["hash"]})
    _, account, values = verify_answer(answer, bytes.fromhex(block["stateRoot"][2:]))
    assert (account.balance, account.nonce, values) == (0, 0, {5: 0})


def test_an_earlier_epoch_is_proved(node: SpawnedNode) -> None:
    """The balance of then, against the root of then."""
    someone = "0x" + "98" * 20
    node.call("hardhat_setBalance", someone, "0x5")
    then = settled(node)
    for balance in ("0x6", "0x7"):
        node.call("evm_mine")
        node.call("hardhat_setBalance", someone, balance)
    now = settled(node)
    for block, balance in ((then, 5), (now, 7), (then, 5)):
        answer = node.call("eth_getProof", someone, [], block["number"])
        _, account, _ = verify_answer(answer, bytes.fromhex(block["stateRoot"][2:]))
        assert account.balance == balance


def test_what_lies_too_far_back_is_refused(node: SpawnedNode) -> None:
    error = node.error("eth_getProof", "0x" + "97" * 20, [], "0xffffff")
    assert "not found" in error["message"]
    slots = [hex(slot) for slot in range(1_025)]
    assert node.error("eth_getProof", "0x" + "97" * 20, slots, "latest")["code"] == -32602
