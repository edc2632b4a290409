"""Blocks taken back and replaced, tokens dealt, the rules told: on a running development node."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.conformance.test_development import await_receipt, height, send, timestamp
from tests.vectors.execution_apis.schemas import validate_answer

from sogdia.testing.node import NodeFailed

STRANGER = "0x" + "ab" * 20
TOKEN = "0x" + "70" * 20
FORWARDER = "0x" + "71" * 20
# Answers the slot at keccak(the two words of its call data): a balance's with a zero after it.
TOKEN_CODE = "0x60406004600037604060002054600052" + "60206000f3"
# Hands its call data on to the token and answers what comes back.
FORWARDER_CODE = "0x366000600037" + "6020600036600073" + TOKEN[2:] + "5afa50" + "60206000f3"
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A node of these tests' own."""
    with spawned_node(tmp_path_factory.mktemp("reorganising")) as node:
        yield node


def block(node: SpawnedNode, number: int) -> dict[str, Any]:
    found: dict[str, Any] = node.call("eth_getBlockByNumber", hex(number), False)
    return found


def balance(node: SpawnedNode, address: str) -> int:
    return int(node.call("eth_getBalance", address, "latest"), 16)


def nonce(node: SpawnedNode, address: str) -> int:
    return int(node.call("eth_getTransactionCount", address, "latest"), 16)


def test_a_rollback_takes_back_the_last_blocks(chain: SpawnedNode) -> None:
    chain.call("anvil_setBalance", STRANGER, hex(7))
    chain.call("evm_mine")
    top, kept = height(chain), block(chain, height(chain))
    sender = chain.call("eth_accounts")[0]
    used = nonce(chain, sender)
    before = chain.call("evm_snapshot")
    sent = send(chain, 12_345)
    await_receipt(chain, sent)
    chain.call("anvil_setBalance", STRANGER, hex(8))
    chain.call("anvil_mine", 3)
    later = chain.call("evm_snapshot")
    chain.call("anvil_rollback", height(chain) - top)
    assert block(chain, height(chain)) == kept and height(chain) == top
    assert chain.call("eth_getTransactionReceipt", sent) is None
    assert nonce(chain, sender) == used and balance(chain, STRANGER) == 7
    assert chain.call("evm_revert", later) is False  # of what is gone
    await_receipt(chain, send(chain, 1))
    assert chain.call("evm_revert", before) is True
    assert block(chain, height(chain)) == kept
    chain.call("evm_mine")
    chain.call("anvil_rollback")  # one, if nobody says how many
    assert height(chain) == top


def test_an_edit_of_a_block_that_stays_stays_with_it(chain: SpawnedNode) -> None:
    chain.call("evm_mine")
    number = chain.call("evm_snapshot")
    chain.call("anvil_setBalance", STRANGER, hex(9))
    chain.call("anvil_mine", 2)
    chain.call("anvil_rollback", 2)
    assert balance(chain, STRANGER) == 9
    assert chain.call("evm_revert", number) is True
    assert balance(chain, STRANGER) != 9


def test_more_than_there_is_cannot_be_taken_back(chain: SpawnedNode) -> None:
    top = height(chain)
    with pytest.raises(NodeFailed, match=f"the chain has {top}"):
        chain.call("anvil_rollback", top + 1)
    with pytest.raises(NodeFailed, match="taken back"):
        chain.call("anvil_reorg", top + 1, [])
    assert height(chain) == top


def test_a_reorganisation_makes_as_many_other_blocks(chain: SpawnedNode) -> None:
    chain.call("anvil_mine", 4)
    lost = send(chain, 5)
    await_receipt(chain, lost)
    top = height(chain)
    old = [block(chain, number)["hash"] for number in range(top - 3, top + 1)]
    chain.call("anvil_reorg", 3, [])
    assert height(chain) == top
    new = [block(chain, number) for number in range(top - 3, top + 1)]
    assert new[0]["hash"] == old[0]
    assert not {each["hash"] for each in new[1:]} & set(old)
    assert [each["parentHash"] for each in new[1:]] == [each["hash"] for each in new[:-1]]
    times = [int(each["timestamp"], 16) for each in new]
    assert times == sorted(times)
    assert chain.call("eth_getTransactionReceipt", lost) is None
    await_receipt(chain, send(chain, 6))
    assert timestamp(chain) >= times[-1]


def test_transactions_stand_in_the_blocks_they_are_meant_for(chain: SpawnedNode) -> None:
    chain.call("anvil_mine", 3)
    first, second = chain.call("eth_accounts")[:2]
    signed = Account.from_key(KEY).sign_transaction(
        {
            "nonce": nonce(chain, second),
            "gas": 21_000,
            "gasPrice": 10**11,
            "to": b"\xcd" * 20,
            "value": 77,
            "chainId": int(chain.call("eth_chainId"), 16),
        }
    )
    raw = "0x" + bytes(signed.raw_transaction).hex()
    transfer = {"from": first, "to": "0x" + "ef" * 20, "value": hex(5)}
    top = height(chain)
    chain.call("anvil_reorg", 3, [[raw, 1], [transfer, 0], [transfer, 1], [transfer, 1]])
    counts = [len(block(chain, number)["transactions"]) for number in range(top - 2, top + 1)]
    assert counts == [1, 3, 0]
    assert balance(chain, "0x" + "ef" * 20) == 15 and balance(chain, "0x" + "cd" * 20) == 77


