"""What peers announce: new blocks, whole or compact, and new transactions.

W1  A node that is far behind takes no new block: what it is told moves the height it is heading
    for. Otherwise every announcement would fetch the same long past once more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.messages import (
    TRANSACTIONS_MAX,
    BlockTransactions,
    CompactBlock,
    GetBlockTransactions,
    GetTransactions,
    TransactionIds,
    Transactions,
)
from sogdia.ledger.network.scores import CHEAP_HEADER_POINTS, PARTIALLY_INVALID_POINTS
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.sync.bodies import check_work
from sogdia.ledger.sync.compact import decode_all, start_rebuilding
from sogdia.ledger.sync.intake import BlockIntake
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.short_ids import ShortIdIndex, short_id

AddTransactions = Callable[[list[Transaction]], Awaitable[None]]
FetchPast = Callable[[PeerView, Sequence[bytes]], Awaitable[None]]
Score = Callable[[PeerView, float, str], None]


@dataclass(slots=True, eq=False)
class News:
    """Handles announcements. `is_far_behind` tells whether a block of a height is beyond us."""

    consensus: Consensus
    chain_id: int
    held: ShortIdIndex
    intake: BlockIntake
    fetch_past: FetchPast
    add_transactions: AddTransactions
    is_far_behind: Callable[[int], bool]
    score: Score
    in_flight: set[bytes]
    asked: set[int] = field(default_factory=set)
    """Short ids of transactions that some peer is sending already."""

    async def on_compact(self, view: PeerView, message: CompactBlock) -> None:
        """Rebuild an announced block and take it in.

        Raises:
            InvalidMessage: it is malformed or without work.
            InvalidBlock: it breaks a rule. NetworkError: the rest of it did not come.
        """
        rebuilding = start_rebuilding(message, self.held, self.chain_id)
        header = rebuilding.header
        if not self._is_wanted(view, header):
            return
        missing = rebuilding.missing
        if missing:
            self.in_flight.add(header.hash)
            try:
                answer = await view.session.request(
                    partial(GetBlockTransactions, block=header.hash, places=missing)
                )
            finally:
                self.in_flight.discard(header.hash)
            if not isinstance(answer, BlockTransactions):
                raise InvalidMessage("block transactions", type(answer).__name__)
            loop = asyncio.get_running_loop()
            rebuilding.fill(
                await loop.run_in_executor(None, decode_all, answer.transactions, self.chain_id)
            )
        block = rebuilding.block()
        if block is None:  # a collision of short ids, or a lie: the whole block decides
            await self.fetch_past(view, [header.hash])
        else:
            await self.accept(block, view)

    def _is_wanted(self, view: PeerView, header: Header) -> bool:
        check_work(header)
        view.blocks.add([header.hash])
        if self.consensus.has_block(header.hash) or header.hash in self.in_flight:
            return False
        if self.intake.is_cheap(header):
            reason = f"announced {header.hash.hex()} of difficulty {header.difficulty}"
            self.score(view, CHEAP_HEADER_POINTS, reason)
            return False
        if self.is_far_behind(header.height):
            view.claim(header.hash, header.height)
            return False
        return True

    async def accept(self, block: Block, view: PeerView) -> None:
        """Take a new block from a peer: submit it, or keep it until its past is here.

        Raises:
            InvalidMessage: it has no work. InvalidBlock: it breaks a rule.
            NetworkError: its past did not come.
        """
        missing = self.intake.missing_of(block.header)
        if missing:
            self.intake.keep_orphan(block, missing, view.session.peer_id)
            orphans = self.intake.orphans
            await self.fetch_past(view, [hash_ for hash_ in missing if hash_ not in orphans])
            return
        await self.intake.take([block])
        if self.intake.is_partially_invalid(block.hash):
            reason = f"announced the partially invalid block {block.hash.hex()}"
            self.score(view, PARTIALLY_INVALID_POINTS, reason)

    async def on_transaction_ids(self, view: PeerView, message: TransactionIds) -> None:
        """Ask for those announced transactions that are not here.

        Raises:
            InvalidMessage: what came is malformed. NetworkError: nothing came.
        """
        places = [
            place
            for place, id_ in enumerate(message.short_ids)
            if id_ not in self.held and id_ not in self.asked
        ]
        for start in range(0, len(places), TRANSACTIONS_MAX):
            wanted = places[start : start + TRANSACTIONS_MAX]
            ids = {message.short_ids[place] for place in wanted}
            self.asked |= ids
            try:
                await self._fetch_transactions(view, message.batch, wanted)
            finally:
                self.asked -= ids

    async def _fetch_transactions(self, view: PeerView, batch: int, places: list[int]) -> None:
        answer = await view.session.request(partial(GetTransactions, batch=batch, places=places))
        if not isinstance(answer, Transactions):
            raise InvalidMessage("transactions", type(answer).__name__)
        loop = asyncio.get_running_loop()
        decoded = await loop.run_in_executor(None, decode_all, answer.transactions, self.chain_id)
        key = view.session.hello.short_id_key
        view.short_ids.add(short_id(key, transaction.hash) for transaction in decoded)
        await self.add_transactions(decoded)
