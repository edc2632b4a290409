"""The node's single writer: a block enters the graph, the state follows, the pool follows the
state.

W1  Everything here runs on one thread, in the order of arrival.
W2  When `submit` returns, the block is written, and executed as far as is wanted.
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
        self.recent.keep(block)
        accepted = self.consensus.submit_block(block)
        for tell in self.block_listeners:
            tell(block)
        self.pool.mark_packed(block.transactions)
        if accepted.pivot_change is not None:
            self.catch_up()
        return accepted

    def submit_all(self, blocks: Sequence[Block]) -> None:
        """Take in blocks in order; raises as `submit`, those before the one refused are in."""
        for block in blocks:
            self.submit(block)

    def catch_up(self) -> Advance:
        """Bring state and pool to where the pivot chain is."""
        advance = self.driver.advance()
        if advance.undone:
            self.pool.on_undo(advance.undone[-1] - 1, advance.displaced)
        for outcome in advance.executed:
            self.pool.on_epoch(outcome.number, outcome.senders, outcome.unexecuted)
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
