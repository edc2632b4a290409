"""What a development chain lets its user decide: when blocks are made, and what time it is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sogdia.ledger.execution.api import AccountOverride


@dataclass(frozen=True, slots=True)
class StatePage:
    """Some rows of the latest state, and the epoch they are of; `following` is None at the end."""

    epoch: int
    pivot: bytes
    timestamp: int
    rows: list[dict[str, Any]]
    following: bytes | None


# Number of one of the epochs to come, from 0 -> the bytes of its transactions.
Fill = Callable[[int], Awaitable[Sequence[bytes]]]


class DevelopmentControls(Protocol):
    """The node's side; every call is made on the loop. Times are Unix seconds."""

    @property
    def is_automining(self) -> bool:
        """Whether a block is made as soon as something is ready."""

    async def set_automine(self, *, is_on: bool) -> None:
        """Make blocks as soon as something is ready, or only when asked."""

    async def settle(self, hash: bytes) -> None:
        """Wait until a transaction that the pool has is executed, if a block is made of it now."""

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

    async def take_back(self, epochs: int) -> None:
        """Return to what the chain was so many epochs ago; raises as `revert`."""

    async def reorganise(self, epochs: int, fill: Fill) -> None:
        """Take so many epochs back and make as many others, each of what `fill` gives for it.

        Raises:
            ValueError: as `take_back`.
            Exception: what `fill` raised; the epochs from there on are empty.
        """

    async def edit(self, accounts: Mapping[bytes, AccountOverride]) -> None:
        """Change accounts of the latest state."""

    async def dump_page(self, after: bytes) -> StatePage:
        """Return the rows of the state after a key that an earlier page named, or the first."""

    async def dump_state(self, size_max: int) -> bytes | None:
        """Return all accounts as one file; None if it is larger than `size_max`, in bytes."""

    async def load_state(self, blob: bytes) -> None:
        """Put the accounts of a file in place of those of the same addresses.

        Raises:
            BadStateFile: nothing was changed.
        """

    async def load_rows(self, rows: Iterable[dict[str, Any]]) -> None:
        """Put the accounts of rows that were judged before in place; raises nothing of its own."""

    async def drop(self, hashes: Sequence[bytes]) -> bool:
        """Take transactions out of the pool; return whether any waited."""

    async def drop_all(self, sender: bytes | None) -> None:
        """Empty the pool, or take one sender's transactions out of it."""

    @property
    def interval_s(self) -> float | None:
        """Seconds between two blocks that are made by the clock, if they are."""

    @property
    def chosen_base_price(self) -> int | None:
        """The next block's base price, drip per gas, if it was chosen."""

    @property
    def author(self) -> bytes:
        """Whose name the blocks to come carry."""

    async def choose(self, name: str, value: Any) -> None:
        """Choose for the blocks to come, by name.

        For one block: `base_price` (drip per gas), `prev_randao` (32 bytes). Until it is changed:
        `author` (address), `gas_limit`, `step_s` (seconds between two timestamps, or None).
        """
