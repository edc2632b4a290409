"""A store for each simulated node, with what is equal everywhere kept once.

A header or a body is the same bytes at every node, so all nodes share one copy; which of them a
node has is its own. The rows that a node needs only to start again (arrivals, the graph) are
dropped: a simulated node that goes dark keeps its memory, as one does that lost its network.
"""

from collections.abc import Sequence

from sogdia.ledger.storage.table import Change
from sogdia.ledger.storage.tables import arrivals, bodies, graph, headers

_SHARED = frozenset((headers.TABLE.name, bodies.TABLE.name))
_DROPPED = frozenset((arrivals.TABLE.name, graph.TABLE.name))

Archive = dict[tuple[str, bytes], bytes]
"""Headers and bodies of all blocks, by table and hash."""


class NodeStore:
    """What one node has written; the `Writer` of its engine."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._has: set[bytes] = set()
        self._own: dict[tuple[str, bytes], bytes] = {}

    def get(self, table: str, key: bytes) -> bytes | None:
        """Return the value of `key`, or `None`."""
        if table in _SHARED:
            return self._archive[table, key] if key in self._has else None
        return self._own.get((table, key))

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values of `keys`, in their order."""
        return [self.get(table, key) for key in keys]

    def range(
        self,
        table: str,
        start: bytes = b"",
        end: bytes | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[tuple[bytes, bytes]]:
        """Return nothing: only a start reads ranges, and every simulated node begins empty."""
        del start, end, reverse, limit
        assert table in _DROPPED, f"nothing here reads ranges of {table}"
        return []

    def commit(self, rows: Sequence[Change], *, synced: bool = False) -> None:
        """Apply `rows`; a header and its body arrive in one batch."""
        del synced
        for table, key, value in rows:
            if table in _DROPPED:
                continue
            if table not in _SHARED:
                if value is None:
                    self._own.pop((table, key), None)
                else:
                    self._own[table, key] = value
            elif value is None:
                self._has.discard(key)
            else:
                self._archive.setdefault((table, key), value)
                self._has.add(key)
