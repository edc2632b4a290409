"""`sogdia network`: four real processes with work in shares, parted, healed, killed and ended."""

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.local_network.folder import NetworkFolder
from sogdia.local_network.network import LocalNetwork
from sogdia.local_network.processes import find_strays
from sogdia.local_network.transfers import Sender

PROGRAM = str(Path(sys.executable).with_name("sogdia"))
SETTLE_S_MAX = 600  # a loaded machine; each step takes a few seconds on an idle one
FULL_BYTES = 65_536  # no file of a node's may be written beyond it: its medium is full


class Network:
    """The commands, with a state folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("SOGDIA_")},
            "XDG_STATE_HOME": str(self.state),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }

    def run(self, *words: str, code: int = 0) -> str:
        """Run `sogdia network …` to its end; return what it printed."""
        ended = subprocess.run(
            [PROGRAM, "network", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SETTLE_S_MAX,
            check=False,
        )
        assert ended.returncode == code, (words, ended.stdout, ended.stderr)
        return ended.stdout if code == 0 else ended.stderr

    def view(self) -> dict[str, Any]:
        """Return what `network status` tells."""
        view: dict[str, Any] = json.loads(self.run("status", "--json"))
        return view

    @contextlib.contextmanager
    def processes(self) -> Iterator[LocalNetwork]:
        """The network as its commands know it."""
        known = LocalNetwork.open(NetworkFolder(self.state / "sogdia" / "networks" / "local"))
        try:
            yield known
        finally:
            for rpc in known.rpcs.values():
                rpc.close()

    def settle(self, is_reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look until something holds; return what was seen."""
        end = time.monotonic() + SETTLE_S_MAX
        while not is_reached(view := self.view()):
            assert time.monotonic() < end, view
            time.sleep(0.2)
        return view


def heights(view: dict[str, Any]) -> list[int]:
    return [node["executed"] or 0 for node in view["nodes"]]


def agree_beyond(epoch: int) -> Callable[[dict[str, Any]], bool]:
    """All nodes run, are joined, and have one pivot block and one state above `epoch`."""

    def is_reached(view: dict[str, Any]) -> bool:
        nodes = view["nodes"]
        return (
            view["agrees"]
            and view["height"] is not None
            and view["height"] > epoch
            and all(node["peers"] == len(nodes) - 1 and node["state_root"] for node in nodes)
        )

    return is_reached


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """Commands whose network is ended, whatever the test came to."""
    commands = Network(tmp_path)
    try:
        yield commands
    finally:
        subprocess.run([PROGRAM, "network", "down", "--yes"], env=commands.environment, check=False)
        assert find_strays(commands.state) == []


def killed_command(network: Network) -> None:
    """Start a network in the foreground and kill the command; its nodes go on."""
    words = ("up", "--work", "cn=67,kz=15,ru=10,ch=8", "--port", "0", "--json")
    command = subprocess.Popen(
        [PROGRAM, "network", *words],
        env=network.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with command:
        assert command.stdout is not None
        first = json.loads(command.stdout.readline())
        command.send_signal(signal.SIGKILL)
    assert [node["name"] for node in first["nodes"]] == ["cn", "kz", "ru", "ch"]
    assert [round(node["share"], 2) for node in first["nodes"]] == [0.67, 0.15, 0.1, 0.08]


def fill_medium(network: Network, name: str) -> None:
    """Let a node find its medium full; it ends by itself, and damages nothing."""
    with network.processes() as processes:
        process = processes.folder.process(name)
    assert process is not None
    resource.prlimit(process.number, resource.RLIMIT_FSIZE, (FULL_BYTES, FULL_BYTES))

    def has_ended(view: dict[str, Any]) -> bool:
        return [node["state"] for node in view["nodes"] if node["name"] == name] == ["stopped"]

    network.settle(has_ended)


def test_four_processes_agree_part_heal_die_and_leave_nothing(network: Network) -> None:
    """One story, as starting four nodes is what costs time."""
    killed_command(network)
    network.settle(agree_beyond(5))
    assert "runs already" in network.run("up", code=5)

    assert network.run("partition", "cn|kz,ru,ch").strip() == "cn | kz,ru,ch"
    parted = network.settle(lambda view: not view["agrees"])
    network.settle(lambda view: [node["peers"] for node in view["nodes"]] == [0, 2, 2, 2])
    before = max(heights(parted))
    network.settle(lambda view: min(heights(view)) > before)  # both sides go on

    victim = random.choice(["kz", "ru", "ch"])
    network.run("stop", victim, "--kill")
    assert [node["state"] for node in network.view()["nodes"]].count("stopped") == 1
    network.run("start", victim)
    network.settle(lambda view: [node["peers"] for node in view["nodes"]] == [0, 2, 2, 2])

    network.run("heal")
    healed = network.settle(agree_beyond(before))
    network.settle(agree_beyond(max(heights(healed))))

    fill_medium(network, "ch")
    before = max(heights(network.view()))
    network.settle(lambda view: max(heights(view)) > before)  # the others go on
    network.run("start", "ch")
    network.settle(agree_beyond(before))

    assert "there is no node 'xx'" in network.run("stop", "xx", code=2)
    assert "discards what its nodes kept: say --yes" in network.run("down", code=2)
    network.run("down", "--yes")
    assert find_strays(network.state) == []
    assert not list((network.state / "sogdia" / "networks").iterdir())
    assert "there is no network" in network.run("status", code=3)


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_random_nodes_die_for_ten_minutes(network: Network) -> None:
    """While transfers enter; all that was taken in is in one place everywhere at the end."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    network.run("up", "--work", "a=40,b=30,c=20,d=10", "--port", "0", "--detach")
    network.settle(agree_beyond(5))
    with network.processes() as processes:
        taken = kill_for_ten_minutes(network, processes, chance)
        assert taken
        network.settle(agree_beyond(max(heights(network.view()))))
        check_all_executed(network, processes, taken)


def kill_for_ten_minutes(
    network: Network, processes: LocalNetwork, chance: random.Random
) -> set[str]:
    """Kill a node and start it again, on and on; return the transactions that were taken in."""
    names = [node.name for node in processes.plan.nodes]
    chain_id = int(processes.rpc("a").call("eth_chainId"), 16)
    senders = [Sender(account, chain_id) for account in DEVELOPMENT_ACCOUNTS[: len(names)]]
    taken: set[str] = set()
    end = time.monotonic() + 600
    while time.monotonic() < end:
        victim = chance.choice(names)
        network.run("stop", victim, "--kill")
        for name, sender in zip(names, senders, strict=True):
            if name != victim:
                raws = [sender.sign(b"\x09" * 20) for _ in range(20)]
                rpc = processes.rpc(name)
                for raw in raws:
                    taken.add(rpc.call("eth_sendRawTransaction", f"0x{raw.hex()}"))
        network.run("start", victim)
        time.sleep(chance.uniform(0, 10))
    return taken


def check_all_executed(network: Network, processes: LocalNetwork, taken: set[str]) -> None:
    """Every transaction is in the same block of the same epoch at every node."""
    rpcs = [processes.rpc(node.name) for node in processes.plan.nodes]

    def places(rpc: Any) -> set[tuple[Any, ...]]:
        receipts = rpc.batch([("eth_getTransactionReceipt", (each,)) for each in sorted(taken)])
        return {
            (each["transactionHash"], each["blockNumber"], each["transactionIndex"])
            for each in receipts
            if each is not None
        }

    network.settle(lambda _: all(len(places(rpc)) == len(taken) for rpc in rpcs))
    network.settle(lambda _: len({frozenset(places(rpc)) for rpc in rpcs}) == 1)
