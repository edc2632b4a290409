"""Follow the network: what each message does.

Y1  One catch-up runs at a time; news are handled beside it.
Y2  A block is submitted once, after everything it refers to.
Y3  Who sends what cannot be honest is banned; who is merely slow is asked no more for a while.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.errors import InvalidMessage, NetworkError
from sogdia.ledger.network.messages import (
    TRANSACTIONS_MAX,
    AnyMessage,
    BlockTransactions,
    CompactBlock,
    GetBlockTransactions,
    GetTransactions,
    Heartbeat,
    NewBlockHashes,
    Status,
    TransactionIds,
    Transactions,
)
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.sync.answers import find_answer, status
from sogdia.ledger.sync.bodies import BodyFetcher, check_work
from sogdia.ledger.sync.catch_up import CatchUp, OnProgress
from sogdia.ledger.sync.compact import decode_all, start_rebuilding
from sogdia.ledger.sync.orphans import OrphanPool
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.relay import Relay
from sogdia.ledger.sync.short_ids import ShortIdIndex, short_id

HEARTBEAT_S = 20.0  # as the protocol family's
CATCH_UP_GAP = 8  # epochs behind, from which epochs are asked for instead of single blocks

SubmitBlock = Callable[[Block], Awaitable[None]]
AddTransactions = Callable[[list[Transaction]], Awaitable[None]]


def _first(group: ExceptionGroup[NetworkError]) -> NetworkError:
    """Return the error that ended the session; the others followed from it."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error


