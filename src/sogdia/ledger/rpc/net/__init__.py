"""The `net_` methods."""

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_quantity


def version(node: Backend) -> str:
    """Return the network id, as decimal text."""
    return str(node.network_id)


def listening(node: Backend) -> bool:
    """Return whether peers may connect."""
    return node.accepts_peers


def peer_count(node: Backend) -> str:
    """Return how many peers are connected."""
    return hex_quantity(node.peer_count())


METHODS = (
    Method.of("net_version", version),
    Method.of("net_listening", listening),
    Method.of("net_peerCount", peer_count),
)
