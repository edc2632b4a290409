"""What a table is, and what reads and writes go through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# (table, key, value or None to delete)
Change = tuple[str, bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the database, and who alone may write it."""

    name: str
    key: str
    value: str
    writer: str


class Reader(Protocol):
    """Reads of the store; each sees the last commit."""

    def get(self, table: str, key: bytes) -> bytes | None:
        """Return the value of `key`, or `None`."""

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values of `keys` at one moment, in their order."""

    def range(
        self,
        table: str,
        start: bytes = b"",
        end: bytes | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[tuple[bytes, bytes]]:
        """Return rows with `start <= key < end` in key order, or backwards."""


class Writer(Reader, Protocol):
    """Reads and writes of the store."""

    def commit(self, rows: Sequence[Change], *, synced: bool = False) -> None:
        """Apply `rows` as one atomic batch, written when this returns, or synced if asked.

        Raises:
            StoreStopped: the write failed; the store takes no more.
        """


def encode_number(number: int) -> bytes:
    """Return the key of a number: 8 bytes that sort as the numbers do."""
    return number.to_bytes(8, "big")


def decode_number(key: bytes) -> int:
    """Return the number of a key made by `encode_number`."""
    return int.from_bytes(key, "big")
