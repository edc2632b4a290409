"""Blocks on their way into the graph: each once, after everything it refers to.

N1  A block is submitted once, and only when all that it refers to is here; whoever brings one that
    is here or on its way in has done its part, and goes on.
N2  What is wrong with a block is blamed on whoever sent that block, not on who sent its parent.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.consensus.api import BlockStatus, Consensus
from sogdia.ledger.consensus.errors import DuplicateBlock
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.orphans import OrphanPool

SubmitBlocks = Callable[[list[Block]], Awaitable[None]]


@dataclass(slots=True, eq=False)
class BlockIntake:
    """The way in. `submit` stores blocks in order; `blame` is told of a peer's invalid block."""

    consensus: Consensus
    submit: SubmitBlocks
    blame: Callable[[bytes, InvalidBlock], None]
    now_s: Callable[[], float]
    orphans: OrphanPool = field(default_factory=OrphanPool)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def missing_of(self, header: Header) -> list[bytes]:
        """Return what a block refers to and is not here."""
        references = (header.parent, *header.referees)
        return [hash_ for hash_ in references if not self.consensus.has_block(hash_)]

    def first_gap(self, headers: Sequence[Header]) -> tuple[int, list[bytes]]:
        """Return how many headers, oldest first, follow what is here and one another, and what
        the next one refers to that neither is here nor came before it."""
        before: set[bytes] = set()
        for count, header in enumerate(headers):
            unknown = [hash_ for hash_ in self.missing_of(header) if hash_ not in before]
            if unknown:
                return count, unknown
            before.add(header.hash)
        return len(headers), []

    async def take(self, blocks: list[Block]) -> None:
        """Submit blocks that are connected, then the orphans that waited for them.

        What has begun ends, also when the session that brought the blocks does: the ledger's
        thread goes on, and orphans are told once.

        Raises:
            InvalidBlock: one breaks a rule; those before it are in.
        """
        await asyncio.shield(self._take(blocks))

    async def _take(self, blocks: list[Block]) -> None:
        async with self.turn:
            fresh = [block for block in blocks if not self.consensus.has_block(block.hash)]
            if fresh:
                await self._submit(fresh)
        for block in blocks:
            for ready, peer in self.orphans.on_block(block.hash):
                await self._take_orphan(ready, peer)

    async def _take_orphan(self, block: Block, peer: bytes) -> None:
        try:
            async with self.turn:
                if not self.consensus.has_block(block.hash):
                    await self._submit([block])
        except InvalidBlock as error:
            self.blame(peer, error)

    async def _submit(self, blocks: list[Block]) -> None:
        try:
            await self.submit(blocks)
        except DuplicateBlock:  # a way in beside this one was faster: one by one, the rest comes in
            for block in blocks:
                if not self.consensus.has_block(block.hash):
                    with contextlib.suppress(DuplicateBlock):
                        await self.submit([block])

    def is_partially_invalid(self, block_hash: bytes) -> bool:
        """Return whether a block is here and made a wrong choice."""
        consensus = self.consensus
        return (
            consensus.has_block(block_hash)
            and consensus.status(block_hash) is BlockStatus.PARTIALLY_INVALID
        )

    def keep_orphan(self, block: Block, missing: Iterable[bytes], peer: bytes) -> None:
        """Keep a block until what it refers to has come, if there is room."""
        self.orphans.add(block, missing, peer=peer, now_s=self.now_s())
