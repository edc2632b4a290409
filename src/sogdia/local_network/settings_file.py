"""What `sogdia node` is told of each node of a local network."""

from pathlib import Path
from typing import Any

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.local_network.plan import (
    DIFFICULTY_PERIOD,
    ESPACE_PERIOD,
    NODES_MAX,
    NetworkPlan,
    NodePlan,
)


def node_settings(plan: NetworkPlan, node: NodePlan, folder: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of a node's file; `folder` is the node's own."""
    place = plan.nodes.index(node)
    others = [f"127.0.0.1:{each.peer_port}" for each in plan.nodes if each != node]
    return {
        "node": {"network": "local", "data_dir": str(folder / "data"), "workers": 1},
        # Processes are killed here, machines are not.
        "storage": {"sync": "interval"},
        "local": {
            "difficulty": plan.difficulty,
            "difficulty_period": DIFFICULTY_PERIOD,
            "espace_period": ESPACE_PERIOD,
        },
        "rpc": {
            "port": node.rpc_port,
            "batch_calls": 1_000,
            "body_bytes": 16 << 20,
            "workers": 2,
            # Who runs the network cuts lines and steers peers through the port of this machine.
            "namespaces": [*RpcLimits().namespaces, "admin", "local"],
        },
        "network": {
            "enabled": True,
            "port": node.peer_port,
            "peers": others,
            "outbound": len(others),
            "inbound": NODES_MAX,
            "inbound_per_host": NODES_MAX,  # all of them are on this one
        },
        "mining": {
            "mode": "work",
            "hash_rate": plan.hash_rate * node.share,
            "author": DEVELOPMENT_ACCOUNTS[place % len(DEVELOPMENT_ACCOUNTS)].shown,
        },
    }


def as_toml(tables: dict[str, dict[str, Any]]) -> str:
    """Return tables of texts, numbers, flags and lists of texts as TOML."""
    lines = []
    for table, entries in tables.items():
        lines.append(f"[{table}]")
        lines += [f"{key} = {_value(value)}" for key, value in entries.items()]
        lines.append("")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
