"""What a development chain's user decides: when blocks are made, and what time it is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.mining.miner import MiningMode
from sogdia.ledger.node.chain_clock import ChainClock
from sogdia.ledger.node.chosen_blocks import ChosenBlocks
from sogdia.ledger.node.mining_task import MiningTask
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.snapshots import Snapshots
from sogdia.ledger.node.state_dumps import chunks, pieces
from sogdia.ledger.primitives.transaction import Transaction, decode_own
from sogdia.ledger.rpc.dev.controls import Fill, StatePage
from sogdia.ledger.rpc.dev.state_file import StateWriter, merge_rows, read_state, read_whole

# Rows that amend one epoch: its change record is read and written again by each amendment.
CHUNK_ROWS = 5_000
# Blocks that are made in one turn of the ledger's thread: some 20 ms, in which others wait for it.
TURN_BLOCKS = 50

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
        self._chosen = ChosenBlocks(parts, clock, mining.choices)
        self._on_writer = on_writer

    @property
    def is_automining(self) -> bool:
        """Whether a block is made as soon as something is ready."""
        return self._mining.mode is MiningMode.INSTANT

    async def set_automine(self, *, is_on: bool) -> None:
        """Make blocks as soon as something is ready, or only when asked."""
        await self._mining.set_mode(MiningMode.INSTANT if is_on else MiningMode.OFF)

    @property
    def interval_s(self) -> float | None:
        """Seconds between two blocks that are made by the clock, if they are."""
        is_timed = self._mining.mode is MiningMode.INTERVAL
        return self._mining.interval_s if is_timed else None

    async def settle(self, hash: bytes) -> None:
        """Wait until a transaction that the pool has is executed, if a block is made of it now."""
        executor = self._parts.executor
        await self._mining.miner.settle(lambda: executor.locate(hash) is not None)

    async def set_interval(self, seconds: float) -> None:
        """Make a block every so many seconds; 0 stops that."""
        if seconds > 0:
            await self._mining.set_mode(MiningMode.INTERVAL, interval_s=seconds)
        elif self._mining.mode is MiningMode.INTERVAL:
            await self._mining.set_mode(MiningMode.OFF)

    async def mine(self, count: int, interval_s: int) -> None:
        """Make `count` blocks now, `interval_s` apart on the chain's own clock."""
        for first in range(0, count, TURN_BLOCKS):
            numbers = range(first, min(first + TURN_BLOCKS, count))
            async with self._mining.miner.idle():
                await self._on_writer(partial(self._make, numbers, interval_s))

    def _make(self, numbers: range, interval_s: int) -> None:
        for number in numbers:
            if number and interval_s:
                self._clock.advance(interval_s)
            self._mining.make_now()

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
            self._chosen.forget()

    async def take_back(self, epochs: int) -> None:
        """Return to what the chain was so many epochs ago; raises as `revert`."""
        async with self._mining.paused():
            await self._on_writer(lambda: self._snapshots.take_back(epochs))

    async def reorganise(self, epochs: int, fill: Fill) -> None:
        """Take epochs back and make others; see `DevelopmentControls.reorganise`."""
        async with self._mining.paused():
            waiting = await self._on_writer(lambda: self._begin_branch(epochs))
            made = 0
            try:
                for index in range(epochs):
                    raws = await fill(index)
                    await self._on_writer(partial(self._make_of, raws))
                    made += 1
            finally:
                # The new branch is as long as the old one, whatever became of its contents.
                await self._on_writer(lambda: self._end_branch(epochs - made, waiting))

    def _begin_branch(self, epochs: int) -> Sequence[Transaction]:
        """Take epochs back; empty the pool and return what waited in it."""
        executor, pool = self._parts.executor, self._parts.pool
        lowest = executor.head()[0] - epochs + 1
        first = executor.epoch(lowest) if epochs and lowest > 0 else None
        self._snapshots.take_back(epochs)
        if first is not None and self._clock() <= first.timestamp:
            # Else an empty block made in the same second would be the very one that was taken back.
            self._clock.hold(first.timestamp + 1)
        ready, queued = pool.content()
        pool.drop([each.hash for each in (*ready, *queued)])
        return (*ready, *queued)

    def _end_branch(self, missing: int, waiting: Sequence[Transaction]) -> None:
        for _ in range(missing):
            self._mining.make_now()
        self._parts.pool.restore(waiting)

    def _make_of(self, raws: Sequence[bytes]) -> None:
        decoded = decode_own(raws, self._parts.params.chain_id)
        self._parts.pool.restore(each for each in decoded if isinstance(each, Transaction))
        self._mining.make_now()

    async def edit(self, accounts: Mapping[bytes, AccountOverride]) -> None:
        """Change accounts of the latest state; after genesis a block is made first."""
        if self._parts.executor.head()[0] == 0:
            await self._mining.miner.mine()
        async with self._mining.paused():
            await self._on_writer(lambda: self._snapshots.edit(accounts))

    async def dump_page(self, after: bytes) -> StatePage:
        """Return the rows of the state after a key, or the first ones."""
        page: StatePage = await self._on_writer(lambda: self._page(after))
        return page

    async def dump_state(self, size_max: int) -> bytes | None:
        """Return all accounts as one file; None if it is larger than `size_max`, in bytes."""
        async with self._mining.paused():
            blob: bytes | None = await self._on_writer(lambda: self._dump(size_max))
            return blob

    async def load_state(self, blob: bytes) -> None:
        """Put the accounts of a file in place; see `DevelopmentControls.load_state`."""
        begin = await self._on_writer(lambda: read_whole(blob))
        self._clock.begin_after(begin["timestamp"])
        rows = read_state(pieces(blob))
        next(rows)
        await self.load_rows(rows)

    async def load_rows(self, rows: Iterable[dict[str, Any]]) -> None:
        """Put the accounts of rows in place, each chunk in an epoch of its own."""
        for number, chunk in enumerate(chunks(rows, CHUNK_ROWS)):
            if number:
                await self._mining.miner.mine()
            await self.edit(merge_rows(chunk))

    def _page(self, after: bytes) -> StatePage:
        epoch, pivot = self._parts.executor.head()
        timestamp = self._consensus.header(pivot).timestamp
        return StatePage(epoch, pivot, timestamp, *self._snapshots.pages.page(after))

    def _dump(self, size_max: int) -> bytes | None:
        page = self._page(b"")
        writer = StateWriter()
        blob = writer.begin(
            chain_id=self._parts.params.chain_id, epoch=page.epoch, timestamp=page.timestamp
        )
        blob += writer.write(page.rows)
        while page.following is not None and len(blob) <= size_max:
            page = self._page(page.following)
            blob += writer.write(page.rows)
        blob += writer.end()
        return blob if len(blob) <= size_max else None

    async def drop(self, hashes: Sequence[bytes]) -> bool:
        """Take transactions out of the pool; return whether any waited."""
        async with self._mining.paused():
            return bool(await self._on_writer(lambda: self._parts.pool.drop(hashes)))

    async def drop_all(self, sender: bytes | None) -> None:
        """Empty the pool, or take one sender's transactions out of it."""

        def drop() -> None:
            ready, queued = self._parts.pool.content(sender)
            self._parts.pool.drop([each.hash for each in (*ready, *queued)])

        async with self._mining.paused():
            await self._on_writer(drop)

    @property
    def chosen_base_price(self) -> int | None:
        """The next block's base price, drip per gas, if it was chosen."""
        return self._chosen.base_price

    @property
    def author(self) -> bytes:
        """Whose name the blocks to come carry."""
        return self._mining.choices.author

    async def choose(self, name: str, value: Any) -> None:
        """Choose for the blocks to come: see `DevelopmentControls.choose`."""
        chosen = self._chosen
        setters: dict[str, Callable[[Any], None]] = {
            "author": chosen.set_author,
            "gas_limit": chosen.set_gas_limit,
            "base_price": chosen.set_base_price,
            "prev_randao": chosen.set_prev_randao,
            "step_s": chosen.set_step,
        }
        async with self._mining.paused():
            await self._on_writer(lambda: setters[name](value))
