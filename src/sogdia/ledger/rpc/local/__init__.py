"""The `local_` methods, which networks on one machine alone have: cutting lines for a drill.

`Backend.lines` is the node's side; a node of any other network has none and serves none of this.
"""

from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend, Lines
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Param, hex_data, hex_quantity, parse_hash, parse_list

IDENTITIES_MAX = 4_096  # as many as a node may let in


def _parse_identities(value: Any) -> frozenset[bytes]:
    return frozenset(parse_list(value, parse_hash, IDENTITIES_MAX))


Identities = Annotated[frozenset[bytes], Param("identities", _parse_identities, {"type": "array"})]


def _lines(node: Backend) -> Lines:
    assert node.lines is not None, "local methods are served by local networks"
    return node.lines


def node_id(node: Backend) -> str:
    """Return this node's identity towards its peers."""
    return hex_data(_lines(node).node_id)


def peer_ids(node: Backend) -> list[str]:
    """Return the identities of the peers that this node is joined with."""
    return [hex_data(each) for each in sorted(_lines(node).peer_ids())]


def cut_lines(node: Backend, identities: Identities) -> str:
    """Cut the lines to exactly these identities; return how many sessions ended."""
    return hex_quantity(_lines(node).cut(identities))


METHODS = (
    Method.of("local_nodeId", node_id),
    Method.of("local_peerIds", peer_ids),
    Method.of("local_cutLines", cut_lines),
)
