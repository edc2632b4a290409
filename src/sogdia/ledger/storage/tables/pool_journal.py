"""The pool's journal: transactions that were acknowledged and are not known to be executed.

J1  A transaction is here before its hash is given to whoever sent it.
J2  It may stay after it was executed: its nonce is then used up, and the pool refuses it when
    the journal is read. So deletions wait for the next write and cost no commit of their own.
"""

from collections.abc import Iterable, Sequence

from sogdia.ledger.storage.table import Change, Table, Writer, decode_number, encode_number

TABLE = Table(
    name="pool_journal",
    key="transaction hash, 32 bytes",
    value="8 bytes big-endian number in the order of acceptance, then the signed transaction",
    writer="the pool, through `PoolJournal`",
)

# Deletions kept back at most: 10,000 hashes are 1 MiB of Python objects.
DELETIONS_MAX = 10_000


class PoolJournal:
    """The one writer of the table. One thread at a time."""

    def __init__(self, store: Writer) -> None:
        self._store = store
        self._next = 0
        self._deletions: dict[bytes, None] = {}

    def load(self) -> list[bytes]:
        """Return the signed transactions in the order they were accepted; call once, at start."""
        numbered = sorted(value for _, value in self._store.range(TABLE.name))
        if numbered:
            self._next = decode_number(numbered[-1][:8]) + 1
        return [value[8:] for value in numbered]

    def append(self, transactions: Sequence[tuple[bytes, bytes]]) -> None:
        """Write (hash, signed transaction) pairs, in order, in one commit.

        Raises:
            StoreStopped: nothing was written, and nothing may be acknowledged.
        """
        changes = self._take_deletions()
        for number, (transaction, raw) in enumerate(transactions, self._next):
            changes.append((TABLE.name, transaction, encode_number(number) + raw))
        self._store.commit(changes)
        self._next += len(transactions)

    def forget(self, transactions: Iterable[bytes]) -> None:
        """Delete by hash what was executed or dropped, with the next write or when enough wait."""
        self._deletions.update(dict.fromkeys(transactions))
        if len(self._deletions) >= DELETIONS_MAX:
            self.flush()

    def flush(self) -> None:
        """Write the deletions that wait."""
        changes = self._take_deletions()
        if changes:
            self._store.commit(changes)

    def _take_deletions(self) -> list[Change]:
        # Before the insertions of the same batch: of one key, the last change wins.
        changes: list[Change] = [(TABLE.name, key, None) for key in self._deletions]
        self._deletions.clear()
        return changes
