"""The epochs up to the checkpoint: what the graph has forgotten and nobody questions any more.

A node that was off for longer than an era, or that is new, catches up from its own checkpoint and
asks for them by number.

Z1  An epoch is written once, when the checkpoint passes it, and never changes.
"""

from collections.abc import Sequence

from sogdia.ledger.storage.table import Change, Reader, Table, decode_number, encode_number

HASH_SIZE_BYTES = 32

EPOCHS = Table(
    name="settled_epochs",
    key="number of the epoch, 8 bytes big-endian",
    value="hashes of all its blocks in their order, 32 bytes each, the pivot block last",
    writer="consensus.pipeline, in the batch that moves the checkpoint",
)

BLOCKS = Table(
    name="settled_blocks",
    key="block hash, 32 bytes",
    value="number of its epoch, 8 bytes big-endian",
    writer="consensus.pipeline, in the batch that moves the checkpoint",
)


class SettledEpochs:
    """Reads of both tables."""

    def __init__(self, store: Reader) -> None:
        self._store = store

    def epoch(self, number: int) -> tuple[bytes, ...]:
        """Return the blocks of an epoch in their order, none when it is not settled."""
        row = self._store.get(EPOCHS.name, encode_number(number)) or b""
        return tuple(
            row[place : place + HASH_SIZE_BYTES] for place in range(0, len(row), HASH_SIZE_BYTES)
        )

    def number_of(self, block: bytes) -> int | None:
        """Return the number of the settled epoch that a block is in, or `None`."""
        row = self._store.get(BLOCKS.name, block)
        return None if row is None else decode_number(row)


def put(number: int, blocks: Sequence[bytes]) -> list[Change]:
    """Return the changes that settle an epoch."""
    key = encode_number(number)
    return [(EPOCHS.name, key, b"".join(blocks)), *((BLOCKS.name, block, key) for block in blocks)]
