"""Transactions of all accepted blocks, in rows of 32: the only place where their bytes are kept.

B1  A block's rows are written in one batch, which is the one that accepts it; an epoch executed
    without that (as the suites do) brings its own.
B2  A receipt names its block and its place there (`evm/kept.rs` in the core), and reading one
    transaction reads its row, not the block: a block of 200 KiB would be 40 times as much.
"""

from collections.abc import Iterator, Sequence

from sogdia.ledger.primitives.rlp import encode, frame_list
from sogdia.ledger.storage.table import Change, Reader, Table

TABLE = Table(
    name="bodies",
    key="block hash, 32 bytes; from the second row on with the row's number, 2 bytes big-endian",
    value="RLP strings, the signed transactions as they were sent; in the first row after the "
    "number of rows, 2 bytes big-endian",
    writer="consensus.pipeline, in the batch that accepts the block; the core, if nobody did",
)

ROW_TRANSACTIONS = 32  # as in the core's `evm/body.rs`; about 4 KB of transfers
_COUNT_BYTES = 2


class Bodies:
    """Reads of the table."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def find(self, block: bytes) -> bytes | None:
        """Return a block's transactions as one RLP list, or `None` when a row is missing."""
        first = self._store.get(TABLE.name, block)
        if first is None:
            return None
        later = list(_later_keys(block, first))
        rows = [first[_COUNT_BYTES:], *(self._store.get_many(TABLE.name, later) if later else ())]
        whole = [row for row in rows if row is not None]
        return frame_list(b"".join(whole)) if len(whole) == len(rows) else None

    def deletions(self, block: bytes) -> list[Change]:
        """Return the changes that forget a body."""
        first = self._store.get(TABLE.name, block)
        if first is None:
            return []
        return [(TABLE.name, key, None) for key in (block, *_later_keys(block, first))]


def put(block: bytes, transactions: Sequence[bytes]) -> list[Change]:
    """Return the changes that store signed `transactions` under the block's hash."""
    count = max(1, -(-len(transactions) // ROW_TRANSACTIONS))
    first = _strings(transactions[:ROW_TRANSACTIONS])
    rows: list[Change] = [(TABLE.name, block, count.to_bytes(_COUNT_BYTES, "big") + first)]
    for number in range(1, count):
        start = number * ROW_TRANSACTIONS
        row = _strings(transactions[start : start + ROW_TRANSACTIONS])
        rows.append((TABLE.name, _key(block, number), row))
    return rows


def _strings(transactions: Sequence[bytes]) -> bytes:
    return b"".join(map(encode, transactions))


def _later_keys(block: bytes, first: bytes) -> Iterator[bytes]:
    count = int.from_bytes(first[:_COUNT_BYTES], "big")
    return (_key(block, number) for number in range(1, count))


def _key(block: bytes, number: int) -> bytes:
    return block + number.to_bytes(2, "big")
