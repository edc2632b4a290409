"""The `test_` and `debug_` methods about peers: who is there, join, part, slow down."""

import asyncio
from typing import Any

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.keys import node_id_in
from sogdia.conflux.lag import Lag, LaggingConnection
from sogdia.conflux.params import Bytes, Number, Text
from sogdia.conflux.plain.peer import PlainPeer
from sogdia.ledger.network.peers import Joined
from sogdia.ledger.network.transport import Address
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_data
from sogdia.ledger.sync.phases import SyncPhase

REMOVED = "removed by its operator"
REPLACED_S = 5  # until the other session must have come


def get_node_id(node: HarnessBackend, challenge: Bytes) -> list[int]:
    """Sign a challenge with this node's key, so that the caller learns it."""
    return list(node.key.sign(challenge))


def add_node(node: HarnessBackend, node_id: Text, address: Text) -> None:
    """Join a node and stay joined with it."""
    del node_id  # told by its hello
    node.network.peers.keep(_address(address))


def remove_node(node: HarnessBackend, node_id: Text, address: Text) -> bool:
    """Stay joined with a node no longer, whoever of the two dialled; it may come again at once."""
    was_joined = node.network.peers.stop_keeping(_address(address))
    for joined in _joined(node, node_id):
        joined.session.end(REMOVED)
        was_joined = True
    return was_joined


def get_peer_info(node: HarnessBackend) -> list[dict[str, Any]]:
    """Return the peers that this node is joined with, of either protocol."""
    own = [
        _shown(_node_id(joined), str(joined.address))
        for joined in node.network.peers.joined.values()
    ]
    plain = [_shown(hex_data(peer.node_id), str(peer.remote)) for peer in _plain(node)]
    return own + plain


async def add_latency(node: HarnessBackend, node_id: Text, milliseconds: Number) -> None:
    """Delay everything that is sent to a peer from now on.

    Where both dialled at once, one session takes the other's place: for a moment there is none.

    Raises:
        InvalidParams: no such peer is joined, nor soon.
    """
    for _ in range(REPLACED_S * 20):
        if lags := _lags(node, node_id):
            for lag in lags:
                lag.seconds = milliseconds / 1_000
            return
        await asyncio.sleep(0.05)
    raise InvalidParams(f"no peer {node_id} is joined")


def _lags(node: HarnessBackend, node_id: str) -> list[Lag]:
    lags = [each.lag for each in _plain(node) if hex_data(each.node_id) == node_id]
    for joined in _joined(node, node_id):
        connection = joined.session.connection
        assert isinstance(connection, LaggingConnection), "what the shared port makes"
        lags.append(connection.lag)
    return lags


def disconnect(node: HarnessBackend, node_id: Text, change: Text | None = None) -> bool:
    """End the session with a peer; `change` (Failure, Demotion, Remove) says how it is judged."""
    known = {joined.listens_at for joined in _joined(node, node_id)}
    if change in ("Demotion", "Remove"):
        for address in known:
            node.network.peers.release(address)
    else:
        for joined in _joined(node, node_id):
            joined.session.end(f"disconnected by its operator: {change}")
    return bool(known)


def current_sync_phase(node: HarnessBackend) -> str:
    """Return what the node is doing, by the family's name for it."""
    sync = node.network.sync
    if node.waits_for_peers and sync.phase is SyncPhase.NORMAL and not sync.has_followed:
        return SyncPhase.HEADERS.value
    return sync.phase.value


def _joined(node: HarnessBackend, node_id: str) -> list[Joined]:
    return [each for each in node.network.peers.joined.values() if _node_id(each) == node_id]


def _plain(node: HarnessBackend) -> list[PlainPeer]:
    return [peer for peer in node.plain.live if peer.is_ready]


def _shown(node_id: str, address: str) -> dict[str, Any]:
    return {
        "nodeid": node_id,
        "addr": address,
        "caps": [["cfx", 3]],
        "protocols": [["cfx", 3]],
    }


def _node_id(joined: Joined) -> str:
    node_id = node_id_in(joined.session.hello.agent)
    return hex_data(b"" if node_id is None else node_id)


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise InvalidParams(f"{text!r} is no IP:PORT: {error}") from None


METHODS = (
    Method.of("test_getNodeId", get_node_id),
    Method.of("test_addNode", add_node),
    Method.of("test_removeNode", remove_node),
    Method.of("test_getPeerInfo", get_peer_info),
    Method.of("test_addLatency", add_latency),
    Method.of("debug_disconnectNetNode", disconnect),
    Method.of("debug_currentSyncPhase", current_sync_phase),
)
