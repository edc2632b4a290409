"""Single facts that parts of the node remember over a restart, by name."""

from sogdia.ledger.storage.table import Change, Reader, Table

TABLE = Table(
    name="progress",
    key="name of the fact, as text: `part.fact`",
    value="as the part defines it",
    writer="the part that the name begins with",
)


class Progress:
    """Reads of the table."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def find(self, name: str) -> bytes | None:
        """Return the fact called `name`, or `None`."""
        return self._store.get(TABLE.name, name.encode())


def put(name: str, value: bytes) -> Change:
    """Return the change that records the fact called `name`."""
    return TABLE.name, name.encode(), value
