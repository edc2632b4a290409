"""Which transaction goes when the pool is full.

The least of `min(tip, cap - base)` over all is the lesser of the least tip and the least cap minus
the base: two heaps give it for any base price, without sorting anything again.
"""

from heapq import heapify, heappop, heappush

from sogdia.ledger.mempool.order import STALE_MIN, Ranked, price_at
from sogdia.ledger.mempool.sender import Entry


class CheapestFirst:
    """All transactions of the pool by price, the cheapest on top."""

    def __init__(self) -> None:
        self._by_tip: list[Ranked] = []
        self._by_cap: list[Ranked] = []

    def add(self, entry: Entry) -> None:
        """Take in a transaction; it leaves by itself when it is no longer alive."""
        # Of equal prices the latest goes first: arrival is negated.
        heappush(self._by_tip, (entry.tip, -entry.arrival, entry))
        heappush(self._by_cap, (entry.cap, -entry.arrival, entry))

    def find_cheapest(self, base_price: int) -> Entry | None:
        """Return the transaction that pays least at `base_price`, None if there is none."""
        for heap in (self._by_tip, self._by_cap):
            while heap and not heap[0][2].is_alive:
                heappop(heap)
        if not self._by_tip:
            return None
        by_tip, by_cap = self._by_tip[0][2], self._by_cap[0][2]
        return min(by_tip, by_cap, key=lambda entry: (price_at(entry, base_price), -entry.arrival))

    def sweep(self, alive_count: int) -> None:
        """Drop the dead when they are the most: constant work per change, over time."""
        if len(self._by_tip) <= 2 * alive_count + STALE_MIN:
            return
        for heap in (self._by_tip, self._by_cap):
            heap[:] = [ranked for ranked in heap if ranked[2].is_alive]
            heapify(heap)
