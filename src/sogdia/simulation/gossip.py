"""How a simulated node hears of blocks and tells of them: the messages of `ledger.sync`, by size.

    G1  Nobody is told what they told us, nor anything twice.
    G2  One request for a block is under way at a time; it counts as lost after the node's timeout.

As in `sync.relay`, the first eight peers that do not know a block get it compact and the others
its hash; who has only a hash asks for the header, then for the body. As in `sync.service`, a status
with the terminals goes to every peer at intervals, and heals whatever was lost.
"""

from collections.abc import Sequence
from typing import Protocol

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.network.messages import BODIES_MAX
from sogdia.ledger.sync.bodies import BODY_TIMEOUT_S
from sogdia.ledger.sync.peer_view import KNOWN_BLOCKS_MAX
from sogdia.ledger.sync.relay import COMPACT_PEERS
from sogdia.ledger.sync.service import HEARTBEAT_S
from sogdia.simulation.blocks import MESSAGE_BYTES, MadeBlock
from sogdia.simulation.clock import SECOND
from sogdia.simulation.surroundings import Surroundings

HASH_BYTES = 33  # with its length in front
TERMINALS_TOLD_MAX = 32


class Holder(Protocol):
    """A node, as its gossip sees it."""

    index: int
    around: Surroundings
    engine: Engine
    withheld: set[bytes]
    """Own blocks that nobody is told of."""

    @property
    def is_online(self) -> bool:
        """Tell whether it runs."""

    def has_past_of(self, block_hash: bytes) -> bool:
        """Tell whether a block is here with everything it refers to, judged or not."""

    def knows(self, block_hash: bytes) -> bool:
        """Tell whether a block is here, judged or not."""

    def take(self, made: MadeBlock, sender: int, *, transactions_checked: int) -> None:
        """Take a block that a peer sent."""


