"""What tools ask a development node about itself."""

from typing import Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import controls
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Bool, hex_data, hex_quantity


def hardhat_metadata(node: Backend) -> dict[str, Any]:
    """Return client, chain and head, with Hardhat's names."""
    number, pivot = node.executor.head()
    return {
        "clientVersion": node.client_version,
        "chainId": node.chain_id,
        "instanceId": hex_data(node.consensus.genesis),
        "latestBlockNumber": number,
        "latestBlockHash": hex_data(pivot),
    }


def anvil_metadata(node: Backend) -> dict[str, Any]:
    """Return client, chain, head, with Anvil's names."""
    return {**hardhat_metadata(node), "commitSha": node.client_version}


def anvil_node_info(node: Backend) -> dict[str, Any]:
    """Return head, clock and mining, with Anvil's names."""
    number, pivot = node.executor.head()
    return {
        "currentBlockNumber": hex(number),
        "currentBlockTimestamp": node.clock(),
        "currentBlockHash": hex_data(pivot),
        "transactionOrder": "fees",
        "environment": {"chainId": hex(node.chain_id)},
        "isAutomining": controls(node).is_automining,
    }


def set_logging_enabled(node: Backend, enabled: Bool) -> bool:
    """Show what contracts print by `console.log`, or do not."""
    assert node.console is not None, "development chains have a console"
    node.console.is_shown = enabled
    return True


def genesis_time(node: Backend) -> str:
    """Return the timestamp of the first block."""
    return hex_quantity(node.consensus.header(node.consensus.genesis).timestamp)


METHODS = (
    Method.of("anvil_setLoggingEnabled", set_logging_enabled),
    Method.of("hardhat_setLoggingEnabled", set_logging_enabled),
    Method.of("anvil_getGenesisTime", genesis_time),
    Method.of("hardhat_metadata", hardhat_metadata),
    Method.of("anvil_metadata", anvil_metadata),
    Method.of("anvil_nodeInfo", anvil_node_info),
)
