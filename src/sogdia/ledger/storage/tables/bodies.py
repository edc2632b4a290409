"""Transactions of all accepted blocks."""

from sogdia.ledger.storage.table import Change, Reader, Table

TABLE = Table(
    name="bodies",
    key="block hash, 32 bytes",
    value="RLP list of the signed transactions, as they were sent",
    writer="consensus.pipeline, in the batch that accepts the block",
)


class Bodies:
    """Reads of the table."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def find(self, block: bytes) -> bytes | None:
        """Return a block's transactions as one RLP list, or `None`."""
        return self._store.get(TABLE.name, block)


def put(block: bytes, body: bytes) -> Change:
    """Return the change that stores `body` (RLP) under the block's hash."""
    return TABLE.name, block, body


def delete(block: bytes) -> Change:
    """Return the change that prunes a body."""
    return TABLE.name, block, None
