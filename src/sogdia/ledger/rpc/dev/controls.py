"""What a development chain lets its user decide: when blocks are made, and what time it is."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sogdia.ledger.execution.api import AccountOverride


class DevelopmentControls(Protocol):
    """The node's side; every call is made on the loop. Times are Unix seconds."""

    @property
    def is_automining(self) -> bool:
        """Whether a block is made as soon as something is ready."""

    async def set_automine(self, *, is_on: bool) -> None:
        """Make blocks as soon as something is ready, or only when asked."""

    async def set_interval(self, seconds: float) -> None:
        """Make a block every so many seconds; 0 stops that."""

    async def mine(self, count: int, interval_s: int) -> None:
        """Make `count` blocks now, empty ones too, `interval_s` apart on the chain's own clock."""

    def increase_time(self, seconds: int) -> int:
        """Move the chain's clock ahead; return how far it is ahead of the machine's in all."""

    def set_next_timestamp(self, timestamp: int) -> None:
        """Give the next block this time; the clock goes on from there.

        Raises:
            ValueError: it lies before the last block.
        """

    def set_time(self, timestamp: int) -> int:
        """Set the chain's clock; return how far it is ahead of the machine's."""

    async def snapshot(self) -> int:
        """Remember the chain as it is; return the snapshot's number."""

    def snapshot_epochs(self) -> Mapping[int, int]:
        """Return the epoch of each snapshot that can be returned to, by its number."""

    async def revert(self, number: int) -> bool:
        """Return to a snapshot; False if there is none of this number.

        Raises:
            ValueError: it is out of reach; nothing was changed.
        """

    async def reset(self) -> None:
        """Return to genesis, with an empty pool; raises as `revert`."""

    async def edit(self, accounts: Mapping[bytes, AccountOverride]) -> None:
        """Change accounts of the latest state."""

    async def drop(self, hashes: Sequence[bytes]) -> bool:
        """Take transactions out of the pool; return whether any waited."""

    def set_coinbase(self, author: bytes) -> None:
        """Name the author of the blocks that come."""
