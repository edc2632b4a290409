"""The node's single writer: a block enters the graph, the state follows, the pool follows the
state.

W1  Everything here runs on one thread, in the order of arrival.
W2  When `submit` returns, the block is written, and executed as far as is wanted.
W3  What a block contains and its epoch has executed is never the pool's to keep.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.consensus.api import Accepted, Consensus
from sogdia.ledger.execution.driver import Advance, EpochDriver
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.node.recent_blocks import RecentBlocks
from sogdia.ledger.primitives.block import Block

Listener = Callable[[Advance], None]
BlockListener = Callable[[Block], None]


@dataclass(slots=True)
class Ledger:
    """Consensus, execution and pool, moved together."""

    consensus: Consensus
    driver: EpochDriver
    pool: Pool
    recent: RecentBlocks
    listeners: list[Listener]
    block_listeners: list[BlockListener] = field(default_factory=list)
    """Told of each block as soon as the graph has it, before it is executed."""

    def submit(self, block: Block) -> Accepted:
        """Take in a block of a peer or of our own.

        Raises:
            UnknownParent, UnknownReferee: ask for that block first; nothing was stored.
            InvalidBlock: the subclass names the rule; nothing was stored.
            StorageError: the node must stop.
        """
        accepted = self._insert(block)
        self._follow([block], is_moved=accepted.pivot_change is not None)
        return accepted

    def submit_all(self, blocks: Sequence[Block]) -> None:
        """Take in blocks in order, and execute once what follows from all of them.

        Raises as `submit`; those before the one refused are in, and executed.
        """
        is_moved, fresh = False, list[Block]()
        try:
            for block in blocks:
                is_moved |= self._insert(block).pivot_change is not None
                fresh.append(block)
                if is_moved and self.driver.is_far_behind():
                    self._follow(fresh, is_moved=True)
                    is_moved, fresh = False, []
        finally:
            self._follow(fresh, is_moved=is_moved)

    def _insert(self, block: Block) -> Accepted:
        accepted = self.consensus.submit_block(block)
        # Not before: another body may come under the same header, and is refused.
        self.recent.keep(block)
        for tell in self.block_listeners:
            tell(block)
        return accepted

    def _follow(self, fresh: Sequence[Block], *, is_moved: bool) -> None:
        """Bring state and pool forward after `fresh` came in."""
        advance = self.driver.advance() if is_moved else None
        self._mark_packed(fresh)
        if advance is not None:
            self._tell(advance)

    def _mark_packed(self, fresh: Sequence[Block]) -> None:
        """Keep what `fresh` contains out of further blocks until its epoch is executed (W3)."""
        head, _ = self.driver.head()
        for block in fresh:
            if block.transactions:
                epoch = self.consensus.epoch_of(block.hash)
                if epoch is None or epoch > head:
                    self.pool.mark_packed(block.transactions)

    def catch_up(self) -> Advance:
        """Bring state and pool to where the pivot chain is."""
        return self._tell(self.driver.advance())

    def _tell(self, advance: Advance) -> Advance:
        if advance.undone:
            self.pool.on_undo(advance.undone[-1] - 1, advance.displaced)
        if advance.executed:
            # Where each sender got to in the end is all that the pool has to follow.
            senders = {each.address: each for e in advance.executed for each in e.senders}
            unexecuted = [each for epoch in advance.executed for each in epoch.unexecuted]
            self.pool.on_epoch(advance.executed[-1].number, senders.values(), unexecuted)
        self.follow_tip()
        if advance.returned:
            self.pool.restore(advance.returned.values())
        for listener in self.listeners:
            listener(advance)
        return advance

    def follow_tip(self) -> None:
        """Tell the pool what the next block will be measured against."""
        tip = self.consensus.header(self.consensus.best_block())
        _, espace_gas = self.consensus.space_gas_limits(tip.height + 1, tip.gas_limit)
        base_price = 0 if tip.base_price is None else tip.base_price[1]
        self.pool.set_conditions(base_price=base_price, block_gas_max=espace_gas)
