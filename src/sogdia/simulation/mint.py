"""A simulated miner: chance says when, the real builder says what, real hashes make it valid.

Work is found as it is: after a time that is exponential in difficulty over hashes a second. Since
that has no memory, drawing again when the difficulty changes changes nothing. The nonce is then
searched for, so that a block's quality, which makes timer and heavy blocks, is what hashing gives.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from sogdia.ledger.consensus.api import Accepted
from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.primitives.work import StopFlag, search_work
from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.clock import SECOND
from sogdia.simulation.nodes import Node
from sogdia.simulation.transactions import LotPool

NONCES = 1 << 255
ATTEMPTS_MAX = 1 << 40  # hashes: more than any difficulty here takes


class NoTransactions:
    """The pool of the real builder: bodies are modelled beside the block, not in it."""

    def pack(self, *, gas: int, size: int, count: int, base_price: int) -> list[Transaction]:
        """Choose nothing."""
        del gas, size, count, base_price
        return []


def solve(block: Block, chance: random.Random) -> Block:
    """Return `block` with a nonce that meets its difficulty."""
    header = block.header
    nonce = search_work(
        header.problem_hash, header.difficulty, chance.randrange(NONCES), ATTEMPTS_MAX, StopFlag()
    )
    assert nonce is not None, f"no nonce in {ATTEMPTS_MAX} attempts"
    return Block(replace(header, nonce=nonce))


class Mint:
    """Makes the blocks of one node."""

    def __init__(
        self,
        node: Node,
        params: ConsensusParams,
        chance: random.Random,
        *,
        hashes_per_s: float,
        publish: Callable[[MadeBlock], None] | None = None,
    ) -> None:
        """`publish` gets each block that is found; an honest node's accepts and tells it."""
        self.node = node
        self.chance = chance
        self.hashes_per_s = hashes_per_s
        self.pool = LotPool(node.around.flow, chance)
        self._publish = publish or self._accept_own
        self._period = params.difficulty_period
        author = b"mint" + node.index.to_bytes(16, "big")
        self.author = author
        builder = BlockBuilder(
            params, node.engine, NoTransactions(), author=author, clock=node.clock_s
        )
        self.honest_template = builder.build
        """Returns what an honest miner works on, without its nonce."""
        self.build = self.honest_template
        """Returns what this one works on."""
        self._draw = 0
        self._difficulty = 0
        self._tip_height = 0
        node.on_accepted.append(self._on_accepted)

    def start(self) -> None:
        """Begin to mine."""
        self._difficulty = self.node.engine.block_template().difficulty
        self._draw_again()

    def _draw_again(self) -> None:
        self._draw += 1
        wait_s = self.chance.expovariate(self.hashes_per_s / self._difficulty)
        timeline = self.node.around.timeline
        timeline.after(int(wait_s * SECOND), self._on_found, self._draw)

    def _on_found(self, draw: int) -> None:
        if draw != self._draw or self.node.around.is_over:
            return
        if self.node.is_online:
            template = self.build()
            assert template is not None, "every epoch's roots are known here"
            self._publish(self.make(template))
        self._draw_again()

    def make(self, template: Block) -> MadeBlock:
        """Return the block of a template, solved and recorded."""
        around = self.node.around
        lots = self.pool.pack(around.timeline.now)
        made = MadeBlock(
            block=solve(template, self.chance),
            number=len(around.record.made),
            maker=self.node.index,
            at=around.timeline.now,
            lots=lots,
            transactions=len(lots) * around.flow.lot_size,
            transaction_bytes=around.flow.plan.size_bytes,
            is_attack=not self.node.is_honest,
            audience=around.wire.reachable(self.node.index),
        )
        around.record.add(made)
        return made

    def _accept_own(self, made: MadeBlock) -> None:
        self.node.accept(made, None)

    def _on_accepted(self, made: MadeBlock, accepted: Accepted) -> None:
        self.pool.on_block(made.lots)
        change = accepted.pivot_change
        if change is None or not self._period or not self._difficulty:
            return
        # The difficulty changed only if the last pivot block at a multiple of the period did.
        highest = max(change.tip_height, self._tip_height) + 1
        self._tip_height = change.tip_height
        if highest // self._period != (change.first_changed_height - 1) // self._period:
            difficulty = self.node.engine.block_template().difficulty
            if difficulty != self._difficulty:
                self._difficulty = difficulty
                self._draw_again()
