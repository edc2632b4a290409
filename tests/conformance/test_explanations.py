"""What the node says of a transaction, for each way to end."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address
from tests.conformance.projects import copy_project, run
from tests.conformance.spawned import SpawnedNode, spawned_node

from sogdia.cli.abi import Artifacts
from sogdia.ledger.rpc.explain.facts import from_json
from sogdia.ledger.rpc.explain.words import Explanation, explain, short

TOOLS = Path(__file__).parent / "tools"
HARDHAT = ["node", "node_modules/hardhat/internal/cli/bootstrap.js"]
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


class Shop:
    """A node, the project, and the hashes of what was sent, by name."""

    def __init__(self, node: SpawnedNode, project: Path) -> None:
        self.node, self.project = node, project
        env = {"SOGDIA_RPC": node.url, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}
        script = [*HARDHAT, "run", "scripts/shop.js", "--network", "sogdia"]
        told = [line.split() for line in run(script, project, env).splitlines()]
        self.hashes = {line[0]: line[1] for line in told if len(line) == 2 and "0x" in line[1]}
        self.names = Artifacts([project / "artifacts"], {})

    def told(self, name: str) -> Explanation:
        facts = self.node.call("sogdia_explainTransaction", self.hashes[name])
        return explain(from_json(facts), self.names)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    project = copy_project("hardhat", folder)
    for name, place in (("Shop.sol", "contracts"), ("shop.js", "scripts")):
        (project / place / name).write_bytes((TOOLS / name).read_bytes())
    with spawned_node(folder / "node") as node:
        yield Shop(node, project)


# By name: the status, and words of what happened, where the money is, and what to do.
WAYS = {
    "deployed": ("Executed", "created a contract at 0x", "No units moved", "it is done"),
    "executed": ("Executed", "called buy(wanted: 5)", "0.5\xa0units went", "it is done"),
    "shrugged": ("Executed", "called tryToBuy", "0.000000000000000007\xa0units", "it is done"),
    "custom": ("Failed", "in take(wanted: 1000000000000000000) of 0x", "stayed", "Meet what"),
    "panic": ("Failed", "(panic 0x32)", "Nothing else moved", "a defect of it"),
    "reason": ("Failed", "refused: “закрыто”", "0.000000000000000001\xa0units stayed", "Meet"),
    "spin": ("Failed", "gas ran out in spin() of", "197,", "does not end"),
    "mute": ("Failed", "without a word", "Nothing else", "without a reason"),
    "halt": ("Failed", "halted: invalid opcode", "for 200,000 gas", "not a refusal"),
    "short": ("Failed", "29,000 was the limit", "stayed with", "gas limit of 35,"),
    "transfer": ("Executed", "sent 1.000000000000000001\xa0units", "went from", "it is done"),
    "mining": ("Pending", "no blocks are made", "No fee was taken", "sogdia epoch mine"),
    "gap": ("Pending", "which this node has not seen", "are still with", "with nonce"),
}


@pytest.mark.parametrize("name", WAYS)
def test_each_way_to_end_has_its_words(shop: Shop, name: str) -> None:
    told, (status, happened, money, todo) = shop.told(name), WAYS[name]
    assert told.status == status
    assert happened in " ".join(told.happened)
    assert money in " ".join(told.money)
    assert todo in " ".join(told.todo)
    assert (told.fee == "a fee was taken") == (status in ("Executed", "Failed"))


def test_custom_errors_are_named_by_abi_only(shop: Shop) -> None:
    (_, cause) = shop.told("custom").happened
    assert "TooLittle(payer: 0x" in cause
    assert "got: 500000000000000000, wanted: 1000000000000000000)" in cause
    facts = from_json(shop.node.call("sogdia_explainTransaction", shop.hashes["custom"]))
    plain = explain(facts, Artifacts([], {}))
    assert "an error of its own, 0x" in plain.happened[1]
    assert "--abi" in plain.todo[0]


def test_a_call_that_failed_inside_moved_nothing(shop: Shop) -> None:
    told = shop.told("shrugged")
    assert len([line for line in told.money if "went from" in line]) == 1
    assert told.calls[1].startswith("  call take(wanted: ")
    assert "failed: execution reverted" in told.calls[1]


def test_what_was_refused_is_remembered_and_what_is_unknown_is_said(shop: Shop) -> None:
    fields = {"nonce": 10**6, "to": "0x" + "11" * 20, "value": 1, "gas": 20_000, "gasPrice": 10**9}
    signed = Account.sign_transaction({**fields, "chainId": 1397704516}, KEY)
    refusal = shop.node.error("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
    facts = shop.node.call("sogdia_explainTransaction", "0x" + signed.hash.hex())
    assert facts["status"] == "Refused"
    assert refusal["message"] in facts["happened"][0]
    assert shop.node.call("sogdia_explainTransaction", "0x" + "77" * 32) is None


def test_the_command_finds_the_artifacts_of_the_project(shop: Shop) -> None:
    def sogdia(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sogdia", "tx", "explain", *arguments]
        return subprocess.run(
            [*command, "--rpc", shop.node.url],
            cwd=shop.project / "contracts",
            capture_output=True,
            text=True,
            check=False,
        )

    told = sogdia(shop.hashes["custom"])
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("Failed · a fee was taken\n\nWhat happened\n  deployer 0xf39Fd6…")
    assert "TooLittle(payer" in told.stdout
    assert "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266  deployer (development" in told.stdout
    unknown = sogdia("0x" + "77" * 32)
    assert (unknown.returncode, "does not know" in unknown.stderr) == (4, True)


def test_creations_say_what_was_made(node: SpawnedNode) -> None:
    """One that succeeds and makes another, and one that fails and has made nothing."""
    sender = node.call("eth_accounts")[4]
    fields = {"from": sender, "value": "0x9", "gas": "0x30000"}
    made = node.call("eth_sendTransaction", {**fields, "data": "0x5f5f6001f05000"})
    failed = node.call("eth_sendTransaction", {**fields, "data": "0xfe"})

    def told(hash: str) -> Explanation:
        return explain(from_json(node.call("sogdia_explainTransaction", hash)), Artifacts([], {}))

    outer, inner = told(made).calls
    address = node.call("eth_getTransactionReceipt", made)["contractAddress"]
    shown = to_checksum_address(address)
    assert outer.startswith(f"create → {short(shown)}, a new contract, 0.000000000000000009")
    assert inner.startswith("  create → 0x")
    assert f"{short(shown)}  {shown}" in told(made).addresses
    assert (
        told(failed)
        .happened[0]
        .endswith("wanted to create a contract. It failed, and all it did was taken back.")
    )
    (line,) = told(failed).calls
    assert line.startswith("create a contract, 0.000000000000000009")
    assert "nobody" not in " ".join([*told(made).lines(), *told(failed).lines()])
