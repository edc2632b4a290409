"""What the pool holds: totals, indexes, and the heaps over it.

P1  A transaction is here at most once, by hash and by (sender, nonce).
P2  `ready_count` and `queued_count` are the sums over all senders.
P3  A sender without transactions is forgotten, and its account is read again next time.
"""

from hashlib import blake2b

from sogdia.ledger.mempool.eviction import CheapestFirst
from sogdia.ledger.mempool.order import PackingOrder, price_at
from sogdia.ledger.mempool.sender import Entry, Facts, SenderQueue
from sogdia.ledger.primitives.transaction import Transaction


class PoolContent:
    """The one place that changes a sender's queue, and keeps everything else in step with it."""

    def __init__(self, order_key: bytes) -> None:
        self._order_key = order_key
        self.by_hash: dict[bytes, Entry] = {}
        self.senders: dict[bytes, SenderQueue] = {}
        self.order = PackingOrder()
        self.ready_count = 0
        self.queued_count = 0
        self._cheapest = CheapestFirst()
        # Ordered sets: eviction takes the sender that has waited longest.
        self._with_queued: dict[bytes, SenderQueue] = {}
        self._starved: dict[bytes, SenderQueue] = {}
        self._arrivals = 0

    def __len__(self) -> int:
        """Return the number of transactions."""
        return len(self.by_hash)

    def make_entry(
        self, transaction: Transaction, sender: SenderQueue, facts: Facts | None = None
    ) -> Entry:
        """Return an entry that is numbered but not in the pool yet."""
        self._arrivals = arrival = self._arrivals + 1
        entry = Entry(transaction, sender, arrival, facts or transaction.facts())
        if self._order_key:
            entry.turn = self._turn_of(entry)
        return entry

    def _turn_of(self, entry: Entry) -> int:
        """Return its number below a keyed digest: this pool has an order of its own."""
        digest = blake2b(entry.hash, key=self._order_key, digest_size=8).digest()
        return int.from_bytes(digest, "big") << 64 | entry.arrival

    def put(self, entry: Entry, replaced: Entry | None = None) -> None:
        """Take in `entry`, in the place of `replaced` if that waits under its nonce."""
        sender = entry.sender
        keeps_head = False
        if replaced is None:
            self.senders[sender.address] = sender
            sender.put(entry)
            head = sender.head
            keeps_head = head is not None and head.nonce < entry.nonce
        else:
            self._forget(replaced)
            sender.replace(replaced, entry)
        self.by_hash[entry.hash] = entry
        self._cheapest.add(entry)
        self.settle(sender, keeps_head=keeps_head)

    def remove(self, entry: Entry) -> None:
        """Take out `entry`; what follows it from the same sender waits in the queue."""
        entry.sender.remove(entry)
        self._forget(entry)
        self.settle(entry.sender)

    def follow_account(self, sender: SenderQueue, nonce: int, balance: int) -> list[Entry]:
        """Move `sender` to the account's nonce and balance; return what that used up."""
        used = sender.set_account(nonce, balance)
        by_hash = self.by_hash
        for entry in used:
            entry.is_alive = False
            del by_hash[entry.hash]
        self._cheapest.sweep(len(by_hash))
        self.settle(sender)
        return used

    def settle(self, sender: SenderQueue, *, keeps_head: bool = False) -> None:
        """Bring totals, sets and heaps in step with `sender` after it changed.

        `keeps_head` says that the first transaction to be packed is the same as before.
        """
        ready = sender.ready_end - sender.nonce
        queued = len(sender.entries) - ready
        had_queued = sender.queued_seen
        self.ready_count += ready - sender.ready_seen
        self.queued_count += queued - had_queued
        sender.ready_seen, sender.queued_seen = ready, queued
        if queued:
            self._with_queued.setdefault(sender.address, sender)
            if sender.is_starved:
                self._starved.setdefault(sender.address, sender)
        elif had_queued:
            self._with_queued.pop(sender.address, None)
            self._starved.pop(sender.address, None)
        if not keeps_head:
            self.order.update(sender)
        if not sender.entries:
            self.senders.pop(sender.address, None)

    def take_starved(self, count: int) -> list[SenderQueue]:
        """Return senders that wait for money, the longest waiting first, `count` at most."""
        addresses = [address for address, _ in zip(self._starved, range(count), strict=False)]
        return [self._starved.pop(address) for address in addresses]

    def find_victim(self, base_price: int) -> Entry | None:
        """Return what would leave for a better transaction; None if the pool is empty.

        First what is not ready, since it may never be. Then the last transaction of the sender who
        pays least: taking the cheap one itself would only make useless what follows it.
        """
        queued = next(iter(self._with_queued.values()), None)
        if queued is not None:
            return queued.entries[queued.last_nonce]
        cheapest = self._cheapest.find_cheapest(base_price)
        if cheapest is None:
            return None
        return cheapest.sender.entries[cheapest.sender.last_nonce]

    def cheapest_price(self, base_price: int) -> int:
        """Return the least price per gas beyond the base that anything here pays."""
        cheapest = self._cheapest.find_cheapest(base_price)
        return 0 if cheapest is None else price_at(cheapest, base_price)

    def _forget(self, entry: Entry) -> None:
        entry.is_alive = False
        del self.by_hash[entry.hash]
        self._cheapest.sweep(len(self.by_hash))
