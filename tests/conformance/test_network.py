"""`sogdia network`: four real processes with work in shares, parted, healed, killed and ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sogdia.local_network.processes import find_strays

PROGRAM = str(Path(sys.executable).with_name("sogdia"))
SETTLE_S_MAX = 120  # a loaded machine; each step takes a few seconds on an idle one


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
        subprocess.run([PROGRAM, "network", "down"], env=commands.environment, check=False)
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

    network.run("stop", "ru", "--kill")
    assert [node["state"] for node in network.view()["nodes"]].count("stopped") == 1
    network.run("start", "ru")
    network.settle(lambda view: [node["peers"] for node in view["nodes"]] == [0, 2, 2, 2])

    network.run("heal")
    healed = network.settle(agree_beyond(before))
    network.settle(agree_beyond(max(heights(healed))))

    assert "there is no node 'xx'" in network.run("stop", "xx", code=2)
    network.run("down")
    assert find_strays(network.state) == []
    assert not list((network.state / "sogdia" / "networks").iterdir())
    assert "there is no network" in network.run("status", code=3)
