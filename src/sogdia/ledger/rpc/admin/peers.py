"""Seeing and steering whom the node is joined with; names as in go-ethereum where it has them."""

import ipaddress
from typing import Annotated, Any

from sogdia.ledger.network.limits import BAN_S
from sogdia.ledger.network.transport import Address
from sogdia.ledger.rpc.admin.controls import PeerControls
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Param, WrongParam

REASON_CHARACTERS_MAX = 200
BAN_SECONDS_MAX = 366 * 24 * 3_600  # every ban ends: addresses change hands


class NoNetwork(RpcError):
    """The node has no peers, by its settings."""

    def __init__(self) -> None:
        super().__init__("this node joins no others: set network.enabled to true")


def _parse_address(value: Any) -> Address:
    if type(value) is not str:
        raise WrongParam("want IP:PORT as a string")
    try:
        return Address.parse(value)
    except ValueError:
        raise WrongParam(f"want IP:PORT, got {value[:64]!r}") from None


def _parse_who(value: Any) -> str:
    """Return a host in its usual spelling, or an identity in lower-case hex."""
    if type(value) is not str:
        raise WrongParam("want an IP address or a node id as a string")
    digits = value.removeprefix("0x").lower()
    try:
        if len(digits) == 64:
            return bytes.fromhex(digits).hex()
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise WrongParam(f"want an IP address or 64 hex digits, got {value[:80]!r}") from None


def _parse_seconds(value: Any) -> int:
    if type(value) is not int or not 0 < value <= BAN_SECONDS_MAX:
        raise WrongParam(f"want seconds from 1 to {BAN_SECONDS_MAX}")
    return value


def _parse_reason(value: Any) -> str:
    if type(value) is not str or len(value) > REASON_CHARACTERS_MAX:
        raise WrongParam(f"want a string of at most {REASON_CHARACTERS_MAX} characters")
    return value


PeerAddress = Annotated[Address, Param("peer address", _parse_address, {"type": "string"})]
Who = Annotated[str, Param("host or node id", _parse_who, {"type": "string"})]
Seconds = Annotated[int, Param("seconds", _parse_seconds, {"type": "integer"})]
Reason = Annotated[str, Param("reason", _parse_reason, {"type": "string"})]


def _controls(node: Backend) -> PeerControls:
    if node.peers is None:
        raise NoNetwork
    return node.peers


def node_info(node: Backend) -> dict[str, Any]:
    """Return who this node is to its peers: identity, where it listens, what it is known by."""
    info = _controls(node).node_info()
    return {
        "id": info.node_id.hex(),
        "name": info.agent,
        "listenAddr": None if info.listens_at is None else str(info.listens_at),
        "toldAddr": None if info.told_address is None else str(info.told_address),
        "knownAddresses": info.known_addresses,
    }


def peers(node: Backend) -> list[dict[str, Any]]:
    """Return the peers that this node is joined with."""
    return [
        {
            "id": peer.node_id.hex(),
            "name": peer.agent,
            "address": str(peer.address),
            "inbound": not peer.is_outbound,
            "static": peer.is_kept,
            "bestHeight": peer.best_height,
            "score": round(peer.score, 1),
        }
        for peer in _controls(node).peers()
    ]


def add_peer(node: Backend, address: PeerAddress) -> bool:
    """Stay joined with the node at an address; tell whether that is new."""
    return _controls(node).add(address)


def remove_peer(node: Backend, address: PeerAddress) -> bool:
    """Hang up on the node at an address, dial it no more, and refuse it for an hour."""
    return _controls(node).remove(address)


def ban_peer(
    node: Backend, who: Who, seconds: Seconds = BAN_S, reason: Reason = "by its operator"
) -> bool:
    """Keep a host or a node away for some seconds; a day if none are named."""
    _controls(node).ban(who, seconds=seconds, reason=reason)
    return True


def unban_peer(node: Backend, who: Who) -> bool:
    """End a ban now; tell whether there was one."""
    return _controls(node).unban(who)


def banned_peers(node: Backend) -> list[dict[str, Any]]:
    """Return the bans: who, until when in Unix seconds, and why."""
    return [
        {"who": ban.who, "until": ban.until_s, "reason": ban.reason}
        for ban in _controls(node).bans()
    ]


METHODS = (
    Method.of("admin_nodeInfo", node_info),
    Method.of("admin_peers", peers),
    Method.of("admin_addPeer", add_peer),
    Method.of("admin_removePeer", remove_peer),
    Method.of("admin_banPeer", ban_peer),
    Method.of("admin_unbanPeer", unban_peer),
    Method.of("admin_bannedPeers", banned_peers),
)
