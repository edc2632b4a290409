"""Blocks that came lately, with the senders that were recovered when they came.

Reading a block from the store means decoding it and recovering every sender again, forty
microseconds each; an epoch is executed milliseconds after its blocks arrive.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from sogdia.ledger.primitives.block import Block

# Transactions kept at most: at about 1 KiB each, 32 MiB. Blocks count as one more each.
WEIGHT_MAX = 32_768


class RecentBlocks:
    """A bounded cache in front of `find`; any thread may ask."""

    def __init__(self, find: Callable[[bytes], Block], weight_max: int = WEIGHT_MAX) -> None:
        self._find = find
        self._blocks: OrderedDict[bytes, Block] = OrderedDict()
        self._weight = 0
        self._weight_max = weight_max
        self._lock = Lock()

    def keep(self, block: Block) -> None:
        """Remember `block`; the oldest make room."""
        with self._lock:
            if block.hash in self._blocks:
                return
            self._blocks[block.hash] = block
            self._weight += 1 + len(block.transactions)
            while self._weight > self._weight_max and len(self._blocks) > 1:
                _, oldest = self._blocks.popitem(last=False)
                self._weight -= 1 + len(oldest.transactions)

    def __call__(self, block_hash: bytes) -> Block:
        """Return the block, from the store if it is not here.

        Raises:
            UnknownBlock: as `find`.
        """
        with self._lock:
            block = self._blocks.get(block_hash)
        return block if block is not None else self._find(block_hash)
