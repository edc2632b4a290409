"""What the nodes of a network say of themselves, asked as any user would ask."""

from dataclasses import asdict, dataclass
from typing import Any

from sogdia.local_network.errors import NodeRefused, NodeSilent
from sogdia.local_network.network import LocalNetwork
from sogdia.local_network.node_rpc import NodeRpc

RATE_EPOCHS = 30  # over which blocks a second are measured: a quarter of a minute at the target


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node at one moment; what it does not answer is `None`."""

    name: str
    share: float
    rpc: str
    state: str
    """`running`, `silent` (a process that does not answer) or `stopped`."""
    height: int | None = None
    executed: int | None = None
    confirmed: int | None = None
    pivot: str | None = None
    """The pivot block at the greatest height that all nodes have executed."""
    state_root: str | None = None
    """After the epoch of that height."""
    peers: int | None = None
    blocks_per_s: float | None = None
    difficulty: int | None = None
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkView:
    """All nodes at one moment."""

    name: str
    height: int | None
    """What `pivot` and `state_root` of the nodes are of."""
    nodes: tuple[NodeView, ...]

    @property
    def agrees(self) -> bool:
        """Whether all nodes that answer have the same pivot block and state at `height`."""
        told = {(node.pivot, node.state_root) for node in self.nodes if node.height is not None}
        return len(told) <= 1

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return asdict(self) | {"agrees": self.agrees}


def observe(network: LocalNetwork) -> NetworkView:
    """Ask every node once."""
    views = [_ask(network, node.name) for node in network.plan.nodes]
    heights = [view["executed"] for view in views if view.get("executed") is not None]
    height = min(heights, default=None)
    if height is not None:
        for view in views:
            if view["state"] == "running":
                view.update(_place(network.rpc(view["name"]), height))
    return NetworkView(network.plan.name, height, tuple(NodeView(**view) for view in views))


def _ask(network: LocalNetwork, name: str) -> dict[str, Any]:
    plan, rpc = network.plan.node(name), network.rpc(name)
    view: dict[str, Any] = {"name": name, "share": plan.share, "rpc": rpc.url, "state": "stopped"}
    if not network.is_running(name):
        return view
    try:
        status, peers = rpc.batch([("sogdia_getStatus", ()), ("net_peerCount", ())])
        height = int(status["bestHeight"], 16)
        executed = int(status["executedEpoch"], 16)
        rate, difficulty = _rate(rpc, executed)
    except (NodeSilent, NodeRefused):
        return view | {"state": "silent"}
    return view | {
        "state": "running",
        "height": height,
        "executed": executed,
        "confirmed": int(status["confirmedEpoch"], 16),
        "peers": int(peers, 16),
        "blocks_per_s": rate,
        "difficulty": difficulty,
        "alerts": tuple(alert["code"] for alert in status["alerts"]),
    }


def _rate(rpc: NodeRpc, executed: int) -> tuple[float | None, int | None]:
    """Return blocks a second over the last epochs, and the difficulty of the last one's pivot."""
    first = max(1, executed - RATE_EPOCHS)
    if executed <= first:
        return None, None
    epochs = rpc.batch([("sogdia_getEpoch", (hex(n),)) for n in range(first, executed + 1)])
    blocks = rpc.batch([("sogdia_getBlock", (epochs[place]["pivot"],)) for place in (0, -1)])
    seconds = int(blocks[1]["timestamp"], 16) - int(blocks[0]["timestamp"], 16)
    count = sum(len(epoch["blocks"]) for epoch in epochs[1:])
    return count / max(seconds, 1), int(blocks[1]["difficulty"], 16)


def _place(rpc: NodeRpc, height: int) -> dict[str, Any]:
    try:
        epoch = rpc.call("eth_getBlockByNumber", hex(height), False)
    except (NodeSilent, NodeRefused):
        return {"state": "silent"}
    if epoch is None:  # it moved back meanwhile
        return {}
    return {"pivot": epoch["hash"], "state_root": epoch["stateRoot"]}
