"""Is the clock of this machine behind those of the others?

A block from too far in the future is refused, and nobody is blamed: its time will come. A node
whose clock is behind refuses all of them, stands still, and would never say why.

    L1  The alert stands while more than half of the peers lately sent blocks that are from the
        future here. A single peer of several can be wrong by itself, or lie.
    L2  What is told is how far ahead the least early of them is: the clock is behind by that at
        the least, less the moment that the block took to come.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sogdia.ledger.rpc.backend import Alert

MEMORY_S = 60.0  # three heartbeats: who is ahead tells us so, and is followed in vain, with each


@dataclass(slots=True)
class ClockWatch:
    """Who sent blocks from the future. `clock` gives Unix seconds and may be wrong."""

    clock: Callable[[], int]
    elapsed_s: Callable[[], float]
    """A clock that nobody sets."""
    peer_count: Callable[[], int]
    early: dict[bytes, tuple[float, int]] = field(default_factory=dict)
    """Of each peer, when it last sent such a block, and by how many seconds it was ahead."""
    since: int | None = None
    """When the alert began, Unix seconds."""

    def on_early_block(self, peer: bytes, timestamp: int) -> None:
        """Note that a peer's block was refused for its time."""
        self.early[peer] = (self.elapsed_s(), timestamp - self.clock())

    def look(self) -> Alert | None:
        """Return the alert if it stands now."""
        oldest = self.elapsed_s() - MEMORY_S
        self.early = {peer: seen for peer, seen in self.early.items() if seen[0] >= oldest}
        peers = max(self.peer_count(), len(self.early))
        if not self.early or 2 * len(self.early) <= peers:
            self.since = None
            return None
        if self.since is None:
            self.since = self.clock()
        ahead_s = min(seconds for _, seconds in self.early.values())
        return Alert(
            code="clock-behind",
            message=(
                f"the clock of this machine seems to be {ahead_s} s behind: {len(self.early)} of "
                f"{peers} peers sent blocks that are from the future here, and none of these is "
                "taken. Set the clock (`timedatectl` shows whether it is synchronised, chrony or "
                "systemd-timesyncd keep it so); the node then goes on by itself."
            ),
            since=self.since,
            details={"aheadSeconds": ahead_s, "earlyPeers": len(self.early), "peers": peers},
        )
