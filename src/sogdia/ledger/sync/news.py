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
from sogdia.ledger.network.scores import PARTIALLY_INVALID_POINTS
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.sync.answers import has_filled_a_frame
from sogdia.ledger.sync.bodies import check_work, decode_header
from sogdia.ledger.sync.compact import Rebuilding, decode_all, start_rebuilding
from sogdia.ledger.sync.in_flight import InFlight
from sogdia.ledger.sync.intake import BlockIntake
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.short_ids import ShortIdIndex, short_id
from sogdia.ledger.sync.worth import Worth

TRANSACTIONS_TIMEOUT_S = 10.0  # 4 MiB over 4 Mbit/s; then whoever else told of them is asked

AddTransactions = Callable[[list[Transaction]], Awaitable[None]]
FetchPast = Callable[[PeerView, Sequence[bytes]], Awaitable[None]]


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
    worth: Worth
    in_flight: InFlight[bytes]
    transactions_in_flight: InFlight[int] = field(default_factory=InFlight)
    """Short ids of transactions that some peer is asked for."""

    async def on_compact(self, view: PeerView, message: CompactBlock) -> None:
        """Rebuild an announced block and take it in.

        Raises:
            InvalidMessage: it is malformed or without work.
            InvalidBlock: it breaks a rule. NetworkError: the rest of it did not come.
        """
        header = decode_header(message.header)
        check_work(header)
        view.blocks.add([header.hash])
        if not self.is_wanted(view, header):
            return
        # For a block with work, and beside the loop: each transaction costs a recovery.
        given = await self._decoded([raw for _, raw in message.given])
        rebuilding = start_rebuilding(header, message, self.held, given)
        if rebuilding.missing:
            fill = partial(self._fill, view, rebuilding)
            peer = view.session.peer_id
            await self.in_flight.in_turn(peer, [header.hash], self.is_missing, fill)
        if not self.is_missing(header.hash):
            return  # it came from elsewhere meanwhile
        block = rebuilding.block()
        if block is None:  # a collision of short ids, or a lie: the whole block decides
            await self.fetch_past(view, [header.hash])
        else:
            await self.accept(block, view)

    async def _fill(self, view: PeerView, rebuilding: Rebuilding, hashes: list[bytes]) -> None:
        """Ask for the transactions that a compact block lacks here."""
        (block,), missing = hashes, rebuilding.missing
        answer = await view.session.request(
            partial(GetBlockTransactions, block=block, places=missing),
            timeout_s=TRANSACTIONS_TIMEOUT_S,
        )
        if not isinstance(answer, BlockTransactions):
            raise InvalidMessage("block transactions", type(answer).__name__)
        rebuilding.fill(await self._decoded(answer.transactions))

    async def _decoded(self, raws: Sequence[bytes]) -> list[Transaction]:
        if not raws:
            return []
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, decode_all, raws, self.chain_id)

    def is_missing(self, block_hash: bytes) -> bool:
        """Return whether a block is not here."""
        return not self.consensus.has_block(block_hash)

    def is_wanted(self, view: PeerView, header: Header) -> bool:
        """Return whether an announced block, whose work is checked, is to be fetched."""
        if not self.is_missing(header.hash) or not self.worth.passes(view, header):
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
            self.worth.score(view, PARTIALLY_INVALID_POINTS, reason)

    async def on_transaction_ids(self, view: PeerView, message: TransactionIds) -> None:
        """Ask for those announced transactions that are not here.

        Raises:
            InvalidMessage: what came is malformed. NetworkError: nothing came.
        """
        place_of = {id_: place for place, id_ in enumerate(message.short_ids)}

        async def ask(ids: list[int]) -> None:
            places = sorted(place_of[id_] for id_ in ids)
            await self._fetch_transactions(view, message.batch, places)

        await self.transactions_in_flight.in_turn(
            view.session.peer_id,
            place_of,
            lambda id_: id_ not in self.held,
            ask,
            count_max=TRANSACTIONS_MAX,
        )

    async def _fetch_transactions(self, view: PeerView, batch: int, places: list[int]) -> None:
        while places:
            answer = await view.session.request(
                partial(GetTransactions, batch=batch, places=places),
                timeout_s=TRANSACTIONS_TIMEOUT_S,
            )
            if not isinstance(answer, Transactions) or len(answer.transactions) > len(places):
                raise InvalidMessage("transactions", f"{len(places)} were asked for")
            decoded = await self._decoded(answer.transactions)
            key = view.session.hello.short_id_key
            view.short_ids.add(short_id(key, transaction.hash) for transaction in decoded)
            await self.add_transactions(decoded)
            if not has_filled_a_frame(answer.transactions):
                return
            places = places[len(decoded) :]
