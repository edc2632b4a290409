"""What tools ask a development node about itself."""

from typing import Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import controls
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_data


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


METHODS = (
    Method.of("hardhat_metadata", hardhat_metadata),
    Method.of("anvil_metadata", anvil_metadata),
    Method.of("anvil_nodeInfo", anvil_node_info),
)
