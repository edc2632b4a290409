"""Which transaction goes when the pool is full.

The least of `min(tip, cap - base)` over all is the lesser of the least tip and the least cap minus
the base: two orders give it for any base price, without sorting anything again.
"""

from heapq import heapify, heappop, heappush

from sogdia.ledger.mempool.order import STALE_MIN, price_at
from sogdia.ledger.mempool.sender import Entry


class CheapestFirst:
    """All transactions of the pool by price, the cheapest on top."""

    def __init__(self) -> None:
        self._by_tip = _Stacks()
        self._by_cap = _Stacks()

    def add(self, entry: Entry) -> None:
        """Take in a transaction, the latest to arrive; it leaves by itself when it is no longer
        alive."""
        self._by_tip.add(entry.tip, entry)
        self._by_cap.add(entry.cap, entry)

    def find_cheapest(self, base_price: int) -> Entry | None:
        """Return the transaction that pays least at `base_price`, None if there is none."""
        by_tip, by_cap = self._by_tip.top(), self._by_cap.top()
        if by_tip is None or by_cap is None:
            return None
        return min(by_tip, by_cap, key=lambda entry: (price_at(entry, base_price), -entry.arrival))

    def sweep(self, alive_count: int) -> None:
        """Drop the dead when they are the most: constant work per change, over time."""
        if self._by_tip.count <= 2 * alive_count + STALE_MIN:
            return
        self._by_tip.sweep()
        self._by_cap.sweep()


class _Stacks:
    """Transactions by one of their prices; of equal prices the latest lies on top.

    Most of them share a few prices, and a stack costs less than a heap: only the prices are in one.
    """

    def __init__(self) -> None:
        self._stacks: dict[int, list[Entry]] = {}
        self._prices: list[int] = []
        self.count = 0

    def add(self, price: int, entry: Entry) -> None:
        self.count += 1
        stack = self._stacks.get(price)
        if stack is None:
            self._stacks[price] = [entry]
            heappush(self._prices, price)
        else:
            stack.append(entry)

    def top(self) -> Entry | None:
        """Return the latest of those alive at the least price; drop the dead above it."""
        while self._prices:
            stack = self._stacks[self._prices[0]]
            while stack and not stack[-1].is_alive:
                stack.pop()
                self.count -= 1
            if stack:
                return stack[-1]
            del self._stacks[heappop(self._prices)]
        return None

    def sweep(self) -> None:
        kept = {
            price: alive
            for price, stack in self._stacks.items()
            if (alive := [entry for entry in stack if entry.is_alive])
        }
        self._stacks, self._prices = kept, list(kept)
        heapify(self._prices)
        self.count = sum(map(len, kept.values()))
