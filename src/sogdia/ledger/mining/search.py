"""Looking for a nonce on a thread of its own, in the core, until it is found or useless."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.work import StopFlag, search_work

NONCE_LIMIT = 1 << 256
ATTEMPTS_MAX = (1 << 64) - 1  # what one call of the core takes: more than a core does in a lifetime


class WorkSearch:
    """Solves one block at a time."""

    def __init__(self, random_nonce: Callable[[], int]) -> None:
        """`random_nonce` gives the first nonce to try, from 0 to 2^256 - 1."""
        self._random_nonce = random_nonce
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="work")
        self._stop = StopFlag()

    async def solve(self, block: Block) -> Block | None:
        """Return `block` with a nonce that meets its difficulty; None if it was interrupted."""
        header = block.header
        # A random start: two nodes with the same template must not find the same block.
        start = self._random_nonce() % NONCE_LIMIT
        if header.difficulty <= 1:
            return _with_nonce(block, start)
        self._stop = StopFlag()
        nonce = await asyncio.get_running_loop().run_in_executor(
            self._thread,
            search_work,
            header.problem_hash,
            header.difficulty,
            start,
            ATTEMPTS_MAX,
            self._stop,
        )
        return None if nonce is None else _with_nonce(block, nonce)

    def interrupt(self) -> None:
        """End the search that runs, if one does: something better to work on has come."""
        self._stop.set()

    def close(self) -> None:
        """End the search and the thread."""
        self._stop.set()
        self._thread.shutdown(wait=True)


def _with_nonce(block: Block, nonce: int) -> Block:
    return Block(replace(block.header, nonce=nonce), block.transactions)
