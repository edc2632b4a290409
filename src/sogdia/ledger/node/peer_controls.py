"""What operators see and decide about a node's peers: `rpc.admin.controls` over the peer set."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sogdia.ledger.network.bans import Ban
from sogdia.ledger.network.peers import PeerSet
from sogdia.ledger.network.transport import Address
from sogdia.ledger.rpc.admin.controls import NodeInfo, PeerInfo
from sogdia.ledger.sync.service import SyncService


@dataclass(frozen=True, slots=True)
class NodePeers:
    """`PeerControls` of one node. `save` writes the peer file."""

    set: PeerSet
    sync: SyncService
    told_address: Callable[[], Address | None]
    save: Callable[[], None]

    def node_info(self) -> NodeInfo:
        """Return who the node is."""
        listener = self.set.listener
        return NodeInfo(
            self.set.own_id,
            self.set.hello.agent,
            None if listener is None else listener.address,
            self.told_address(),
            len(self.set.book.known),
        )

    def peers(self) -> Sequence[PeerInfo]:
        """Return the live sessions, the longest first."""
        now_s = time.monotonic()
        found = []
        for peer_id, joined in self.set.joined.items():
            view = self.sync.views.get(peer_id)
            found.append(
                PeerInfo(
                    peer_id,
                    joined.session.hello.agent,
                    joined.address,
                    joined.is_outbound,
                    joined.address in self.set.static,
                    0 if view is None else view.best_height,
                    self.sync.scores.of(peer_id, now_s=now_s),
                )
            )
        return found

    def add(self, address: Address) -> bool:
        """Stay joined with a node from now on; return whether that is new."""
        return self.set.keep(address)

    def remove(self, address: Address) -> bool:
        """Hang up, dial it no more, refuse it for an hour; return whether there was a peer."""
        was_peer = self.set.release(address)
        self.save()
        return was_peer

    def bans(self) -> Sequence[Ban]:
        """Return who may not connect, whose ban ends first in front."""
        return sorted(self.set.bans.live(now_s=self.set.now_s()), key=lambda ban: ban.until_s)

    def ban(self, who: str, *, seconds: int, reason: str) -> None:
        """Keep a host, or an identity in hex, away; remembered over restarts."""
        self.set.ban_by_name(who, seconds=seconds, reason=reason)
        self.save()

    def unban(self, who: str) -> bool:
        """End a ban now; return whether there was one."""
        was_banned = self.set.bans.lift(who)
        self.save()
        return was_banned
