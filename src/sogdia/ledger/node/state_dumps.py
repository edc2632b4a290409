"""The accounts of a development chain, read page by page and written chunk by chunk.

L1  A page is read on the ledger's thread, so no block comes into the middle of it; a reader of
    several pages compares the epochs that they name.
L2  Each chunk that is written amends an epoch of its own: the cost is that of the rows.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sogdia.ledger.execution.api import Executor
from sogdia.ledger.storage.table import Reader

STATE = "state"  # the core's table: space, address, and for a slot its number
SPACE = b"\x01"  # eSpace
ACCOUNT_BYTES, SLOT_BYTES = 21, 53
PAGE_KEYS = 2_000
PAGE_BYTES = 2 << 20
ROW_SLOTS = 500


class StatePages:
    """Reads the latest state in the order of its keys, as rows of `rpc.dev.state_file`."""

    def __init__(self, store: Reader, executor: Executor) -> None:
        self._store = store
        self._executor = executor

    def page(self, after: bytes) -> tuple[list[dict[str, Any]], bytes | None]:
        """Return rows after the key `after` (empty: from the first), and the key to go on after.

        The key is None at the end.
        """
        start = after + b"\0" if after else SPACE
        keys = [key for key, _ in self._store.range(STATE, start, b"\x02", limit=PAGE_KEYS)]
        rows: list[dict[str, Any]] = []
        size, last = 0, after
        for key in keys:
            size += self._add(rows, key, is_known=last[:ACCOUNT_BYTES] == key[:ACCOUNT_BYTES])
            last = key
            if size >= PAGE_BYTES:
                return rows, last
        return rows, last if len(keys) == PAGE_KEYS else None

    def slots(self, address: bytes) -> dict[int, int]:
        """Return all of an account's storage."""
        start = SPACE + address + bytes(32)
        end = SPACE + address + b"\xff" * 33
        keys = [key for key, _ in self._store.range(STATE, start, end) if len(key) == SLOT_BYTES]
        numbers = [int.from_bytes(key[ACCOUNT_BYTES:]) for key in keys]
        return {number: self._executor.storage_at(address, number) for number in numbers}

    def _add(self, rows: list[dict[str, Any]], key: bytes, *, is_known: bool) -> int:
        """Add the row of an account, or a slot to the last row; return its rough size."""
        address = key[1:ACCOUNT_BYTES]
        size = 0
        if not is_known:
            rows.append(self._account(address))
            size = 150 + len(rows[-1]["code"])
        if len(key) != SLOT_BYTES:
            return size
        name = f"0x{address.hex()}"
        known = rows[-1] if rows else {}
        if known.get("address") != name or len(known.get("storage", range(ROW_SLOTS))) == ROW_SLOTS:
            rows.append({"address": name, "storage": {}})
        slot = int.from_bytes(key[ACCOUNT_BYTES:])
        rows[-1]["storage"][hex(slot)] = hex(self._executor.storage_at(address, slot))
        return size + 100

    def _account(self, address: bytes) -> dict[str, Any]:
        account = self._executor.account(address)
        return {
            "address": f"0x{address.hex()}",
            "nonce": hex(account.nonce),
            "balance": hex(account.balance),
            "code": f"0x{self._executor.code(address).hex()}",
        }


def pieces(data: bytes, size: int = 64 << 10) -> Iterator[bytes]:
    """Yield `data` in pieces."""
    return (data[start : start + size] for start in range(0, len(data), size))


def chunks(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """Yield `rows` in lists of at most `size`."""
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