class Gossip:
    """The conversations of one node."""

    def __init__(self, node: Holder, everyone: "list[Gossip]") -> None:
        """`everyone` are all nodes' conversations, by index; this one is added."""
        self._node = node
        self.everyone = everyone
        assert len(everyone) == node.index, "nodes are made in the order of their indices"
        everyone.append(self)
        self._index = node.index
        self._wire = node.around.wire
        self._peers: list[int] = []
        self._bit: dict[int, int] = {}
        self._aware: dict[bytes, int] = {}
        """Which peers know a block: a bit for each."""
        self._asked_until: dict[bytes, int] = {}
        self.is_deaf = False
        """Hears nothing and answers all the same: an attacker on a chain of its own."""

    @property
    def peers(self) -> Sequence[int]:
        """The nodes it is joined with."""
        return self._peers

    def join(self, peer: int) -> None:
        """Add a connection, in this direction."""
        if peer not in self._bit and peer != self._node.index:
            self._bit[peer] = 1 << len(self._peers)
            self._peers.append(peer)

    def _note_aware(self, peer: int, block_hash: bytes) -> None:
        aware = self._aware
        aware[block_hash] = aware.get(block_hash, 0) | self._bit.get(peer, 0)
        if len(aware) > KNOWN_BLOCKS_MAX:
            for old in list(aware)[: KNOWN_BLOCKS_MAX // 2]:
                del aware[old]

    # --- what is new -------------------------------------------------------------------------

    def tell(self, made: MadeBlock, sender: int | None) -> None:
        """Tell every peer that does not know a block, but for whoever sent it."""
        if sender is not None:
            self._note_aware(sender, made.hash)
        aware = self._aware.get(made.hash, 0)
        told = 0
        compact_bytes = made.compact_bytes
        for peer in self._peers:
            bit = self._bit[peer]
            if aware & bit:
                continue
            aware |= bit
            if told < COMPACT_PEERS:
                self._wire.send(
                    self._index,
                    peer,
                    compact_bytes,
                    self.everyone[peer].hear_compact,
                    self._index,
                    made,
                )
            else:
                self._wire.send(
                    self._index,
                    peer,
                    MESSAGE_BYTES + HASH_BYTES,
                    self.everyone[peer].hear_hashes,
                    self._index,
                    (made.hash,),
                )
            told += 1
        self._aware[made.hash] = aware

    def hear_compact(self, sender: int, made: MadeBlock) -> None:
        """Rebuild a block from the pool, or ask for the transactions that are not there."""
        node = self._node
        self._note_aware(sender, made.hash)
        if self.is_deaf or node.knows(made.hash) or self._is_asked(made.hash):
            return
        share = 1 - node.around.scenario.network.pool_known_percent / 100
        # Rounded up or down by chance, so that the mean is right for small blocks too.
        missing = int(made.transactions * share + node.around.chance.random())
        if share and missing and made.transactions:
            self._ask((made.hash,))
            size = MESSAGE_BYTES + HASH_BYTES + 2 * missing
            self._wire.send(
                self._index,
                sender,
                size,
                self.everyone[sender].asked_for_transactions,
                self._index,
                made,
                missing,
            )
        else:
            node.take(made, sender, transactions_checked=made.transactions)

    def asked_for_transactions(self, sender: int, made: MadeBlock, missing: int) -> None:
        """Send the transactions of a block that a peer does not have."""
        size = MESSAGE_BYTES + made.body_bytes * missing // max(1, made.transactions)
        self._wire.send(
            self._index, sender, size, self.everyone[sender].hear_transactions, self._index, made
        )

    def hear_transactions(self, sender: int, made: MadeBlock) -> None:
        """Take a block that is complete now."""
        self._asked_until.pop(made.hash, None)
        self._node.take(made, sender, transactions_checked=made.transactions)

    # --- what is missing ---------------------------------------------------------------------

    def hear_hashes(self, sender: int, hashes: Sequence[bytes]) -> None:
        """Ask for blocks that are announced and not here; for an orphan's past again (as
        `sync.service`), since the question that was asked for it may have been lost."""
        for hash_ in hashes:
            self._note_aware(sender, hash_)
        if not self.is_deaf:
            self.fetch(sender, [hash_ for hash_ in hashes if not self._node.has_past_of(hash_)])

    def fetch(self, peer: int, hashes: Sequence[bytes]) -> None:
        """Ask a peer for blocks and for what they refer to, unless somebody is at it."""
        wanted = [hash_ for hash_ in hashes if not self._is_asked(hash_)]
        if wanted:
            self._ask(wanted)
            size = MESSAGE_BYTES + HASH_BYTES * len(wanted)
            self._wire.send(
                self._index,
                peer,
                size,
                self.everyone[peer].asked_for_past,
                self._index,
                tuple(wanted),
            )

    def asked_for_past(self, sender: int, hashes: Sequence[bytes]) -> None:
        """Send the headers that a peer lacks in the past of some blocks.

        Which ones it lacks the peers find out by questions; here one look at the other suffices.
        """
        node, record = self._node, self._node.around.record
        other = self.everyone[sender]._node
        found: dict[bytes, MadeBlock] = {}
        stack = [hash_ for hash_ in hashes if node.engine.has_block(hash_)]
        while stack:
            hash_ = stack.pop()
            if hash_ in found or hash_ in node.withheld or other.engine.has_block(hash_):
                continue
            made = record.find(hash_)
            if made is not None:
                found[hash_] = made
                stack.append(made.block.header.parent)
                stack.extend(made.block.header.referees)
        blocks = tuple(sorted(found.values(), key=lambda made: made.number))
        size = MESSAGE_BYTES + sum(made.header_bytes for made in blocks)
        self._wire.send(
            self._index, sender, size, self.everyone[sender].hear_headers, self._index, blocks
        )

    def hear_headers(self, sender: int, blocks: Sequence[MadeBlock]) -> None:
        """Take what has no body, and ask for the bodies of the rest."""
        blocks = [made for made in blocks if not self._node.knows(made.hash)]
        self._ask([made.hash for made in blocks])
        if not any(made.transactions for made in blocks):
            self.hear_blocks(sender, blocks)
            return
        size = MESSAGE_BYTES + HASH_BYTES * len(blocks)
        self._wire.send(
            self._index, sender, size, self.everyone[sender].asked_for_blocks, self._index, blocks
        )

    def asked_for_blocks(self, sender: int, blocks: Sequence[MadeBlock]) -> None:
        """Send whole blocks, as many in a message as the node sends."""
        for start in range(0, len(blocks), BODIES_MAX):
            batch = blocks[start : start + BODIES_MAX]
            size = MESSAGE_BYTES + sum(made.header_bytes + made.body_bytes for made in batch)
            self._wire.send(
                self._index, sender, size, self.everyone[sender].hear_blocks, self._index, batch
            )

    def hear_blocks(self, sender: int, blocks: Sequence[MadeBlock]) -> None:
        """Take whole blocks in their order."""
        for made in blocks:
            self._asked_until.pop(made.hash, None)
            self._note_aware(sender, made.hash)
            self._node.take(made, sender, transactions_checked=made.transactions)

    def _is_asked(self, block_hash: bytes) -> bool:
        return self._asked_until.get(block_hash, 0) > self._node.around.timeline.now

    def _ask(self, hashes: Sequence[bytes]) -> None:
        until = self._node.around.timeline.now + int(BODY_TIMEOUT_S * SECOND)
        for hash_ in hashes:
            self._asked_until[hash_] = until

    # --- what heals --------------------------------------------------------------------------

    def beat(self) -> None:
        """Tell every peer where we are, and again after the node's interval."""
        self.tell_status()
        self._node.around.timeline.after(int(HEARTBEAT_S * SECOND), self.beat)

    def tell_status(self) -> None:
        """Tell every peer the tip and the terminals."""
        node = self._node
        if node.withheld or not node.is_online:
            return
        tips = [node.engine.best_block(), *node.engine.terminals()[-TERMINALS_TOLD_MAX:]]
        hashes = tuple(dict.fromkeys(tips))
        size = MESSAGE_BYTES + HASH_BYTES * len(hashes)
        for peer in self._peers:
            self._wire.send(
                self._index, peer, size, self.everyone[peer].hear_hashes, self._index, hashes
            )
