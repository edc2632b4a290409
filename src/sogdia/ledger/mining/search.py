"""Looking for a nonce on a thread of its own, in the core, until it is found or useless.

S1  With a limit, what is tried in any time is at most what the limit allows for that time, half a
    second and a slice more, however often a search is interrupted and begun again.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.work import StopFlag, search_work

NONCE_LIMIT = 1 << 256
ATTEMPTS_MAX = (1 << 64) - 1  # what one call of the core takes: more than a core does in a lifetime
# A limited search tries a slice, then rests: a tenth of the target interval of half a second, so
# that a limit hardly changes when blocks come.
SLICE_S = 0.05
# What a busy loop missed is made up for, up to this: a node with more to do must not mine less.
MADE_UP_S = 0.5


class WorkSearch:
    """Solves one block at a time, with at most `hash_rate` nonces a second."""

    def __init__(self, random_nonce: Callable[[], int], hash_rate: float | None = None) -> None:
        """`random_nonce` gives the first nonce to try, from 0 to 2^256 - 1."""
        self._random_nonce = random_nonce
        self._hash_rate = hash_rate
        self._rested_at = 0.0  # on the loop's clock: when the next slice may begin
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="work")
        self._stop = StopFlag()
        self._interrupted = asyncio.Event()

    async def solve(self, block: Block) -> Block | None:
        """Return `block` with a nonce that meets its difficulty; None if it was interrupted."""
        header = block.header
        # A random start: two nodes with the same template must not find the same block.
        start = self._random_nonce() % NONCE_LIMIT
        if header.difficulty <= 1:
            return _with_nonce(block, start)
        self._stop = StopFlag()
        self._interrupted.clear()
        if self._hash_rate is None:
            nonce = await self._search(block, start, ATTEMPTS_MAX)
        else:
            nonce = await self._search_slowly(block, start, self._hash_rate)
        return None if nonce is None else _with_nonce(block, nonce)

    def solve_freely(self, block: Block) -> Block:
        """Return `block` with a nonce, where any meets its difficulty: on a development chain."""
        if block.header.difficulty > 1:
            raise ValueError(f"difficulty {block.header.difficulty} needs work: use solve")
        return _with_nonce(block, self._random_nonce() % NONCE_LIMIT)

    async def _search(self, block: Block, start: int, attempts: int) -> int | None:
        header = block.header
        return await asyncio.get_running_loop().run_in_executor(
            self._thread,
            search_work,
            header.problem_hash,
            header.difficulty,
            start,
            attempts,
            self._stop,
        )

    async def _search_slowly(self, block: Block, start: int, hash_rate: float) -> int | None:
        loop = asyncio.get_running_loop()
        attempts = max(1, round(hash_rate * SLICE_S))
        while not await self._rest_until(self._rested_at):
            begun = max(self._rested_at, loop.time() - MADE_UP_S)
            nonce = await self._search(block, start, attempts)
            tried = attempts if nonce is None else (nonce - start) % NONCE_LIMIT + 1
            self._rested_at = begun + tried / hash_rate
            if nonce is not None:
                return nonce
            start = (start + attempts) % NONCE_LIMIT
        return None

    async def _rest_until(self, moment: float) -> bool:
        """Wait for `moment`; return whether the search was interrupted."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(moment):
                await self._interrupted.wait()
        return self._interrupted.is_set()

    def interrupt(self) -> None:
        """End the search that runs, if one does: something better to work on has come."""
        self._stop.set()
        self._interrupted.set()

    def close(self) -> None:
        """End the search and the thread."""
        self.interrupt()
        self._thread.shutdown(wait=True)


def _with_nonce(block: Block, nonce: int) -> Block:
    return Block(replace(block.header, nonce=nonce), block.transactions)
