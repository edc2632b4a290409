"""The order in which ready transactions enter blocks: best price first, nonces kept.

What a transaction pays beyond the base price is `min(tip, cap - base)`. It changes with the base,
and a pool cannot be sorted again for every block. But either term alone is an order that never
changes, and an upper bound of the minimum. So each sender's first transaction lies in one of two
heaps, by the term that bound it when it was put there; selection takes from the top of both into a
small heap of true prices, until no bound exceeds the best true price.

    O1  The heaps and what was last selected hold the head of every sender that has one, and
        perhaps stale entries.
    O2  A selection changes nothing that a later one could see.
    O3  Equal prices go by `Entry.turn`: in the order of arrival, or in an order of this pool's own.
"""

from heapq import heapify, heappop, heappush

from sogdia.ledger.mempool.sender import Entry, SenderQueue

Ranked = tuple[int, int, Entry]  # (negated price, turn, entry): turn is unique

# A block is full when this many transactions in price order do not fit its rest: looking further
# would cost more than a smaller transaction found there could bring.
MISFITS_MAX = 64
GAS_MIN = 21_000  # no transaction has less
STALE_MIN = 1_024  # below this, stale entries are not worth a sweep


def price_at(entry: Entry, base_price: int) -> int:
    """Return what `entry` pays per gas beyond `base_price`; negative if its cap is below."""
    return min(entry.tip, entry.cap - base_price)


class PackingOrder:
    """The heads of all senders, by price."""

    def __init__(self) -> None:
        self._by_tip: list[Ranked] = []
        self._by_cap: list[Ranked] = []
        self._selected: list[Entry] = []
        self._head_count = 0
        self._base_price = 0

    def update(self, sender: SenderQueue) -> None:
        """Follow a change of `sender`'s first transaction."""
        head = sender.first_to_pack()
        if head is sender.head:
            return
        self._head_count += (head is not None) - (sender.head is not None)
        sender.head = head
        if head is not None and not head.in_order:
            self._push(head)
            held = len(self._by_tip) + len(self._by_cap)
            if held > 2 * self._head_count + STALE_MIN:
                self._sweep()

    def select(self, *, gas: int, size: int, count: int, base_price: int) -> list[Entry]:
        """Choose transactions for a block, best price first, within gas, bytes and count."""
        self._put_back()
        self._base_price = base_price
        best: list[Ranked] = []
        chosen: list[Entry] = []
        misfits = 0
        while len(chosen) < count and gas >= GAS_MIN and misfits < MISFITS_MAX:
            entry = self._take_best(best)
            if entry is None:
                break
            if entry.gas_limit > gas or entry.size > size:
                misfits += 1  # and with it all that follows from this sender
                continue
            chosen.append(entry)
            gas -= entry.gas_limit
            size -= entry.size
            following = entry.sender.successor(entry)
            if following is not None and following.cap >= base_price:
                heappush(best, (-price_at(following, base_price), following.turn, following))
        return chosen

    def _take_best(self, best: list[Ranked]) -> Entry | None:
        """Return what pays most of `best` and of all heads, None if nothing pays the base price.

        Heads whose bound was better than their price go to `best` on the way.
        """
        base = self._base_price
        by_tip, by_cap = self._by_tip, self._by_cap
        while True:
            while by_tip and by_tip[0][2].sender.head is not by_tip[0][2]:
                heappop(by_tip)[2].in_order = False
            while by_cap and by_cap[0][2].sender.head is not by_cap[0][2]:
                heappop(by_cap)[2].in_order = False
            heap, bound = by_tip, by_tip[0][:2] if by_tip else None
            if by_cap and by_cap[0][0] + base <= 0:
                other = (by_cap[0][0] + base, by_cap[0][1])
                if bound is None or other < bound:
                    heap, bound = by_cap, other
            if bound is None or (best and best[0][:2] < bound):
                return heappop(best)[2] if best else None
            entry = heappop(heap)[2]
            entry.in_order = False
            self._selected.append(entry)
            price = price_at(entry, base)
            if price == -bound[0]:  # as good as its bound, which nothing exceeds
                return entry
            if price >= 0:
                heappush(best, (-price, entry.turn, entry))

    def _put_back(self) -> None:
        """Put what was selected last back into the heaps, unless it is no head any more.

        This waits for the next selection: most of what was selected has been packed by then.
        """
        for entry in self._selected:
            if entry.sender.head is entry and not entry.in_order:
                self._push(entry)
        self._selected.clear()

    def _push(self, entry: Entry) -> None:
        entry.in_order = True
        if entry.tip <= entry.cap - self._base_price:
            heappush(self._by_tip, (-entry.tip, entry.turn, entry))
        else:
            heappush(self._by_cap, (-entry.cap, entry.turn, entry))

    def _sweep(self) -> None:
        """Rebuild the heaps without what is stale: most of them, so constant work per change."""
        for heap in (self._by_tip, self._by_cap):
            for _, _, entry in heap:
                entry.in_order = entry.sender.head is entry
            heap[:] = [ranked for ranked in heap if ranked[2].in_order]
            heapify(heap)
