"""The example projects run, as their READMEs say, against a node; every answer is judged."""

import json
import re
import sys
from pathlib import Path

from tests.conformance.projects import copy_project, run
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


def test_the_hardhat_project_passes_and_deploys(witness: Witness, tmp_path: Path) -> None:
    project = copy_project("hardhat", tmp_path)
    env = {"SOGDIA_RPC": witness.url, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}
    hardhat = ["node", "node_modules/hardhat/internal/cli/bootstrap.js"]
    told = run([*hardhat, "test", "--network", "sogdia"], project, env)
    assert "5 passing" in told
    for network in ("sogdia", "signed"):
        told = run([*hardhat, "run", "scripts/deploy.js", "--network", network], project, env)
        assert re.search(r"Voucher at 0x[0-9a-fA-F]{40} in block \d+", told)


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
