"""One sender's waiting transactions, by nonce.

    S1  `entries` holds at most one transaction per nonce, none below `nonce`.
    S2  `nonce .. ready_end - 1` are all there, affordable together, and no more than `ready_max`:
        these are *ready*. The others are *queued*.
    S3  `ready_cost` and `total_cost` are the sums over the ready ones and over all.

Every operation costs what it changes, never the length of the queue.
"""

from sogdia.ledger.primitives.transaction import Transaction

# What `Transaction.facts` gives: hash, sender, nonce, gas limit, size, cap, tip, value.
Facts = tuple[bytes, bytes, int, int, int, int, int, int]


class Entry:
    """A waiting transaction, with what the pool compares often."""

    __slots__ = (
        "arrival",
        "cap",
        "cost",
        "gas_limit",
        "hash",
        "in_order",
        "is_alive",
        "is_packed",
        "nonce",
        "sender",
        "size",
        "tip",
        "transaction",
        "turn",
    )

    def __init__(
        self, transaction: Transaction, sender: "SenderQueue", arrival: int, facts: Facts
    ) -> None:
        self.transaction = transaction
        self.sender = sender
        self.arrival = arrival
        self.turn = arrival
        """Unique; of equal prices the lower is packed first."""
        self.hash, _, self.nonce, self.gas_limit, self.size, self.cap, self.tip, value = facts
        self.cost = self.gas_limit * self.cap + value
        self.is_alive = True
        self.is_packed = False
        """A block contains it that is not executed yet."""
        self.in_order = False
        """The packing order holds it."""


class SenderQueue:
    """The transactions of one sender and the account they are measured against."""

    __slots__ = (
        "address",
        "balance",
        "entries",
        "head",
        "is_starved",
        "last_nonce",
        "next_pack",
        "nonce",
        "queued_seen",
        "ready_cost",
        "ready_end",
        "ready_max",
        "ready_seen",
        "total_cost",
    )

    def __init__(self, address: bytes, *, nonce: int, balance: int, ready_max: int) -> None:
        self.address = address
        self.nonce = nonce
        self.balance = balance
        self.ready_max = ready_max
        self.entries: dict[int, Entry] = {}
        self.ready_end = nonce
        self.ready_cost = 0
        self.total_cost = 0
        self.next_pack = nonce
        self.last_nonce = nonce
        self.is_starved = False
        self.head: Entry | None = None
        """What the packing order holds of this sender."""
        self.ready_seen = 0
        self.queued_seen = 0
        """What the pool's totals contain of this sender."""

    @property
    def ready_count(self) -> int:
        """How many may enter the next blocks."""
        return self.ready_end - self.nonce

    def put(self, entry: Entry) -> None:
        """Add a transaction in the place of its nonce, which is free."""
        nonce = entry.nonce
        self.entries[nonce] = entry
        self.total_cost += entry.cost
        self.last_nonce = max(self.last_nonce, nonce)
        self.next_pack = min(self.next_pack, nonce)
        if nonce == self.ready_end:
            self._extend()

    def remove(self, entry: Entry) -> None:
        """Take a transaction out; what follows it is no longer ready."""
        if entry.nonce < self.ready_end:
            self._shrink_to(entry.nonce)
        del self.entries[entry.nonce]
        self.total_cost -= entry.cost
        self._lower_last_nonce()

    def replace(self, old: Entry, new: Entry) -> None:
        """Put `new` in the place of `old`, of the same nonce."""
        self.entries[new.nonce] = new
        self.total_cost += new.cost - old.cost
        if new.nonce < self.ready_end:
            self.ready_cost += new.cost - old.cost
            self.next_pack = min(self.next_pack, new.nonce)
            self._shrink_to_balance()

    def set_account(self, nonce: int, balance: int) -> list[Entry]:
        """Follow the account; return the transactions whose nonces it has used."""
        self.balance = balance
        used: list[Entry] = []
        if nonce < self.nonce:  # epochs were undone: what they executed comes back by itself
            self._shrink_to(self.nonce)
            self.nonce = self.ready_end = self.next_pack = nonce
        elif nonce > self.nonce:
            used = self._use_nonces(nonce)
        self._shrink_to_balance()
        self._extend()
        return used

    def mark_packed(self, entry: Entry) -> None:
        """Leave a transaction out of further blocks: one contains it already."""
        entry.is_packed = True
        while (following := self.entries.get(self.next_pack)) and following.is_packed:
            self.next_pack += 1

    def unmark_packed(self, entry: Entry) -> None:
        """Let a transaction be packed again, if the sender can still pay."""
        entry.is_packed = False
        self.next_pack = min(self.next_pack, entry.nonce)
        self._shrink_to_balance()

    def first_to_pack(self) -> Entry | None:
        """Return the first ready transaction that no block contains."""
        return self._to_pack_from(self.next_pack)

    def successor(self, entry: Entry) -> Entry | None:
        """Return the next ready transaction after `entry` that no block contains."""
        nonce = entry.nonce + 1
        return self._to_pack_from(nonce) if nonce < self.ready_end else None

    def pending_nonce(self) -> int:
        """Return the first nonce that neither the account nor an unbroken row here has used."""
        nonce = self.ready_end
        while nonce in self.entries:
            nonce += 1
        return nonce

    def _to_pack_from(self, nonce: int) -> Entry | None:
        while nonce < self.ready_end:
            entry = self.entries[nonce]
            if not entry.is_packed:
                return entry
            nonce += 1
        return None

    def _extend(self) -> None:
        """Take into the ready row what follows it, as far as money and the bound reach."""
        self.is_starved = False
        limit = self.nonce + self.ready_max
        while self.ready_end < limit:
            entry = self.entries.get(self.ready_end)
            if entry is None:
                return
            # What a block contains was judged when it was packed.
            if self.ready_cost + entry.cost > self.balance and not entry.is_packed:
                self.is_starved = True
                return
            self.ready_cost += entry.cost
            self.ready_end += 1

    def _shrink_to(self, end: int) -> None:
        while self.ready_end > end:
            self.ready_end -= 1
            self.ready_cost -= self.entries[self.ready_end].cost
        self.next_pack = min(self.next_pack, self.ready_end)

    def _shrink_to_balance(self) -> None:
        while self.ready_cost > self.balance and not self.entries[self.ready_end - 1].is_packed:
            self._shrink_to(self.ready_end - 1)
            self.is_starved = True

    def _use_nonces(self, nonce: int) -> list[Entry]:
        used: list[Entry] = []
        # A jump beyond the row leaves older ones in the queue: look for each of them.
        span = range(self.nonce, nonce)
        candidates = span if len(span) <= len(self.entries) else sorted(self.entries)
        for number in candidates:
            if number >= nonce:
                break
            entry = self.entries.pop(number, None)
            if entry is None:
                continue
            used.append(entry)
            self.total_cost -= entry.cost
            if number < self.ready_end:
                self.ready_cost -= entry.cost
        self.nonce = nonce
        self.ready_end = max(self.ready_end, nonce)
        self.next_pack = max(self.next_pack, nonce)
        self.last_nonce = max(self.last_nonce, nonce)
        return used

    def _lower_last_nonce(self) -> None:
        while self.last_nonce > self.nonce and self.last_nonce not in self.entries:
            self.last_nonce -= 1
