"""When a block is made.

| mode | a block is made |
|---|---|
| `instant` | as soon as the pool holds something that can be packed; under load every 60 ms |
| `interval` | every `interval_s` seconds, empty or not |
| `work` | when its work is found; the block is renewed when the pivot tip moves or it is stale |
| `off` | never by itself, only by `mine` |
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import Enum
from typing import Protocol

from sogdia.ledger.mining.search import WorkSearch
from sogdia.ledger.primitives.block import Block

# A block that has been worked on for so long is built again, so that what came into the pool
# meanwhile gets in: two of the target intervals of half a second.
STALE_AFTER_S = 1.0
# While the state that a block must commit to is not executed, there is nothing to build.
RETRY_S = 0.05
# Making a block costs as much as admitting a dozen transactions. One that held several says that
# several are sent at once: the next waits for more of them while they come, up to `GATHER_S`. A
# caller that sends one after the other never waits.
GATHER_S = 0.06
QUIET_S = 0.01


class MiningMode(Enum):
    """When a block is made."""

    INSTANT = "instant"
    INTERVAL = "interval"
    WORK = "work"
    OFF = "off"


class Writer(Protocol):
    """The node's writing side; both calls run on its one thread."""

    async def build(self) -> Block | None:
        """Build the next block without its work; None while it cannot be built."""

    async def submit(self, block: Block) -> None:
        """Put a solved block into the graph."""


class Miner:
    """Makes blocks in one mode until it is cancelled."""

    def __init__(
        self,
        writer: Writer,
        search: WorkSearch,
        mode: MiningMode,
        *,
        interval_s: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        is_more_coming: Callable[[], bool] = lambda: False,
    ) -> None:
        """`interval_s` is for mode `interval`; `sleep` may be a simulation's.

        `is_more_coming` tells whether transactions are on their way into the pool.

        Raises:
            ValueError: the interval is not positive.
        """
        if interval_s <= 0:
            raise ValueError(f"interval_s is {interval_s}; it must be positive")
        self._writer = writer
        self._search = search
        self._mode = mode
        self._interval_s = interval_s
        self._sleep = sleep
        self._is_more_coming = is_more_coming
        self._wake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        # In mode `instant`: nothing that waits can be packed; and the end of what is done now.
        self._is_at_rest = False
        self._turn = asyncio.Event()

    def on_pool(self) -> None:
        """Say that the pool may hold something to pack. Call it on the loop's thread."""
        self._is_at_rest = False
        self._wake.set()

    @property
    def is_awake(self) -> bool:
        """Whether it was told of the pool and has not looked yet. Any thread may ask."""
        return self._wake.is_set()

    async def settle(self, is_done: Callable[[], bool]) -> None:
        """In mode `instant`, wait until `is_done`, or until nothing that waits can be packed."""
        while self._mode is MiningMode.INSTANT and not (self._is_at_rest or is_done()):
            await self._turn.wait()

    def on_tip(self) -> None:
        """Say that the pivot tip moved: what is worked on is old."""
        if self._mode is MiningMode.WORK:
            self._search.interrupt()

    async def mine(self, *, allow_empty: bool = True) -> Block | None:
        """Make one block now, in any mode; return it.

        None: there was nothing to pack and `allow_empty` is false, the block cannot be built yet,
        or its work was interrupted.
        """
        async with self._one_at_a_time:
            block = await self._writer.build()
            if block is None or not (block.transactions or allow_empty):
                return None
            return await self._solve_and_submit(block)

    @contextlib.asynccontextmanager
    async def idle(self) -> AsyncIterator[None]:
        """Make no block while the context is open; the one being made is made first."""
        async with self._one_at_a_time:
            yield

    async def run(self) -> None:
        """Make blocks until cancelled."""
        if self._mode is MiningMode.INSTANT:
            try:
                await self._run_instant()
            finally:
                self._end_turn(is_at_rest=True)
        elif self._mode is MiningMode.INTERVAL:
            await self._run_interval()
        elif self._mode is MiningMode.WORK:
            await self._run_work()

    async def _run_instant(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (block := await self.mine(allow_empty=False)) is not None:
                self._end_turn(is_at_rest=False)
                if len(block.transactions) > 1:
                    await self._gather()
            self._end_turn(is_at_rest=not self._wake.is_set())

    async def _gather(self) -> None:
        """Wait for more to pack, until nothing came for `QUIET_S`; no longer than `GATHER_S`."""
        for _ in range(round(GATHER_S / QUIET_S)):
            self._wake.clear()
            await self._sleep(QUIET_S)
            if not (self._wake.is_set() or self._is_more_coming()):
                return

    def _end_turn(self, *, is_at_rest: bool) -> None:
        self._is_at_rest = is_at_rest
        ended, self._turn = self._turn, asyncio.Event()
        ended.set()

    async def _run_interval(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._interval_s
        while True:
            await self._sleep(max(0.0, due - loop.time()))
            await self.mine()
            # A slow block does not shift the beat; a pause of the machine is not made up for.
            due = max(due + self._interval_s, loop.time())

    async def _run_work(self) -> None:
        while True:
            async with self._one_at_a_time:
                block = await self._writer.build()
                if block is not None:
                    await self._solve_and_submit(block)
            if block is None:
                await self._sleep(RETRY_S)

    async def _solve_and_submit(self, block: Block) -> Block | None:
        renewal = asyncio.create_task(self._renew())
        try:
            solved = await self._search.solve(block)
        except asyncio.CancelledError:
            self._search.interrupt()
            raise
        finally:
            renewal.cancel()
        if solved is not None:
            await self._writer.submit(solved)
        return solved

    async def _renew(self) -> None:
        """End a search that has become stale; only mode `work` builds again by itself."""
        if self._mode is MiningMode.WORK:
            await self._sleep(STALE_AFTER_S)
            self._search.interrupt()