@dataclass(slots=True, eq=False)
class SyncService:
    """Sync of one node. `submit` stores a block; `add_transactions` offers some to the pool."""

    consensus: Consensus
    chain_id: int
    held: ShortIdIndex
    submit: SubmitBlock
    add_transactions: AddTransactions
    ban: Callable[[Session, str], None]
    now_s: Callable[[], float]
    on_progress: OnProgress
    views: dict[bytes, PeerView] = field(default_factory=dict)
    orphans: OrphanPool = field(default_factory=OrphanPool)
    in_flight: set[bytes] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    """Short ids of transactions that some peer is sending already."""
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    relay: Relay = field(init=False)
    fetcher: BodyFetcher = field(init=False)

    def __post_init__(self) -> None:
        """Join the parts that work on the live sessions."""
        self.relay = Relay(self.live, self._on_view_failure)
        self.fetcher = BodyFetcher(self._sessions, self.chain_id, self._on_failure)

    def live(self) -> Collection[PeerView]:
        """Return the peers of now."""
        return list(self.views.values())

    def _sessions(self) -> list[Session]:
        return [view.session for view in self.views.values()]

    async def on_session(self, session: Session) -> None:
        """Live one session from its first message to its end.

        Raises:
            NetworkError: why it ended.
        """
        view = PeerView(session)
        self.views[session.peer_id] = view
        try:
            async with asyncio.TaskGroup() as tasks:
                session.send(status(self.consensus))
                heart = tasks.create_task(self._beat(session))
                try:
                    await session.run(
                        lambda _, message: self._on_message(view, message, tasks.create_task)
                    )
                finally:
                    heart.cancel()
        except ExceptionGroup as group:
            reasons, defects = group.split(NetworkError)
            if reasons is None or defects is not None:
                raise
            raise _first(reasons) from None
        finally:
            if self.views.get(session.peer_id) is view:
                del self.views[session.peer_id]

    async def _beat(self, session: Session) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            session.send(status(self.consensus))

    async def _on_message(
        self,
        view: PeerView,
        message: AnyMessage,
        start: Callable[..., asyncio.Task[None]],
    ) -> None:
        """Answer at once what needs no answer of the peer; start a task for the rest."""
        match message:
            case Status():
                view.status = message
                view.blocks.add([message.best, *message.terminals])
                start(self._guard(view, self._on_status(view, message)))
            case NewBlockHashes(hashes=hashes):
                view.blocks.add(hashes)
                start(self._guard(view, self._fetch_past(view, hashes)))
            case CompactBlock():
                start(self._guard(view, self._on_compact(view, message)))
            case TransactionIds():
                start(self._guard(view, self._on_transaction_ids(view, message)))
            case GetTransactions():
                view.session.send(self.relay.answer(view, message))
            case Heartbeat():
                pass
            case _:
                answer = find_answer(self.consensus, message)
                if answer is None:
                    raise InvalidMessage("message", f"{type(message).__name__} out of turn")
                view.session.send(answer)

    async def _guard(self, view: PeerView, work: Awaitable[None]) -> None:
        """Do work on a peer's behalf; what it did wrong comes back to it (Y3)."""
        try:
            await work
        except InvalidMessage as error:
            self._on_failure(view.session, error)
        except InvalidBlock as error:
            self.ban(view.session, str(error))
            self.orphans.drop_peer(view.session.peer_id)
        except NetworkError:
            pass  # slow or gone: the session's own limits decide

    def _on_failure(self, session: Session, error: NetworkError) -> None:
        if isinstance(error, InvalidMessage):
            self.ban(session, str(error))
            self.orphans.drop_peer(session.peer_id)

    def _on_view_failure(self, view: PeerView, error: NetworkError) -> None:
        view.session.end(str(error))

    async def _on_status(self, view: PeerView, message: Status) -> None:
        if message.best_height > self.consensus.best_height() + CATCH_UP_GAP:
            await self._catch_up(view, message.best_height)
        await self._fetch_past(view, [message.best, *message.terminals])

    async def _catch_up(self, view: PeerView, height: int) -> None:
        async with self.catching_up:
            if height > self.consensus.best_height() + CATCH_UP_GAP:
                await self._run().run(view.session, height)

    def _run(self) -> CatchUp:
        return CatchUp(
            self.consensus, self.fetcher, self._submit_fetched, self.now_s, self.on_progress
        )

    async def _fetch_past(self, view: PeerView, hashes: Sequence[bytes]) -> None:
        """Get blocks and what they refer to, unless somebody is at it."""
        wanted = [h for h in hashes if not self.consensus.has_block(h) and h not in self.in_flight]
        if not wanted:
            return
        self.in_flight.update(wanted)
        try:
            await self._run().past_of(view.session, wanted)
        finally:
            self.in_flight.difference_update(wanted)

    async def _submit_fetched(self, block: Block) -> None:
        if not self.consensus.has_block(block.hash):
            await self.submit(block)
        for ready in self.orphans.on_block(block.hash):
            if not self.consensus.has_block(ready.hash):
                await self.submit(ready)

    async def accept(self, block: Block, view: PeerView) -> None:
        """Take a new block from a peer: submit it, or keep it until its past is here (Y2).

        Raises:
            InvalidMessage: it has no work. InvalidBlock: it breaks a rule.
        """
        check_work(block.header)
        view.blocks.add([block.hash])
        if self.consensus.has_block(block.hash):
            return
        references = (block.header.parent, *block.header.referees)
        missing = [hash_ for hash_ in references if not self.consensus.has_block(hash_)]
        if not missing:
            await self._submit_fetched(block)
            return
        self.orphans.add(block, missing, peer=view.session.peer_id, now_s=self.now_s())
        await self._fetch_past(view, [hash_ for hash_ in missing if hash_ not in self.orphans])

    async def _on_compact(self, view: PeerView, message: CompactBlock) -> None:
        rebuilding = start_rebuilding(message, self.held, self.chain_id)
        header = rebuilding.header
        check_work(header)
        view.blocks.add([header.hash])
        if self.consensus.has_block(header.hash) or header.hash in self.in_flight:
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
            rebuilding.fill(decode_all(answer.transactions, self.chain_id))
        block = rebuilding.block()
        if block is None:  # a collision of short ids, or a lie: the whole block decides
            await self._fetch_past(view, [header.hash])
        else:
            await self.accept(block, view)

    async def _on_transaction_ids(self, view: PeerView, message: TransactionIds) -> None:
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
