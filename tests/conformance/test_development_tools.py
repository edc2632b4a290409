"""The whole of viem's test client and of Hardhat's network helpers, against a running node."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.projects import copy_project, run
from tests.conformance.spawned import SpawnedNode, spawned_node

TOOLS = Path(__file__).parent / "tools"
HARDHAT = ["node", "node_modules/hardhat/internal/cli/bootstrap.js"]
# The helpers refuse a node that does not call itself by one of three names.
NAMED = ("--client-version", "HardhatNetwork/2.29.1/sogdia")
END_S_MAX = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tools")


@pytest.fixture(scope="module")
def chain(folder: Path) -> Iterator[SpawnedNode]:
    """A node that these tests bend as they like."""
    with spawned_node(folder / "node", *NAMED) as node:
        yield node


def await_lines(log: Path, count: int) -> list[str]:
    """Return what contracts printed, once `count` lines are there."""
    end = time.monotonic() + END_S_MAX
    while len(found := re.findall(r"console\.log: (.*?) +by=(.*)", log.read_text())) < count:
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    return [f"{line} | {by}" for line, by in found]


@pytest.mark.parametrize("mode", ["anvil", "hardhat"])
def test_every_action_of_viems_test_client(chain: SpawnedNode, tmp_path: Path, mode: str) -> None:
    project = copy_project("ethers", tmp_path)
    shutil.copy(TOOLS / "viem.mjs", project)
    told = run(["node", "viem.mjs", mode], project, {"SOGDIA_RPC": chain.url})
    assert re.match(r"(\d+) of \1 actions; missing: $", told)


def test_every_network_helper_and_lines_that_contracts_print(
    chain: SpawnedNode, folder: Path, tmp_path: Path
) -> None:
    project = copy_project("hardhat", tmp_path)
    shutil.copy(TOOLS / "hardhat_network.js", project / "test")
    shutil.copy(TOOLS / "Printing.sol", project / "contracts")
    shutil.copy(TOOLS / "printing.js", project / "scripts")
    env = {"SOGDIA_RPC": chain.url, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}
    told = run([*HARDHAT, "test", "--network", "sogdia", "test/hardhat_network.js"], project, env)
    assert "8 passing" in told
    told = run([*HARDHAT, "run", "scripts/printing.js", "--network", "sogdia"], project, env)
    assert "execution reverted: nine" in told
    sender = chain.call("eth_accounts")[0]
    lines = await_lines(folder / "node" / "node.log", 8)
    for value, by in ((5, "eth_estimateGas"), (6, "eth_call"), (9, "eth_estimateGas")):
        assert f"keep {value} by {sender} true | {by}" in lines
    transactions = [line for line in lines if "transaction 0x" in line]
    assert [line.partition(" | ")[0] for line in transactions] == [
        f"keep 5 by {sender} true",
        "-5",
    ]
    # Another contract without a console is called: nothing more is printed once it is silenced.
    chain.call("hardhat_setLoggingEnabled", False)
    run([*HARDHAT, "run", "scripts/printing.js", "--network", "sogdia"], project, env)
    chain.call("hardhat_setLoggingEnabled", True)
    assert await_lines(folder / "node" / "node.log", 8) == lines
