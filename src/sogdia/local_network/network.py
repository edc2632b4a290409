"""A network of processes: start it, stop nodes, cut and heal lines, end it.

N1  What a command changed is on disk before it says so; the next command goes on from there.
N2  `down` leaves no process and no file, whatever was killed before.
"""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sogdia.local_network.errors import (
    AlreadyThere,
    NodeEnded,
    NodeSilent,
    NotThere,
)
from sogdia.local_network.folder import NetworkFolder
from sogdia.local_network.node_rpc import NodeRpc
from sogdia.local_network.plan import NetworkPlan, NodePlan, divide
from sogdia.local_network.processes import (
    Process,
    end_processes,
    find_process,
    find_strays,
    is_running,
    spawn_node,
)
from sogdia.local_network.settings_file import as_toml, node_settings

READY_S_MAX = 300.0  # a start takes a second of a core; dozens of nodes share two
POLL_S = 0.05
LOG_LINES = 5  # of a node that ended: its last words


@dataclass(slots=True)
class LocalNetwork:
    """One network of this machine."""

    folder: NetworkFolder
    plan: NetworkPlan
    rpcs: dict[str, NodeRpc] = field(default_factory=dict)
    # Kept while this command lives, so that a child that ended is reaped.
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: NetworkFolder) -> "LocalNetwork":
        """Return a network that was made before.

        Raises:
            NotThere: there is none.
        """
        return cls(folder, folder.plan())

    def rpc(self, name: str) -> NodeRpc:
        """Return the connection to a node."""
        if name not in self.rpcs:
            self.rpcs[name] = NodeRpc(self.plan.node(name).rpc_port)
        return self.rpcs[name]

    def is_running(self, name: str) -> bool:
        """Return whether a node's process runs."""
        if (child := self._children.get(name)) is not None:
            child.poll()
        process = self.folder.process(name)
        return process is not None and is_running(process)

    def running(self) -> list[str]:
        """Return the names of the nodes that run."""
        return [node.name for node in self.plan.nodes if self.is_running(node.name)]

    def start(self, names: Iterable[str]) -> None:
        """Start nodes that do not run, and return when all of them take work.

        Raises:
            NodeEnded: one ended, or took too long.
        """
        started = [self.plan.node(name) for name in names if not self.is_running(name)]
        for node in started:
            self._spawn(node)
        for node in started:
            self._await_ready(node)
        if (groups := self.folder.groups()) is not None:
            self._cut(groups)  # a node forgets its cut lines when it stops

    def _spawn(self, node: NodePlan) -> None:
        folder = self.folder.node(node.name)
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "node.toml"
        config.write_text(as_toml(node_settings(self.plan, node, folder)), "utf-8")
        child = spawn_node(config, folder / "node.log")
        self._children[node.name] = child
        self.folder.keep_process(node.name, find_process(child.pid))

    def _await_ready(self, node: NodePlan) -> None:
        end = time.monotonic() + READY_S_MAX
        while True:
            if not self.is_running(node.name):
                raise self._ended(node.name)
            with contextlib.suppress(NodeSilent):
                identity = self.rpc(node.name).call("local_nodeId")
                self.folder.keep_identity(node.name, identity)
                return
            if time.monotonic() > end:
                raise NodeEnded(node.name, self._log(node.name), f"no answer in {READY_S_MAX:g} s")
            time.sleep(POLL_S)

    def _log(self, name: str) -> Path:
        return self.folder.node(name) / "node.log"

    def _ended(self, name: str) -> NodeEnded:
        lines = self._log(name).read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
        return NodeEnded(name, self._log(name), "\n".join(lines) or "it said nothing")

    def stop(self, names: Iterable[str], *, at_once: bool = False) -> None:
        """End nodes; `at_once` kills them, as a power cut would."""
        processes = [(name, self.folder.process(name)) for name in names]
        end_processes([each for _, each in processes if each is not None], at_once=at_once)
        for name, _ in processes:
            if (child := self._children.pop(name, None)) is not None:
                child.wait()
            self.folder.keep_process(name, None)

    def partition(self, groups: list[list[str]]) -> None:
        """Cut every line between nodes of different groups; lines within a group are whole."""
        self.folder.keep_groups(groups)
        self._cut(groups)

    def heal(self) -> None:
        """Make every line whole again."""
        self.folder.keep_groups(None)
        self._cut([[node.name for node in self.plan.nodes]])

    def _cut(self, groups: Sequence[Sequence[str]]) -> None:
        for group in groups:
            others = [name for other in groups if other is not group for name in other]
            identities = [self.folder.identity(name) for name in others]
            for name in group:
                if self.is_running(name):
                    self.rpc(name).call("local_cutLines", [each for each in identities if each])

    def down(self, *, keep: bool = False) -> None:
        """End every process, and remove every file unless they are to be kept (N2)."""
        self.stop([node.name for node in self.plan.nodes])
        sweep(self.folder)
        for rpc in self.rpcs.values():
            rpc.close()
        if not keep:
            self.folder.discard()


def sweep(folder: NetworkFolder) -> list[Process]:
    """End the processes that were started for a network and noted nowhere; return them."""
    strays = find_strays(folder.path)
    end_processes(strays)
    return strays


def make_network(
    folder: NetworkFolder,
    shares: dict[str, float],
    *,
    nodes: int,
    hash_rate: float,
    port: int,
) -> LocalNetwork:
    """Plan a network and write it down; nothing runs yet.

    RPC is on `port` and the ports after it, peers on those after them; 0 takes any free ones.

    Raises:
        InvalidWork: the shares cannot be divided over so many nodes.
        AlreadyThere: a network of that name is there.
    """
    with contextlib.suppress(NotThere):
        present = LocalNetwork.open(folder)
        state = "runs" if present.running() else "is kept"
        words = f"{state} already: end it with `sogdia network down --name {folder.name}`"
        raise AlreadyThere(folder.name, words)
    sweep(folder)  # what a command left that was killed before it had written a plan
    divided = divide(shares, nodes)
    ports = list(range(port, port + 2 * nodes)) if port else free_ports(2 * nodes)
    plan = NetworkPlan(
        folder.name,
        hash_rate,
        tuple(
            NodePlan(*each, rpc_port, peer_port)
            for each, rpc_port, peer_port in zip(divided, ports[:nodes], ports[nodes:], strict=True)
        ),
    )
    folder.keep_plan(plan)
    return LocalNetwork(folder, plan)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses now, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
