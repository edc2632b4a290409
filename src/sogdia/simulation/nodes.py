"""A simulated node: the real consensus engine, the real orphan pool, and a gossip around them.

    D1  A block is submitted once, after everything it refers to.
    D2  A block is told to the peers as soon as the graph has it.

Judging a block takes processor time of the node, one block after the other.
"""

from collections.abc import Callable, Sequence

from sogdia.ledger.consensus.api import Accepted
from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.consensus.errors import TimestampTooFarAhead
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.sync.orphans import OrphanPool
from sogdia.simulation.archive import Archive, NodeStore
from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.gossip import Gossip
from sogdia.simulation.roots import EqualRoots
from sogdia.simulation.surroundings import Surroundings

OnAccepted = Callable[[MadeBlock, Accepted], None]


class Node:
    """One node; `index` is its place in the network."""

    def __init__(
        self,
        index: int,
        around: Surroundings,
        params: NetworkParams,
        archive: Archive,
        everyone: list[Gossip],
        *,
        jurisdiction: str,
        skew_s: int = 0,
        is_honest: bool = True,
    ) -> None:
        """`everyone` are the nodes so far, by index; `skew_s` is how wrong the clock is."""
        self.index = index
        self.around = around
        self.jurisdiction = jurisdiction
        self.is_honest = is_honest
        self.engine: Engine = Engine(params, NodeStore(archive), EqualRoots(), self.clock_s)
        self.orphans = OrphanPool()
        self._here: set[bytes] = set()
        """Blocks that are stored, or wait for the processor."""
        self.withheld: set[bytes] = set()
        """Own blocks that nobody is told of."""
        self.on_accepted: list[OnAccepted] = []
        self._here.add(self.engine.genesis)
        self.gossip = Gossip(self, everyone)
        self._skew_s = skew_s
        self._busy_until = 0

    def clock_s(self) -> int:
        """Return Unix seconds by this node's clock."""
        return self.around.clock_of(self._skew_s)

    @property
    def is_online(self) -> bool:
        """Tell whether it runs."""
        return self.around.wire.is_online[self.index]

    def has_past_of(self, block_hash: bytes) -> bool:
        """Tell whether a block is here with everything it refers to, judged or not."""
        return block_hash in self._here

    def knows(self, block_hash: bytes) -> bool:
        """Tell whether a block is here, judged or not."""
        return block_hash in self._here or block_hash in self.orphans.orphans

    def take(self, made: MadeBlock, sender: int, *, transactions_checked: int) -> None:
        """Take a block that a peer sent; ask for what it refers to and is missing."""
        if self.knows(made.hash):
            return
        header = made.block.header
        references = (header.parent, *header.referees)
        # What waits for the processor is judged before this block: it is not missing.
        missing = [hash_ for hash_ in references if hash_ not in self._here]
        plan = self.around.scenario.network
        work = plan.block_work_us + plan.transaction_work_us * transactions_checked
        if missing:
            now_s = self.around.timeline.seconds
            peer = sender.to_bytes(4, "big")
            self.orphans.add(made.block, missing, peer=peer, now_s=now_s)
            self.gossip.fetch(sender, [hash_ for hash_ in missing if not self.knows(hash_)])
            self._busy_until = max(self._busy_until, self.around.timeline.now) + work
            return
        self._here.add(made.hash)
        self._busy_until = max(self._busy_until, self.around.timeline.now) + work
        self.around.timeline.at(self._busy_until, self._judge, made, sender)

    def _judge(self, made: MadeBlock, sender: int) -> None:
        self._here.discard(made.hash)
        if not self.is_online:
            return
        if not self.accept(made, sender):
            return
        for block, _ in self.orphans.on_block(made.hash):
            if not self.engine.has_block(block.hash):
                self.accept(self.around.record.get(block.hash), sender)

    def accept(self, made: MadeBlock, sender: int | None) -> bool:
        """Submit a block whose past is here, and tell the peers; `sender` None: it is our own.

        Return False if it was refused.
        """
        header = made.block.header
        if not all(map(self.engine.has_block, (header.parent, *header.referees))):
            return False  # an orphan whose other half was refused
        try:
            accepted = self.engine.submit_block(made.block)
        except TimestampTooFarAhead:
            self.around.refused += 1
            return False
        self._here.add(made.hash)
        self.around.note(self.index, made)
        if self.is_honest:
            self.around.record.note_accepted(made, self.around.timeline.now)
        for listener in self.on_accepted:
            listener(made, accepted)
        if made.hash not in self.withheld:
            self.gossip.tell(made, sender)
        return True

    def release(self, blocks: Sequence[MadeBlock]) -> None:
        """Tell the peers of blocks that were withheld."""
        for made in blocks:
            self.withheld.discard(made.hash)
            self.gossip.tell(made, None)
