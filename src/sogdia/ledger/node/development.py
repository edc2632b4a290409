"""What a development chain's user decides: when blocks are made, and what time it is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.mining.miner import MiningMode
from sogdia.ledger.node.chain_clock import ChainClock
from sogdia.ledger.node.mining_task import MiningTask
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.snapshots import Snapshots

OnWriter = Callable[[Callable[[], Any]], Awaitable[Any]]


class Development:
    """`sogdia.ledger.rpc.dev.controls.DevelopmentControls` of a running node."""

    def __init__(
        self, clock: ChainClock, mining: MiningTask, parts: Parts, on_writer: OnWriter
    ) -> None:
        """`on_writer` runs work on the ledger's thread."""
        self._clock = clock
        self._mining = mining
        self._parts = parts
        self._consensus = parts.consensus
        self._snapshots = Snapshots(parts, clock)
        self._on_writer = on_writer

    @property
    def is_automining(self) -> bool:
        """Whether a block is made as soon as something is ready."""
        return self._mining.mode is MiningMode.INSTANT

    async def set_automine(self, *, is_on: bool) -> None:
        """Make blocks as soon as something is ready, or only when asked."""
        await self._mining.set_mode(MiningMode.INSTANT if is_on else MiningMode.OFF)

    async def set_interval(self, seconds: float) -> None:
        """Make a block every so many seconds; 0 stops that."""
        if seconds > 0:
            await self._mining.set_mode(MiningMode.INTERVAL, interval_s=seconds)
        elif self._mining.mode is MiningMode.INTERVAL:
            await self._mining.set_mode(MiningMode.OFF)

    async def mine(self, count: int, interval_s: int) -> None:
        """Make `count` blocks now, `interval_s` apart on the chain's own clock."""
        for number in range(count):
            if number and interval_s:
                self._clock.advance(interval_s)
            await self._mining.miner.mine()

    def increase_time(self, seconds: int) -> int:
        """Move the chain's clock ahead; return how far it is ahead in all."""
        self._clock.advance(seconds)
        return self._clock.ahead_s

    def set_next_timestamp(self, timestamp: int) -> None:
        """Give the next block this time."""
        last = self._consensus.header(self._consensus.best_block()).timestamp
        if timestamp < last:
            raise ValueError(f"timestamp {timestamp} lies before the last block's, {last}")
        self._clock.hold(timestamp)

    def set_time(self, timestamp: int) -> int:
        """Set the chain's clock; return how far it is ahead of the machine's."""
        self._clock.set(timestamp)
        return self._clock.ahead_s

    async def snapshot(self) -> int:
        """Remember the chain as it is; return the snapshot's number."""
        async with self._mining.paused():
            number: int = await self._on_writer(self._snapshots.take)
            return number

    def snapshot_epochs(self) -> dict[int, int]:
        """Return the epoch of each snapshot, by its number."""
        return self._snapshots.epochs()

    async def revert(self, number: int) -> bool:
        """Return to a snapshot; False if there is none of this number."""
        async with self._mining.paused():
            found: bool = await self._on_writer(lambda: self._snapshots.revert(number))
            return found

    async def reset(self) -> None:
        """Return to genesis, with an empty pool; forget snapshots."""
        async with self._mining.paused():
            await self._on_writer(self._snapshots.reset)

    async def edit(self, accounts: Mapping[bytes, AccountOverride]) -> None:
        """Change accounts of the latest state; after genesis a block is made first."""
        if self._parts.executor.head()[0] == 0:
            await self._mining.miner.mine()
        async with self._mining.paused():
            await self._on_writer(lambda: self._snapshots.edit(accounts))

    async def drop(self, hashes: Sequence[bytes]) -> bool:
        """Take transactions out of the pool; return whether any waited."""
        async with self._mining.paused():
            return bool(await self._on_writer(lambda: self._parts.pool.drop(hashes)))

    def set_coinbase(self, author: bytes) -> None:
        """Name the author of the blocks that come."""
        self._mining.set_author(author)
