"""The order in which this node accepted its blocks.

A1  A block comes after its parent and its referees, so that reading in order rebuilds the graph.
A2  Numbers grow by one and are never used twice.
"""

from sogdia.ledger.storage.table import Change, Reader, Table, decode_number, encode_number

TABLE = Table(
    name="arrivals",
    key="number of arrival, 8 bytes big-endian",
    value="block hash, 32 bytes",
    writer="consensus.pipeline, in the batch that accepts the block",
)

PAGE_ROWS = 4_096  # rows per read of a scan: 160 KiB, a few milliseconds without the GIL


class Arrivals:
    """Reads of the table."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def next_number(self) -> int:
        """Return the number that the next block to arrive gets."""
        last = self._store.range(TABLE.name, reverse=True, limit=1)
        return decode_number(last[0][0]) + 1 if last else 0

    def page(self, start: int) -> list[tuple[int, bytes]]:
        """Return (number, block hash) from `start` on: at most a page, empty at the end."""
        rows = self._store.range(TABLE.name, encode_number(start), limit=PAGE_ROWS)
        return [(decode_number(key), block) for key, block in rows]


def put(number: int, block: bytes) -> Change:
    """Return the change that records the arrival of a block."""
    return TABLE.name, encode_number(number), block


def delete(number: int) -> Change:
    """Return the change that prunes an arrival."""
    return TABLE.name, encode_number(number), None
