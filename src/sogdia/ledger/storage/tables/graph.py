"""What consensus concluded about the blocks of the graph: the graph is rebuilt from it at start.

G1  A block is here as long as it is in the future of the era genesis, or is it.
G2  Reading in order of arrival gives a block after everything it refers to.
"""

from collections.abc import Iterator

from sogdia.ledger.storage.table import Change, Reader, Table, decode_number, encode_number

TABLE = Table(
    name="graph",
    key="number of arrival, 8 bytes big-endian",
    value="what the graph needs of the header, and the verdict (consensus/stores/graph_rows.py)",
    writer="consensus.pipeline, in the batch that accepts the block or changes its verdict",
)

PAGE_ROWS = 4_096  # rows per read of a scan: about 1 MiB


class Graph:
    """Reads of the table."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """Yield (number of arrival, row) of all blocks in order."""
        start = 0
        while page := self._store.range(TABLE.name, encode_number(start), limit=PAGE_ROWS):
            for key, row in page:
                yield decode_number(key), row
            start = decode_number(page[-1][0]) + 1


def put(number: int, row: bytes) -> Change:
    """Return the change that writes the row of the block that arrived as `number`."""
    return TABLE.name, encode_number(number), row


def delete(number: int) -> Change:
    """Return the change that forgets a block."""
    return TABLE.name, encode_number(number), None
