"""Blocks that came before something they refer to.

O1  At most 1,024 in all and 128 from one peer; no peer's orphans push out another's.
O2  An orphan waits for 15 minutes at most.
O3  What becomes complete is handed back in an order in which it can be submitted.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from sogdia.ledger.primitives.block import Block

ORPHANS_MAX = 1_024  # as rusty-kaspa's: with 200 KiB each, 200 MiB at the very worst
ORPHANS_PER_PEER_MAX = 128  # eight peers may be as unlucky as can be
ORPHAN_LIFE_S = 900.0  # a body that did not come in 15 minutes is asked for again


@dataclass(slots=True)
class _Orphan:
    block: Block
    missing: set[bytes]
    peer: bytes
    since_s: float


@dataclass(slots=True)
class OrphanPool:
    """Orphans by hash, and who waits for what."""

    orphans: dict[bytes, _Orphan] = field(default_factory=dict)
    waiting: dict[bytes, set[bytes]] = field(default_factory=dict)
    count_of: dict[bytes, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self.orphans)

    def __contains__(self, block_hash: bytes) -> bool:
        """Return whether this block waits here."""
        return block_hash in self.orphans

    def add(self, block: Block, missing: Iterable[bytes], *, peer: bytes, now_s: float) -> bool:
        """Keep a block until `missing` have come; return whether there was room."""
        if block.hash in self.orphans:
            return True
        self.expire(now_s)
        if len(self.orphans) >= ORPHANS_MAX or self.count_of.get(peer, 0) >= ORPHANS_PER_PEER_MAX:
            return False
        orphan = _Orphan(block, set(missing), peer, now_s)
        self.orphans[block.hash] = orphan
        self.count_of[peer] = self.count_of.get(peer, 0) + 1
        for hash_ in orphan.missing:
            self.waiting.setdefault(hash_, set()).add(block.hash)
        return True

    def on_block(self, block_hash: bytes) -> list[tuple[Block, bytes]]:
        """Note that a block has come; return the orphans that are complete now (O3), and who sent
        each of them."""
        complete = []
        arrived = deque([block_hash])
        while arrived:
            came = arrived.popleft()
            for waiter in sorted(self.waiting.pop(came, ())):
                orphan = self.orphans[waiter]
                orphan.missing.discard(came)
                if not orphan.missing:
                    self._forget(waiter)
                    complete.append((orphan.block, orphan.peer))
                    arrived.append(waiter)
        return complete

    def missing(self) -> set[bytes]:
        """Return what the orphans wait for and is no orphan itself."""
        return {hash_ for hash_ in self.waiting if hash_ not in self.orphans}

    def expire(self, now_s: float) -> None:
        """Drop what has waited too long (O2)."""
        for block_hash in [
            hash_ for hash_, o in self.orphans.items() if now_s - o.since_s > ORPHAN_LIFE_S
        ]:
            self._forget(block_hash)

    def drop_peer(self, peer: bytes) -> None:
        """Drop what a peer that turned out to be a liar has sent."""
        for block_hash in [hash_ for hash_, o in self.orphans.items() if o.peer == peer]:
            self._forget(block_hash)

    def _forget(self, block_hash: bytes) -> None:
        orphan = self.orphans.pop(block_hash)
        self.count_of[orphan.peer] -= 1
        if not self.count_of[orphan.peer]:
            del self.count_of[orphan.peer]
        for hash_ in orphan.missing:
            waiters = self.waiting.get(hash_)
            if waiters is not None:
                waiters.discard(block_hash)
                if not waiters:
                    del self.waiting[hash_]
