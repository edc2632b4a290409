"""Headers of all accepted blocks."""

from collections.abc import Sequence

from sogdia.ledger.storage.table import Change, Reader, Table

TABLE = Table(
    name="headers",
    key="block hash, 32 bytes",
    value="the header's RLP",
    writer="consensus.pipeline, in the batch that accepts the block",
)


class Headers:
    """Reads of the table."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def find(self, block: bytes) -> bytes | None:
        """Return the RLP of a block's header, or `None`."""
        return self._store.get(TABLE.name, block)

    def find_many(self, blocks: Sequence[bytes]) -> list[bytes | None]:
        """Return the RLP of several headers, in the order of `blocks`."""
        return self._store.get_many(TABLE.name, blocks)


def put(block: bytes, header: bytes) -> Change:
    """Return the change that stores `header` (RLP) under its hash."""
    return TABLE.name, block, header


def delete(block: bytes) -> Change:
    """Return the change that prunes a header."""
    return TABLE.name, block, None
