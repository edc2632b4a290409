"""The nodes that benchmarks start beside each other: ours, anvil from npm, geth as a Go module."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sogdia" / "bench"
ANVIL = CACHE / "rivals" / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
GETH = CACHE / "rivals" / "bin" / "geth"
GETH_MODULE = "github.com/ethereum/go-ethereum/cmd/geth@v1.17.8"
# The keys that each development chain begins with and publishes.
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
GETH_KEY = "0xb71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291"
GETH_ACCOUNT = "0x71562b71999873db5b286df957af199ec94617f7"
GAS_LIMIT = 10_000_000_000  # of a block, so that it is not what is measured


@dataclass(frozen=True, slots=True)
class NodeKind:
    """A node to measure: where it answers, who has money on it, how a fresh one starts."""

    chain_id: int
    port: int
    command: Callable[[Path], str]
    """The command line, given an empty folder for its data."""
    key: str = KEY
    options: tuple[str, ...] = ()
    """What the load generator is told besides."""


def anvil() -> Path:
    """Return anvil's executable, installed from npm on first use."""
    if not ANVIL.exists():
        folder = CACHE / "rivals"
        folder.mkdir(parents=True, exist_ok=True)
        stated = (REPOSITORY / "benchmarks" / "rivals" / "package.json").read_text()
        (folder / "package.json").write_text(stated)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return ANVIL


def geth() -> Path:
    """Return geth's executable, built from its Go module on first use: some five minutes."""
    if not GETH.exists():
        if shutil.which("go") is None:
            sys.exit("geth is measured beside and go is not there: install it (package golang)")
        environment = os.environ | {"GOBIN": str(GETH.parent)}
        subprocess.run(["go", "install", GETH_MODULE], env=environment, check=True)
    return GETH


def _sogdia(data: Path) -> str:
    sogdia = Path(sys.executable).with_name("sogdia")
    return f"{sogdia} up --fresh --yes --data-dir {data} --port {KINDS['sogdia'].port}"


def _anvil(data: Path) -> str:
    del data  # it keeps none
    # As the generator's README says: its limits out of the way.
    limits = f"--gas-limit {GAS_LIMIT} --max-transactions 1000000"
    return f"{anvil()} -q --port {KINDS['anvil'].port} {limits}"


def _anvil_by_the_clock(data: Path) -> str:
    del data
    limits = f"--gas-limit {GAS_LIMIT} --max-transactions 1000000"
    return f"{anvil()} -q --port {KINDS['block-time 1'].port} {limits} --block-time 1"


def _geth(data: Path) -> str:
    _write_geth_genesis(data)
    many = 1_000_000
    pool = " ".join(
        f"--txpool.{each} {many}"
        for each in ("accountslots", "globalslots", "accountqueue", "globalqueue")
    )
    return (
        f"{geth()} --dev --datadir {data} --verbosity 0 --miner.gaslimit {GAS_LIMIT} {pool} "
        f"--http --http.port {KINDS['geth'].port} --http.api eth,net,web3,txpool,miner "
        "--rpc.batch-request-limit 0 --port 0 --nodiscover --authrpc.port 0 --ipcdisable"
    )


def _write_geth_genesis(data: Path) -> None:
    """Give geth its development genesis without the next fork, and with a large gas limit.

    With that fork a new slot costs so much gas that the generator's limits do not suffice.
    """
    said = subprocess.run([geth(), "--dev", "dumpgenesis"], capture_output=True, check=True)
    genesis = json.loads(said.stdout)
    del genesis["config"]["bogotaTime"]
    genesis["gasLimit"] = hex(GAS_LIMIT)
    genesis["alloc"][GETH_ACCOUNT] = {"balance": hex(10**30)}
    path = data.with_name("genesis.json")
    path.write_text(json.dumps(genesis))
    command = [geth(), "--datadir", data, "init", path]
    subprocess.run(command, capture_output=True, check=True)


KINDS = {
    "sogdia": NodeKind(0x534F4744, 18_545, _sogdia),
    "anvil": NodeKind(31_337, 18_546, _anvil),
    "block-time 1": NodeKind(31_337, 18_547, _anvil_by_the_clock),
    # It burns some three seconds of CPU after its start: measured once that has settled.
    "geth": NodeKind(1_337, 18_548, _geth, GETH_KEY, ("--quiet", "10")),
}
