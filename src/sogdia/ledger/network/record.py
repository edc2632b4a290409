"""A signed claim of a node's own address: what peers tell each other of third nodes.

R1  Only the node itself can say where it is: the record is signed with its identity.
R2  Of two records of one node, the one with the greater sequence counts.
"""

import ipaddress
from dataclasses import dataclass

import msgspec

from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.identity import NodeIdentity, is_signed_by
from sogdia.ledger.network.transport import Address

DOMAIN = b"sogdia peer record\x01"  # so that a signature here can never be one made elsewhere
RECORD_BYTES_MAX = 256  # 32 + 64 of key and signature, an address, two numbers


class _Body(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    node_id: bytes
    network_id: int
    host: str
    port: int
    sequence: int


class _Signed(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    body: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class PeerRecord:
    """Where `node_id` says it listens; `sequence` is the second in which it said so."""

    node_id: bytes
    network_id: int
    address: Address
    sequence: int
    encoded: bytes

    @staticmethod
    def sign(
        identity: NodeIdentity, *, network_id: int, address: Address, sequence: int
    ) -> "PeerRecord":
        """Return `identity`'s own record."""
        body = msgspec.msgpack.encode(
            _Body(identity.node_id, network_id, address.host, address.port, sequence)
        )
        encoded = msgspec.msgpack.encode(_Signed(body, identity.sign(DOMAIN + body)))
        return PeerRecord(identity.node_id, network_id, address, sequence, encoded)

    @staticmethod
    def decode(encoded: bytes) -> "PeerRecord":
        """Return the record in `encoded`.

        Raises:
            InvalidMessage: too long, malformed, not an IP address, or not signed by its own node.
        """
        if len(encoded) > RECORD_BYTES_MAX:
            raise InvalidMessage("peer record", f"{len(encoded)} bytes, {RECORD_BYTES_MAX} allowed")
        try:
            signed = msgspec.msgpack.decode(encoded, type=_Signed)
            body = msgspec.msgpack.decode(signed.body, type=_Body)
            ipaddress.ip_address(body.host)
        except (msgspec.DecodeError, ValueError) as error:
            raise InvalidMessage("peer record", str(error)) from None
        if not 0 < body.port < 65536 or body.sequence < 0:
            raise InvalidMessage("peer record", f"port {body.port}, sequence {body.sequence}")
        if not is_signed_by(body.node_id, signed.signature, DOMAIN + signed.body):
            raise InvalidMessage("peer record", "not signed by its node")
        address = Address(body.host, body.port)
        return PeerRecord(body.node_id, body.network_id, address, body.sequence, encoded)
