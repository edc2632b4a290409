"""A light model of transactions: they are counted and weighed, never executed.

They enter the network evenly and travel in lots, so that a run of an hour stays small. A miner has
those that had time to spread, and takes some that no block it knows has packed: the first that
came, or the first in an order of its own, as the pool of a network's node does. Two blocks that did
not know each other may pack the same lot; the order executes it once, which is what counts as
throughput.
"""

import random
from collections.abc import Sequence
from heapq import nsmallest

from sogdia.ledger.sync.relay import ANNOUNCE_INTERVAL_S
from sogdia.simulation.clock import MILLISECOND, SECOND
from sogdia.simulation.scenario import TransactionPlan

LOTS_PER_BLOCK = 64  # duplicates are counted to a sixty-fourth of a block


class TransactionFlow:
    """What enters the network, in lots numbered by the time of their entry."""

    def __init__(self, plan: TransactionPlan) -> None:
        self.plan = plan
        self.block_transactions = plan.block_bytes // plan.size_bytes
        self.lot_size = max(1, self.block_transactions // LOTS_PER_BLOCK)
        self.lots_per_block = self.block_transactions // self.lot_size if plan.per_s else 0

    def entered(self, now: int) -> int:
        """Return how many lots every miner has been told of."""
        spread = self.plan.spread_ms * MILLISECOND + int(ANNOUNCE_INTERVAL_S * SECOND)
        return max(0, int((now - spread) / SECOND * self.plan.per_s / self.lot_size))


class LotPool:
    """What waits at one miner."""

    def __init__(self, flow: TransactionFlow, chance: random.Random) -> None:
        self._flow = flow
        self._chance = chance
        self._waiting: dict[int, float] = {}  # lot to its turn, the lowest first
        self._told = 0
        self._packed_before_told: set[int] = set()

    def on_block(self, lots: Sequence[int]) -> None:
        """Drop what an accepted block has packed."""
        for lot in lots:
            if lot < self._told:
                self._waiting.pop(lot, None)
            else:
                self._packed_before_told.add(lot)

    def pack(self, now: int) -> tuple[int, ...]:
        """Return the lots of a block that is found now."""
        self._hear(self._flow.entered(now))
        return tuple(
            nsmallest(self._flow.lots_per_block, self._waiting, key=self._waiting.__getitem__)
        )

    def _hear(self, told: int) -> None:
        has_own_order = self._flow.plan.packing == "own"
        for lot in range(self._told, told):
            if lot in self._packed_before_told:
                self._packed_before_told.discard(lot)
            else:
                self._waiting[lot] = self._chance.random() if has_own_order else lot
        self._told = max(self._told, told)


def gossip_bytes_per_s(flow: TransactionFlow, blocks_per_s: float, peers: float) -> float:
    """Return what transactions take of a node's line in each direction, before any block.

    Each comes once and goes out once on average; its short id goes to every peer. More than the
    blocks can pack is not passed on: full pools refuse it.
    """
    passed = min(flow.plan.per_s, 2 * blocks_per_s * flow.block_transactions)
    return passed * (flow.plan.size_bytes + 6 * peers)
