"""What a development chain lets its user decide: when blocks are made, and what time it is."""

from typing import Protocol


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
