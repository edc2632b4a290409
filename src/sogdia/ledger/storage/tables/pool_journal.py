"""The pool's journal: transactions that were acknowledged and are not known to be executed.

What is accepted together lies in one row, and mostly leaves together: a row goes when nothing in
it waits any more. So a batch of transfers costs one row in and one row out.

    J1  A transaction is here before its hash is given to whoever sent it.
    J2  One whose nonce is used up may stay: the pool refuses it when the journal is read. One that
        was dropped for another reason may not, so a row of its own says so while its bytes stay.
        Neither costs a commit of its own: they wait for the next write.
    J3  At most three quarters of what is kept, and `GONE_MAX` more, wait no more: the oldest row
        is written anew without them.
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct

from sogdia.ledger.storage.table import Change, Table, Writer, decode_number, encode_number

TABLE = Table(
    name="pool_journal",
    key="8 bytes big-endian, counted up; or a transaction hash, 32 bytes",
    value="for each transaction 8 bytes number in the order of acceptance, its hash, 4 bytes "
    "length, the signed transaction; under a hash nothing: it was dropped, or number and bytes of "
    "one transaction, as rows were before",
    writer="the pool, through `PoolJournal`",
)

_ENTRY = Struct(">Q32sI")
_HASH_BYTES = 32
_NUMBER_BYTES = 8
# A row ends beyond this: what a restart reads at once, and what is written anew together.
ROW_BYTES = 256 * 1024
# What a restart decodes in vain: a tenth of a second.
GONE_MAX = 2_000
# Transactions whose deletion is kept back at most: 10,000 hashes are 1 MiB of Python objects.
DELETIONS_MAX = 10_000

Entry = tuple[int, bytes, bytes]
"""Number, hash, signed transaction."""


class _Row:
    """A row of the table, and how many of its transactions wait."""

    __slots__ = ("hashes", "key", "waiting")

    def __init__(self, key: bytes, hashes: list[bytes]) -> None:
        self.key = key
        self.hashes = hashes
        self.waiting = len(hashes)


class PoolJournal:
    """The one writer of the table. One thread at a time."""

    def __init__(self, store: Writer) -> None:
        self._store = store
        self._next = 0
        self._next_row = 0
        self._rows: dict[bytes, _Row] = {}
        """The rows that are kept, by key, the oldest first."""
        self._row_of: dict[bytes, _Row] = {}
        """Where each transaction is, by hash; of these `_gone` wait no more."""
        self._gone: set[bytes] = set()
        self._dropped: set[bytes] = set()
        """Those of `_gone` whose nonces may be free."""
        self._changes: list[Change] = []
        self._finished: dict[bytes, _Row] = {}
        """The rows in which nothing waits, by key."""

    def load(self) -> list[bytes]:
        """Return the signed transactions in the order they were accepted; call once, at start."""
        entries: list[Entry] = []
        for key, value in self._store.range(TABLE.name):
            if not value:
                self._dropped.add(key)
                continue
            found = list(_entries(key, value))
            self._keep(_Row(key, [each for _, each, _ in found]))
            entries.extend(found)
            if len(key) != _HASH_BYTES:
                self._next_row = decode_number(key) + 1
        entries.sort()
        if entries:
            self._next = entries[-1][0] + 1
        for each in tuple(self._dropped):
            if not self._leave(each):
                self._undrop(each, self._changes)
        return [raw for _, each, raw in entries if each not in self._dropped]

    def append(self, transactions: Sequence[tuple[bytes, bytes]]) -> None:
        """Write (hash, signed transaction) pairs, in order, in one commit.

        Raises:
            StoreStopped: nothing was written, and nothing may be acknowledged.
        """
        entries: list[Entry] = []
        for transaction, raw in transactions:
            if transaction in self._row_of:
                self._return(transaction)
            else:
                entries.append((self._next, transaction, raw))
                self._next += 1
        if self._is_mostly_gone():
            entries += self._survivors_of_the_oldest()
        changes = self._take_deletions()
        for part in _parts_of(entries):
            row = _Row(encode_number(self._next_row), [each for _, each, _ in part])
            self._next_row += 1
            self._keep(row)
            changes.append((TABLE.name, row.key, _encode(part)))
        if changes:
            self._store.commit(changes)

    def forget(self, transactions: Iterable[bytes]) -> None:
        """Delete by hash what was dropped, with the next write or when enough wait."""
        for transaction in transactions:
            if self._leave(transaction):
                self._dropped.add(transaction)
                self._changes.append((TABLE.name, transaction, b""))
        self._flush_if_many()

    def forget_used(self, transactions: Iterable[bytes]) -> None:
        """Delete by hash what was executed or lost its nonce to another, as `forget` does."""
        for transaction in transactions:
            self._leave(transaction)
        self._flush_if_many()

    def flush(self) -> None:
        """Write the deletions that wait."""
        changes = self._take_deletions()
        if changes:
            self._store.commit(changes)

    def _keep(self, row: _Row) -> None:
        self._rows[row.key] = row
        for transaction in row.hashes:
            self._row_of[transaction] = row

    def _leave(self, transaction: bytes) -> bool:
        """Count `transaction` out of its row; tell whether it waited there."""
        row = self._row_of.get(transaction)
        if row is None or transaction in self._gone:
            return False
        self._gone.add(transaction)
        row.waiting -= 1
        if not row.waiting:
            self._finished[row.key] = row
        return True

    def _return(self, transaction: bytes) -> None:
        """Let what left, and whose row is still there, wait again."""
        if transaction not in self._gone:
            return
        self._gone.discard(transaction)
        row = self._row_of[transaction]
        row.waiting += 1
        self._finished.pop(row.key, None)
        if transaction in self._dropped:
            self._undrop(transaction, self._changes)

    def _undrop(self, transaction: bytes, changes: list[Change]) -> None:
        self._dropped.discard(transaction)
        changes.append((TABLE.name, transaction, None))

    def _is_mostly_gone(self) -> bool:
        gone = len(self._gone)
        return gone > GONE_MAX + 3 * (len(self._row_of) - gone)

    def _survivors_of_the_oldest(self) -> list[Entry]:
        """Return what waits in the oldest row, which is to go; it is written with what comes."""
        row = next(iter(self._rows.values()))
        value = self._store.get(TABLE.name, row.key) if row.waiting else None
        entries = [] if value is None else list(_entries(row.key, value))
        self._finished[row.key] = row
        return [each for each in entries if each[1] not in self._gone]

    def _flush_if_many(self) -> None:
        if len(self._finished) >= DELETIONS_MAX or len(self._changes) >= DELETIONS_MAX:
            self.flush()

    def _take_deletions(self) -> list[Change]:
        changes, self._changes = self._changes, []
        for key, row in self._finished.items():
            changes.append((TABLE.name, key, None))
            del self._rows[key]
            self._gone.difference_update(row.hashes)
            for transaction in row.hashes:
                del self._row_of[transaction]
            for transaction in self._dropped.intersection(row.hashes) if self._dropped else ():
                self._undrop(transaction, changes)
        self._finished.clear()
        return changes


def _entries(key: bytes, value: bytes) -> Iterator[Entry]:
    if len(key) == _HASH_BYTES:  # a row of one, as they were before
        yield decode_number(value[:_NUMBER_BYTES]), key, value[_NUMBER_BYTES:]
        return
    start = 0
    while start < len(value):
        number, transaction, length = _ENTRY.unpack_from(value, start)
        start += _ENTRY.size
        yield number, transaction, value[start : start + length]
        start += length


def _encode(entries: Iterable[Entry]) -> bytes:
    pack = _ENTRY.pack
    return b"".join([pack(number, each, len(raw)) + raw for number, each, raw in entries])


def _parts_of(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield what goes into a row together."""
    start = size = 0
    for end, (_, _, raw) in enumerate(entries, 1):
        size += len(raw)
        if size >= ROW_BYTES or end == len(entries):
            yield entries[start:end]
            start, size = end, 0
