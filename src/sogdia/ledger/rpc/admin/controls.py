"""What an operator sees and decides about a node's peers. Handed in by the node."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sogdia.ledger.network.transport import Address


class BanRow(Protocol):
    """Who may not connect: a host or a node id in hex."""

    @property
    def who(self) -> str:
        """The host or node id."""

    @property
    def until_s(self) -> int:
        """When it ends, Unix seconds."""

    @property
    def reason(self) -> str:
        """Why."""


@dataclass(frozen=True, slots=True)
class PeerInfo:
    """One session."""

    node_id: bytes
    agent: str
    address: Address
    is_outbound: bool
    is_kept: bool
    """Configured or added: dialled again whenever it is missing."""
    best_height: int
    score: float
    """What it has done wrong lately, in points; at 100 it is banned."""


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """Who the node is to its peers."""

    node_id: bytes
    agent: str
    listens_at: Address | None
    told_address: Address | None
    """What peers are told to dial; None while nobody knows."""
    known_addresses: int


class PeerControls(Protocol):
    """The node's side; every call is made on the loop."""

    def node_info(self) -> NodeInfo:
        """Return who the node is."""

    def peers(self) -> Sequence[PeerInfo]:
        """Return the live sessions."""

    def add(self, address: Address) -> bool:
        """Stay joined with a node from now on; return whether that is new."""

    def remove(self, address: Address) -> bool:
        """Hang up, dial it no more, refuse it for an hour; return whether there was a peer."""

    def bans(self) -> Sequence[BanRow]:
        """Return who may not connect."""

    def ban(self, who: str, *, seconds: int, reason: str) -> None:
        """Keep a host, or an identity in hex, away."""

    def unban(self, who: str) -> bool:
        """End a ban now; return whether there was one."""
