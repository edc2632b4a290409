"""The pool: transactions that wait for a block.

Admission reads the last executed state. What a block contains stays here, marked, until its epoch
is executed and the account's nonce says so: a block may lose its epoch. Nothing here walks over the
whole pool for a transaction or a block.

    M1  What `add` accepted is in the journal before it returns.
    M2  One thread at a time calls these methods.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sogdia.ledger.execution.api import SenderState, Unexecuted
from sogdia.ledger.mempool.content import PoolContent
from sogdia.ledger.mempool.errors import AlreadyKnown, PoolError, PoolFull
from sogdia.ledger.mempool.order import price_at
from sogdia.ledger.mempool.rules import (
    ADMISSION_RULES,
    AccountReader,
    Conditions,
    nonce_is_near,
    replacement_pays_more,
    sender_can_pay,
    sender_has_room,
    sender_may_sign,
)
from sogdia.ledger.mempool.sender import Entry, SenderQueue
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.storage.tables.pool_journal import PoolJournal

Refusal = PoolError | InvalidTransaction
Listener = Callable[[Sequence[Transaction]], None]

# Senders that wait for money are looked at again after an epoch, this many at most: about 1 ms.
STARVED_PER_EPOCH = 256
# A block that is in no epoch after this many more is off the pivot chain's past for a long time:
# what it contains may be packed again. The family's transactions wait no longer for theirs.
PACKED_EPOCHS_MAX = 100


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """How many transactions wait: `ready` for a block, `queued` for another transaction."""

    ready: int
    queued: int


class Pool:
    """Transactions that wait, and what becomes of them."""

    def __init__(
        self,
        params: MempoolParams,
        accounts: AccountReader,
        journal: PoolJournal,
        *,
        base_price: int,
        block_gas_max: int,
        transaction_gas_max: int | None = None,
        order_key: bytes = b"",
    ) -> None:
        """Start empty; `block_gas_max` is the most gas that one block's eSpace transactions have.

        `transaction_gas_max` is the most one transaction may ask for, if the rules bound it.
        With an `order_key` (at most 64 bytes), equal prices are packed in an order of this pool's
        own instead of in that of arrival, so that miners choose different ones (ADR 0013).
        """
        self._params = params
        self._accounts = accounts
        self._journal = journal
        self._content = PoolContent(order_key)
        self._now = Conditions(params, base_price, block_gas_max, transaction_gas_max)
        self._packed: deque[tuple[int, list[Entry]]] = deque()
        self._epoch = 0
        self._listeners: list[Listener] = []

    # --- in ----------------------------------------------------------------------------------

    def add(self, transactions: Sequence[Transaction]) -> list[Refusal | None]:
        """Take in transactions, in order; return per transaction why it was refused, or None.

        Raises:
            StoreStopped: the journal cannot be written; none of them may be acknowledged.
        """
        refusals: list[Refusal | None] = []
        accepted: list[Entry] = []
        for transaction in transactions:
            try:
                accepted.append(self._admit(transaction))
            except (PoolError, InvalidTransaction) as refusal:
                refusals.append(refusal)
            else:
                refusals.append(None)
        # One that a later one of the batch replaced or pushed out is forgotten already, and must
        # not be written after that: a restart would put it in the other's place.
        kept = [entry for entry in accepted if entry.is_alive]
        if kept:
            self._journal.append([(entry.hash, entry.transaction.raw) for entry in kept])
            self._tell([entry.transaction for entry in kept])
        return refusals

    def restore(self, transactions: Iterable[Transaction], *, is_journaled: bool = False) -> int:
        """Take back what a block lost or what the journal holds; return how many came in.

        Price and place in the row are not judged again. What the account has used or cannot pay is
        left out. `is_journaled` says that the journal has them already: at start.
        """
        returned: list[Transaction] = []
        useless: list[bytes] = []
        has_unmarked = False
        refreshed: set[bytes] = set()
        for transaction in transactions:
            address = transaction.sender
            if address not in refreshed:
                refreshed.add(address)
                self._refresh(address)
            known = self._content.by_hash.get(transaction.hash)
            if known is not None:
                has_unmarked = has_unmarked or known.is_packed
                known.sender.unmark_packed(known)
                self._content.settle(known.sender)
            elif self._take_back(transaction) is not None:
                returned.append(transaction)
            else:
                useless.append(transaction.hash)
        self._journal.forget(useless)
        if returned and not is_journaled:
            self._journal.append([(item.hash, item.raw) for item in returned])
        self._shed()
        if returned or has_unmarked:
            self._tell(returned)
        return len(returned)

    # --- out ---------------------------------------------------------------------------------

    def pack(self, *, gas: int, size: int, count: int, base_price: int) -> list[Transaction]:
        """Choose transactions for a block: best price first, within gas, bytes and count.

        They stay in the pool until `mark_packed` and the execution of their epoch.
        """
        order = self._content.order
        chosen = order.select(gas=gas, size=size, count=count, base_price=base_price)
        return [entry.transaction for entry in chosen]

    def mark_packed(self, transactions: Iterable[Transaction]) -> None:
        """Note that an accepted block contains these, so that no other packs them meanwhile."""
        marked: list[Entry] = []
        for transaction in transactions:
            entry = self._content.by_hash.get(transaction.hash) or self._take_back(transaction)
            if entry is not None and not entry.is_packed:
                entry.sender.mark_packed(entry)
                self._content.settle(entry.sender)
                marked.append(entry)
        if marked:
            self._packed.append((self._epoch, marked))

    def on_epoch(
        self,
        number: int,
        senders: Iterable[SenderState],
        unexecuted: Iterable[tuple[bytes, Unexecuted]] = (),
    ) -> None:
        """Follow the accounts after epoch `number` was executed."""
        self._epoch = number
        used: list[Entry] = []
        for state in senders:
            sender = self._content.senders.get(state.address)
            if sender is not None:
                used += self._content.follow_account(sender, state.nonce, state.balance)
        self._journal.forget_used([entry.hash for entry in used])
        for transaction_hash, reason in unexecuted:
            self._journal.forget(self._settle_unexecuted(transaction_hash, reason))
        for sender in self._content.take_starved(STARVED_PER_EPOCH):
            self._refresh(sender.address)
        self._expire_packed()
        if self._content.ready_count:
            self._tell(())

    def on_undo(self, number: int, addresses: Iterable[bytes]) -> None:
        """Follow the accounts of `addresses` back after epochs above `number` were undone."""
        self._epoch = number
        for address in addresses:
            self._refresh(address)

    def drop(self, hashes: Iterable[bytes]) -> int:
        """Forget waiting transactions, whoever sent them; return how many there were."""
        entries = [e for each in hashes if (e := self._content.by_hash.get(each)) is not None]
        for entry in entries:
            self._content.remove(entry)
        self._journal.forget(entry.hash for entry in entries)
        return len(entries)

    def set_conditions(self, *, base_price: int, block_gas_max: int) -> None:
        """Follow the pivot tip: the base price, and the gas of the next block for eSpace.

        A gas of 0 says that the next height carries none: what the one before had stays the bound.
        """
        known = self._now
        self._now = replace(
            known, base_price=base_price, block_gas_max=block_gas_max or known.block_gas_max
        )

    # --- questions ---------------------------------------------------------------------------

    def get(self, transaction_hash: bytes) -> Transaction | None:
        """Return a waiting transaction, or None."""
        entry = self._content.by_hash.get(transaction_hash)
        return None if entry is None else entry.transaction

    def pending_nonce(self, address: bytes) -> int:
        """Return the nonce that the next transaction of `address` should have."""
        sender = self._content.senders.get(address)
        return self._accounts.account(address).nonce if sender is None else sender.pending_nonce()

    def status(self) -> PoolStatus:
        """Return how many transactions wait."""
        return PoolStatus(self._content.ready_count, self._content.queued_count)

    def content(self, address: bytes | None = None) -> tuple[list[Transaction], list[Transaction]]:
        """Return the ready and the queued transactions, of one sender if given, by nonce.

        Without an address this walks over the whole pool: for people, not for the node.
        """
        senders = self._content.senders
        queues = senders.values() if address is None else filter(None, [senders.get(address)])
        ready: list[Transaction] = []
        queued: list[Transaction] = []
        for queue in queues:
            for nonce, entry in sorted(queue.entries.items()):
                (ready if nonce < queue.ready_end else queued).append(entry.transaction)
        return ready, queued

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with what came in, and empty after an epoch while something is ready.

        Returns the function that ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- one transaction ---------------------------------------------------------------------

    def _admit(self, transaction: Transaction) -> Entry:
        content = self._content
        facts = transaction.facts()
        transaction_hash, address, nonce, *_ = facts
        if transaction_hash in content.by_hash:
            raise AlreadyKnown(hash=transaction_hash)
        for rule in ADMISSION_RULES:
            rule(transaction, facts, self._now)
        sender = self._sender(address)
        nonce_is_near(nonce, sender, self._params)
        entry = content.make_entry(transaction, sender, facts)
        replaced = sender.entries.get(nonce)
        sender_can_pay(entry, replaced)
        if replaced is not None:
            replacement_pays_more(entry, replaced, self._params)
            content.put(entry, replaced)
            self._journal.forget((replaced.hash,))
            return entry
        sender_has_room(entry, self._params)
        if len(content) >= self._params.transactions_max:
            self._make_room(entry)
        content.put(entry)
        return entry

    def _sender(self, address: bytes) -> SenderQueue:
        sender = self._content.senders.get(address)
        if sender is not None:
            return sender
        account = self._accounts.account(address)
        if not self._params.contracts_may_send:
            sender_may_sign(address, account, self._accounts)
        return SenderQueue(
            address,
            nonce=account.nonce,
            balance=account.balance,
            ready_max=self._params.ready_per_sender_max,
        )

    def _make_room(self, entry: Entry) -> None:
        """Evict something cheaper than `entry`, or refuse it."""
        base_price = self._now.base_price
        price = price_at(entry, base_price)
        sender = entry.sender
        if entry.nonce > sender.ready_end or sender.ready_count >= sender.ready_max:
            raise PoolFull(price=price, price_needed=None)
        victim = self._content.find_victim(base_price)
        assert victim is not None, "a full pool is not empty"
        is_queued = victim.nonce >= victim.sender.ready_end
        needed = self._content.cheapest_price(base_price)
        if not is_queued and (price <= needed or victim.sender is sender):
            raise PoolFull(price=price, price_needed=needed)
        self._content.remove(victim)
        self._journal.forget((victim.hash,))

    def _take_back(self, transaction: Transaction) -> Entry | None:
        """Put in what came from a block or the journal, if its nonce is free and not used."""
        account_sender = self._content.senders.get(transaction.sender)
        sender = account_sender or self._sender(transaction.sender)
        nonce = transaction.nonce
        is_near = sender.nonce <= nonce <= sender.nonce + self._params.nonce_gap_max
        if not is_near or nonce in sender.entries:
            return None
        entry = self._content.make_entry(transaction, sender)
        self._content.put(entry)
        return entry

    # --- many --------------------------------------------------------------------------------

    def _refresh(self, address: bytes) -> None:
        sender = self._content.senders.get(address)
        if sender is None:
            return
        account = self._accounts.account(address)
        used = self._content.follow_account(sender, account.nonce, account.balance)
        self._journal.forget_used(entry.hash for entry in used)

    def _settle_unexecuted(self, transaction_hash: bytes, reason: Unexecuted) -> list[bytes]:
        entry = self._content.by_hash.get(transaction_hash)
        if entry is None:
            return []
        if reason.may_execute_later:
            entry.sender.unmark_packed(entry)
            self._content.settle(entry.sender)
            self._refresh(entry.sender.address)
            return []
        self._content.remove(entry)
        return [transaction_hash]

    def _expire_packed(self) -> None:
        while self._packed and self._packed[0][0] + PACKED_EPOCHS_MAX < self._epoch:
            for entry in self._packed.popleft()[1]:
                if entry.is_alive and entry.is_packed:
                    entry.sender.unmark_packed(entry)
                    self._content.settle(entry.sender)

    def _shed(self) -> None:
        """Evict down to the limit what a return of many put above it."""
        while len(self._content) > self._params.transactions_max:
            victim = self._content.find_victim(self._now.base_price)
            assert victim is not None, "a full pool is not empty"
            self._content.remove(victim)
            self._journal.forget((victim.hash,))

    def _tell(self, transactions: Sequence[Transaction]) -> None:
        for listener in tuple(self._listeners):
            listener(transactions)
