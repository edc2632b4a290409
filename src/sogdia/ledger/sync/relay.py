"""Tell peers what is new: blocks at once, transactions in batches by short id.

L1  A block is told as soon as the graph has it, before it is executed.
L2  Nobody is told what they told us, nor anything twice.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.network.errors import InvalidMessage, NetworkError
from sogdia.ledger.network.messages import (
    SHORT_IDS_MAX,
    GetTransactions,
    Message,
    NewBlockHashes,
    TransactionIds,
    Transactions,
)
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.sync.answers import check_places, fitting
from sogdia.ledger.sync.compact import build_compact
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.short_ids import short_id

COMPACT_PEERS = 8  # who gets the block itself; the rest get its hash and ask if they must
ANNOUNCE_INTERVAL_S = 0.1  # hundreds of transactions in a frame, for a tenth of a second


@dataclass(slots=True, eq=False)
class Relay:
    """What is to be told, and to whom."""

    views: Callable[[], Collection[PeerView]]
    on_failure: Callable[[PeerView, NetworkError], None]
    waiting: list[Transaction] = field(default_factory=list)

    def announce_block(self, block: Block) -> None:
        """Tell everyone who does not know it."""
        unaware = [view for view in self.views() if block.hash not in view.blocks]
        for place, view in enumerate(unaware):
            view.blocks.add([block.hash])
            if place < COMPACT_PEERS:
                self.send(view, build_compact(block, view.session.hello.short_id_key))
            else:
                self.send(view, NewBlockHashes([block.hash]))

    def announce_transactions(self, transactions: Sequence[Transaction]) -> None:
        """Queue transactions for the next round."""
        self.waiting += transactions

    async def keep_announcing(self) -> None:
        """Tell what waits, ten times a second, for as long as the task lives."""
        while True:
            await asyncio.sleep(ANNOUNCE_INTERVAL_S)
            self.flush()

    def flush(self) -> None:
        """Tell every peer what waits and what it does not know."""
        waiting, self.waiting = self.waiting, []
        for start in range(0, len(waiting), SHORT_IDS_MAX):
            for view in self.views():
                self._tell(view, waiting[start : start + SHORT_IDS_MAX])

    def _tell(self, view: PeerView, transactions: Sequence[Transaction]) -> None:
        key = view.session.hello.short_id_key
        named = [(short_id(key, t.hash), t) for t in transactions]
        fresh = [(id_, t) for id_, t in named if id_ not in view.short_ids]
        if not fresh:
            return
        ids = [id_ for id_, _ in fresh]
        view.short_ids.add(ids)
        self.send(view, TransactionIds(view.remember_batch([t for _, t in fresh]), ids))

    def answer(self, view: PeerView, request: GetTransactions) -> Transactions:
        """Return the transactions of an announced batch.

        Raises:
            InvalidMessage: a place outside the batch, or one that is not above those before it.
        """
        check_places(request.places)
        batch = view.batches.get(request.batch, ())
        if batch and request.places and request.places[-1] >= len(batch):
            raise InvalidMessage("transaction request", f"a place outside 0..{len(batch) - 1}")
        raws = (batch[place].raw for place in request.places) if batch else ()
        return Transactions(request.request_id, fitting(raws))

    def send(self, view: PeerView, message: Message) -> None:
        """Send a message; a peer that cannot be sent it is given up."""
        try:
            view.session.send(message)
        except NetworkError as error:
            self.on_failure(view, error)
