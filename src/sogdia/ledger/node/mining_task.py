"""Mining as a task of the node: the miner on the loop, its writing side on the ledger's thread."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sogdia.ledger.execution.driver import Advance
from sogdia.ledger.mining.builder import BlockBuilder, BlockChoices
from sogdia.ledger.mining.miner import Miner, MiningMode
from sogdia.ledger.mining.search import WorkSearch
from sogdia.ledger.node.config import Config
from sogdia.ledger.node.loop_calls import from_any_thread
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction

# A development chain's rewards go to nobody: the accounts that tools count on keep their balances.
NOBODY = bytes(20)


class LedgerWriter:
    """`sogdia.ledger.mining.miner.Writer` on the ledger's thread."""

    def __init__(self, parts: Parts, builder: BlockBuilder, thread: ThreadPoolExecutor) -> None:
        self._ledger = parts.ledger
        self._builder = builder
        self._thread = thread

    async def build(self) -> Block | None:
        """Build the next block without its work."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._builder.build)

    async def submit(self, block: Block) -> None:
        """Put a solved block into the graph, and execute what follows from it."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._ledger.submit, block)


class MiningTask:
    """The running miner of a node."""

    def __init__(
        self,
        config: Config,
        parts: Parts,
        thread: ThreadPoolExecutor,
        fail: Callable[[BaseException], None],
        clock: Callable[[], int],
    ) -> None:
        """`fail` stops the node: a miner that meets a defect would meet it again."""
        self._fail = fail
        self._search = WorkSearch(lambda: secrets.randbits(256), config["mining.hash_rate"])
        author = config["mining.author"]
        self._builder = BlockBuilder(
            parts.params.consensus,
            parts.consensus,
            parts.pool,
            author=NOBODY if author is None else bytes.fromhex(author[2:]),
            clock=clock,
        )
        self._ledger = parts.ledger
        self._ledger_writer = LedgerWriter(parts, self._builder, thread)
        self._is_more_coming: Callable[[], bool] = lambda: False
        self.interval_s: float = config["mining.block_time_s"]
        self.mode = MiningMode(config["mining.mode"])
        self.miner = self._build_miner()
        call_soon = from_any_thread(asyncio.get_running_loop())

        def on_pool(_: Sequence[Transaction]) -> None:
            # A miner that is awake already looks into the pool after this.
            if not self.miner.is_awake:
                call_soon(self.miner.on_pool)

        self._unsubscribe = parts.pool.subscribe(on_pool)

        def on_tip(_: Advance) -> None:
            if self.mode is MiningMode.WORK:
                call_soon(self.miner.on_tip)

        parts.ledger.listeners.append(on_tip)
        # What the pool took back from its journal arrived before anybody listened.
        self.miner.on_pool()
        self._run()

    def _build_miner(self) -> Miner:
        return Miner(
            self._ledger_writer,
            self._search,
            self.mode,
            interval_s=self.interval_s,
            is_more_coming=self._ask_for_more,
        )

    def wait_while(self, is_more_coming: Callable[[], bool]) -> None:
        """Let blocks wait a little for what `is_more_coming` says is on its way into the pool."""
        self._is_more_coming = is_more_coming

    def _ask_for_more(self) -> bool:
        return self._is_more_coming()

    def _run(self) -> None:
        self._task = asyncio.create_task(self.miner.run(), name="miner")
        self._task.add_done_callback(self._on_end)

    async def set_mode(self, mode: MiningMode, *, interval_s: float | None = None) -> None:
        """Make blocks in another mode from now on; one that is being made is made."""
        async with self.miner.idle():
            await self._end_task()
        self.mode = mode
        if interval_s is not None:
            self.interval_s = interval_s
        self.miner = self._build_miner()
        self.miner.on_pool()
        self._run()

    @property
    def choices(self) -> BlockChoices:
        """What the blocks to come carry; changed in place, while no block is made."""
        return self._builder.choices

    def make_now(self) -> None:
        """Make a block that any nonce solves. On the ledger's thread, while the miner is idle."""
        block = self._builder.build()
        if block is not None:
            self._ledger.submit(self._search.solve_freely(block))

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Make no block while the context is open, then go on as before."""
        async with self.miner.idle():
            yield
        self.miner.on_pool()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def stop(self) -> None:
        """End mining; a block that is being submitted is submitted."""
        self._unsubscribe()
        await self._end_task()
        self._search.close()

    async def _end_task(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
