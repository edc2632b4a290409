"""The example projects run, as their READMEs say, against a node; every answer is judged."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.projects import copy_project, run
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.conformance.witness import Witness

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def test_the_web3py_script_runs(witness: Witness, tmp_path: Path) -> None:
    project = copy_project("web3py", tmp_path)
    told = run([sys.executable, "savings.py"], project, {"SOGDIA_RPC": witness.url})
    assert "refused: saved 1.5, asked 2" in told
    assert "left 1\nevents Saved" in told


def test_the_compiled_contract_of_the_web3py_example_is_its_source(tmp_path: Path) -> None:
    project = copy_project("ethers", tmp_path)
    run(["node", "artifact.mjs", "Savings.json"], project, {})
    web3py = copy_project("web3py", tmp_path)
    assert (project / "Savings.sol").read_text() == (web3py / "Savings.sol").read_text()
    assert (project / "Savings.json").read_text() == (web3py / "Savings.json").read_text()


def test_the_ethers_script_runs(witness: Witness, tmp_path: Path) -> None:
    project = copy_project("ethers", tmp_path)
    told = run(["node", "savings.mjs"], project, {"SOGDIA_RPC": witness.url})
    assert "refused: saved 1.5, asked 2.0" in told
    assert "left 1.0\nevents Saved, Withdrawn" in told


def test_the_viem_script_runs(witness: Witness, tmp_path: Path) -> None:
    project = copy_project("ethers", tmp_path)
    told = run(["node", "viem.mjs"], project, {"SOGDIA_RPC": witness.url})
    assert "refused: NotEnoughSaved" in told
    assert "events Saved" in told


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A node that calls itself what Hardhat's network helpers ask for."""
    name = ("--client-version", "HardhatNetwork/2.29.1/sogdia")
    with spawned_node(tmp_path_factory.mktemp("named"), *name) as node:
        yield node


def hardhat(project: Path, url: str, *arguments: str) -> str:
    env = {"SOGDIA_RPC": url, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}
    command = ["node", "node_modules/hardhat/internal/cli/bootstrap.js", *arguments]
    return run(command, project, env, seconds_max=300)


def test_the_hardhat_project_passes_and_deploys(
    named: SpawnedNode, witness: Witness, tmp_path: Path
) -> None:
    project = copy_project("hardhat", tmp_path)
    assert "9 passing" in hardhat(project, named.url, "test", "--network", "sogdia")
    for network in ("sogdia", "signed"):
        deploy = ("run", "scripts/deploy.js", "--network", network)
        told = hardhat(project, witness.url, *deploy)
        assert re.search(r"Voucher at 0x[0-9a-fA-F]{40} in block \d+", told)


def test_hardhats_own_sample_project_passes_unchanged(named: SpawnedNode, tmp_path: Path) -> None:
    """What `npx hardhat init` writes, out of the package itself."""
    project = copy_project("hardhat", tmp_path)
    sample = project / "node_modules" / "hardhat" / "sample-projects" / "javascript"
    for part in ("contracts", "test"):
        shutil.rmtree(project / part)
        shutil.copytree(sample / part, project / part)
    assert "9 passing" in hardhat(project, named.url, "test", "--network", "sogdia")


def test_foundrys_own_template_passes_unchanged(witness: Witness, tmp_path: Path) -> None:
    """What `forge init` writes: its tests here and on a fork of the node, its script, its calls."""
    project = copy_project("foundry", tmp_path)
    env = {"FOUNDRY_DISABLE_NIGHTLY_WARNING": "1", "HOME": str(tmp_path)}
    forge, cast = (["npx", "--no-install", tool] for tool in ("forge", "cast"))
    run([*forge, "init", "--no-git", "--offline", "template"], project, env)
    for part in ("src", "test", "script"):
        shutil.rmtree(project / part)
        shutil.move(project / "template" / part, project / part)
    rpc = ["--rpc-url", witness.url]
    assert "2 passed; 0 failed" in run([*forge, "test"], project, env)
    assert "2 passed; 0 failed" in run([*forge, "test", "--fork-url", witness.url], project, env)
    script = [*forge, "script", "script/Counter.s.sol", *rpc, "--broadcast", "--private-key", KEY]
    assert "ONCHAIN EXECUTION COMPLETE & SUCCESSFUL" in run([*script, "--slow"], project, env)
    (record,) = project.glob("broadcast/Counter.s.sol/*/run-latest.json")
    address = json.loads(record.read_text())["transactions"][0]["contractAddress"]
    send = [*cast, "send", address, *rpc, "--private-key", KEY]
    run([*send, "setNumber(uint256)", "41"], project, env)
    run([*send, "increment()"], project, env)
    assert run([*cast, "call", address, "number()(uint256)", *rpc], project, env).strip() == "42"


def test_the_foundry_project_tests_deploys_and_is_called(witness: Witness, tmp_path: Path) -> None:
    project = copy_project("foundry", tmp_path)
    env = {"FOUNDRY_DISABLE_NIGHTLY_WARNING": "1"}
    forge, cast = (["npx", "--no-install", tool] for tool in ("forge", "cast"))
    assert "3 passed; 0 failed" in run([*forge, "test"], project, env)
    rpc = ["--rpc-url", witness.url]
    script = [*forge, "script", "script/Deploy.s.sol", *rpc, "--broadcast", "--private-key", KEY]
    told = run([*script, "--slow"], project, env)
    assert "ONCHAIN EXECUTION COMPLETE & SUCCESSFUL" in told
    (record,) = project.glob("broadcast/Deploy.s.sol/*/run-latest.json")
    address = json.loads(record.read_text())["transactions"][0]["contractAddress"]
    holder = "0x000000000000000000000000000000000000bEEF"
    call = [*cast, "call", address, "balanceOf(address)(uint256)", holder, *rpc]
    assert run(call, project, env).startswith("500")
    send = [*cast, "send", address, "transfer(address,uint256)", holder, "7", *rpc]
    assert re.search(r"status +1 ", run([*send, "--private-key", KEY], project, env))
    assert run(call, project, env).startswith("507")
    assert run([*cast, "block-number", *rpc], project, env).strip().isdigit()
    assert "0.5" not in run([*cast, "balance", holder, *rpc], project, env)
