"""Which ledger this is, and where it stands."""

from typing import Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import latest_epoch
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_data, hex_quantity


def chain_id(node: Backend) -> str:
    """Return the chain id that transactions must sign (EIP-155)."""
    return hex_quantity(node.chain_id)


def block_number(node: Backend) -> str:
    """Return the number of the last executed epoch."""
    return hex_quantity(latest_epoch(node))


def syncing(node: Backend) -> Any:
    """Return false, or how far the node is while it catches up with its peers, or when executed
    epochs trail the pivot chain."""
    head, best = latest_epoch(node), node.consensus.best_height()
    progress = node.sync_progress()
    if progress is not None:
        return {
            "startingBlock": hex_quantity(progress.starting_height),
            "currentBlock": hex_quantity(head),
            "highestBlock": hex_quantity(max(best, progress.highest_height)),
        }
    if best - head <= node.sync_lag_epochs:
        return False
    return {
        "startingBlock": hex_quantity(0),
        "currentBlock": hex_quantity(head),
        "highestBlock": hex_quantity(best),
    }


def protocol_version(node: Backend) -> str:
    """Return the wire protocol version that Ethereum's clients last had."""
    del node
    return hex_quantity(68)


def capabilities(node: Backend) -> dict[str, Any]:
    """Return which epochs this node can answer for: routers choose a node by it."""
    head = latest_epoch(node)
    summary = node.executor.epoch(head)
    assert summary is not None, "the head is executed"
    everything = {"disabled": False, "oldestBlock": hex_quantity(0)}
    return {
        "head": {"number": hex_quantity(head), "hash": hex_data(summary.pivot)},
        "state": {"disabled": False, "oldestBlock": hex_quantity(node.executor.oldest_kept())},
        "tx": everything,
        "logs": everything,
        "receipts": everything,
        "blocks": everything,
        # The commitment is kept for the head alone (docs/adr/0052).
        "stateproofs": {"disabled": False, "oldestBlock": hex_quantity(head)},
    }


METHODS = (
    Method.of("eth_chainId", chain_id),
    Method.of("eth_blockNumber", block_number),
    Method.of("eth_syncing", syncing),
    Method.of("eth_protocolVersion", protocol_version),
    Method.of("eth_capabilities", capabilities),
)