def test_what_waits_goes_on_waiting(chain: SpawnedNode) -> None:
    chain.call("anvil_mine", 2)
    chain.call("evm_setAutomine", False)
    waiting = send(chain, 8)
    chain.call("anvil_reorg", 2, [])
    assert chain.call("txpool_status") == {"pending": "0x1", "queued": "0x0"}
    chain.call("anvil_rollback", 1)
    chain.call("evm_mine")
    assert block(chain, height(chain))["transactions"] == [waiting]
    chain.call("evm_setAutomine", True)


def test_a_transaction_for_no_block_changes_nothing(chain: SpawnedNode) -> None:
    chain.call("anvil_mine", 2)
    top = block(chain, height(chain))
    sender = chain.call("eth_accounts")[0]
    wrong: list[tuple[Any, int, str]] = [
        ({"from": sender, "to": STRANGER}, 2, "for block 2"),
        ("0x01", 0, "transaction 0"),
    ]
    for transaction, index, words in wrong:
        with pytest.raises(NodeFailed, match=words):
            chain.call("anvil_reorg", 2, [[transaction, index]])
    assert block(chain, height(chain)) == top
    # One that fails when it is its turn: the branch is as long, and empty from there on.
    with pytest.raises(NodeFailed):
        chain.call("anvil_reorg", 2, [[{"from": STRANGER, "to": sender}, 0]])
    assert height(chain) == int(top["number"], 16)


def test_tokens_and_allowances_are_given(chain: SpawnedNode) -> None:
    chain.call("anvil_setCode", TOKEN, TOKEN_CODE)
    chain.call("anvil_setCode", FORWARDER, FORWARDER_CODE)
    owner, spender = (each.rjust(64, "0") for each in (STRANGER[2:], "cd" * 20))
    for token, method in ((TOKEN, "anvil_dealERC20"), (FORWARDER, "anvil_setERC20Balance")):
        chain.call(method, STRANGER, token, hex(10**18))
        asked = {"to": token, "data": "0x70a08231" + owner}
        assert int(chain.call("eth_call", asked, "latest"), 16) == 10**18
        chain.call(method, STRANGER, token, "0x0")
        assert int(chain.call("eth_call", asked, "latest"), 16) == 0
    chain.call("anvil_setERC20Allowance", STRANGER, "0x" + "cd" * 20, TOKEN, hex(3))
    asked = {"to": TOKEN, "data": "0xdd62ed3e" + owner + spender}
    assert int(chain.call("eth_call", asked, "latest"), 16) == 3
    with pytest.raises(NodeFailed, match="no slot"):
        chain.call("anvil_dealERC20", STRANGER, "0x" + "cd" * 20, "0x1")


def test_the_rules_in_force_are_told(chain: SpawnedNode) -> None:
    whole = chain.answer("eth_config")
    validate_answer("eth_config", [], whole)
    answer = whole["result"]
    current = answer["current"]
    assert (answer["next"], answer["last"]) == (None, None)
    assert current["chainId"] == chain.call("eth_chainId")
    assert current["systemContracts"] == {
        "HISTORY_STORAGE_ADDRESS": "0x0000f90827f1c53a10cb7a02335b175320002935"
    }
    # Each named precompile answers or refuses its empty input; an empty account spends nothing.
    for name, address in current["precompiles"].items():
        used = chain.call("eth_createAccessList", {"to": address, "data": "0x"}, "latest")
        assert int(used["gasUsed"], 16) > 21_000, name


def test_a_chain_id_is_chosen_at_start(chain: SpawnedNode) -> None:
    own = int(chain.call("eth_chainId"), 16)
    chain.call("anvil_setChainId", own)
    with pytest.raises(NodeFailed, match="--chain-id 5"):
        chain.call("anvil_setChainId", 5)


def test_contracts_that_tools_count_on_are_there(chain: SpawnedNode) -> None:
    # Salt zero, and init code that deploys the single byte 0xfe.
    deployer = "0x4e59b44847b379578588920ca78fbf26c0b4956c"
    init_code = "60fe60005360016000f3"
    request = {"to": deployer, "data": "0x" + "00" * 32 + init_code}
    created = chain.call("eth_call", request, "latest")
    sender = chain.call("eth_accounts")[0]
    await_receipt(chain, chain.call("eth_sendTransaction", {"from": sender, **request}))
    assert chain.call("eth_getCode", created, "latest") == "0xfe"
    history = "0x0000f90827f1c53a10cb7a02335b175320002935"
    top = height(chain)
    asked = {"to": history, "data": "0x" + (top - 1).to_bytes(32, "big").hex()}
    assert chain.call("eth_call", asked, "latest") == block(chain, top - 1)["hash"]
    asked["data"] = "0x" + top.to_bytes(32, "big").hex()
    assert (
        chain.call("eth_call", asked, "latest", {}, {"number": hex(top + 1)})
        == (block(chain, top)["hash"])
    )
    proof = chain.call("eth_getProof", history, [hex((top - 1) % 8_191)], "latest")
    assert proof["storageProof"][0]["value"] == hex(int(block(chain, top - 1)["hash"], 16))
