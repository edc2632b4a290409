"""Follow the network: what each message does.

Y1  One catch-up runs at a time; when its peer fails, the next peer that is ahead takes over.
Y2  A block is submitted once, after everything it refers to.
Y3  Who sends what cannot be honest is banned; what may be honest once costs points; who is merely
    slow is asked last for a while.
Y4  What one peer can make us do at once is bounded: beyond that its news are dropped, its next
    status tells them again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.consensus.errors import DuplicateBlock, TimestampTooFarAhead, UnknownReference
from sogdia.ledger.network.errors import (
    InvalidMessage,
    NetworkError,
    NotThere,
    PeerTimeout,
    RateExceeded,
)
from sogdia.ledger.network.exchange import PeerExchange
from sogdia.ledger.network.messages import (
    AnyMessage,
    CompactBlock,
    GetPast,
    GetPeers,
    GetTransactions,
    Heartbeat,
    Message,
    NewBlockHashes,
    Peers,
    Status,
    TransactionIds,
)
from sogdia.ledger.network.scores import (
    BAN_AT,
    FALSE_HEIGHT_POINTS,
    FLOOD_POINTS,
    STALL_POINTS,
    UNKNOWN_PAST_POINTS,
    Scores,
)
from sogdia.ledger.network.session import Session
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock
from sogdia.ledger.sync.answers import find_answer, status
from sogdia.ledger.sync.bodies import BodyFetcher
from sogdia.ledger.sync.catch_up import CatchUp, OnProgress, Passes
from sogdia.ledger.sync.in_flight import InFlight
from sogdia.ledger.sync.intake import BlockIntake, SubmitBlocks
from sogdia.ledger.sync.news import AddTransactions, News
from sogdia.ledger.sync.orphans import OrphanPool
from sogdia.ledger.sync.peer_view import PeerView
from sogdia.ledger.sync.phases import Progress, SyncPhase
from sogdia.ledger.sync.relay import Relay
from sogdia.ledger.sync.short_ids import ShortIdIndex
from sogdia.ledger.sync.worth import Goal, Worth

HEARTBEAT_S = 20.0  # as the protocol family's
CATCH_UP_GAP = 8  # epochs behind, from which epochs are asked for instead of single blocks
ASKED_LAST_S = 60.0  # three heartbeats: a peer that had a bad moment gets another chance
TASKS_MAX = 256  # of one peer: a burst of announcements after a partition of minutes
COMPACT_TASKS_MAX = 32  # of one peer, each up to a frame: 16 seconds of blocks at two a second


def _first(group: ExceptionGroup[NetworkError]) -> NetworkError:
    """Return the error that ended the session; the others followed from it."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error


@dataclass(slots=True, eq=False)
class SyncService:
    """Sync of one node; `submit` stores blocks in order, `add_transactions` feeds the pool."""

    consensus: Consensus
    chain_id: int
    held: ShortIdIndex
    submit: SubmitBlocks
    add_transactions: AddTransactions
    ban: Callable[[Session, str], None]
    now_s: Callable[[], float]
    on_progress: OnProgress
    exchange: PeerExchange | None = None
    on_early_block: Callable[[bytes, int], None] = lambda _peer, _timestamp: None
    """Told of a peer's block that is refused because its time has not come here."""
    announces_all: bool = False
    """Whether partially invalid blocks are announced too, as the family's nodes do."""
    views: dict[bytes, PeerView] = field(default_factory=dict)
    scores: Scores = field(default_factory=Scores)
    in_flight: InFlight[bytes] = field(default_factory=InFlight)
    """Blocks that some peer is asked for."""
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    walking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A peer's question is being answered that takes a long walk over the graph."""
    progress: Progress | None = None
    """The catch-up that runs, None while the node follows."""
    has_followed: bool = False
    """Whether everything that some peer ever told of at once has been fetched."""
    relay: Relay = field(init=False)
    fetcher: BodyFetcher = field(init=False)
    intake: BlockIntake = field(init=False)
    worth: Worth = field(init=False)
    news: News = field(init=False)

    def __post_init__(self) -> None:
        """Join the parts that work on the live sessions."""
        self.relay = Relay(self.live, self._on_view_failure)
        self.fetcher = BodyFetcher(self._sessions, self.chain_id, self._on_failure)
        self.intake = BlockIntake(self.consensus, self.submit, self._on_invalid_block, self.now_s)
        self.worth = Worth(self.consensus, self.score, self.now_s)
        self.news = News(
            self.consensus,
            self.chain_id,
            self.held,
            self.intake,
            self._fetch_past,
            self.add_transactions,
            self._is_far_behind,
            self.worth,
            self.in_flight,
        )

    @property
    def phase(self) -> SyncPhase:
        """What the node is doing, by the protocol family's names."""
        return SyncPhase.NORMAL if self.progress is None else self.progress.phase

    @property
    def orphans(self) -> OrphanPool:
        """Blocks that wait for what they refer to."""
        return self.intake.orphans

    def live(self) -> Collection[PeerView]:
        """Return the peers of now."""
        return list(self.views.values())

    def announce(self, block: Block) -> None:
        """Tell peers of a block that is in the graph, unless it is nothing to be told.

        What comes in while we catch up is old; a partially invalid block is had by whoever needs
        it as the past of another.
        """
        if self.progress is not None:
            return
        if self.announces_all or not self.intake.is_partially_invalid(block.hash):
            self.relay.announce_block(block)

    def _sessions(self, height: int) -> list[Session]:
        """Return those who say that they have blocks of a height; who stalled comes last."""
        now_s = self.now_s()
        able = [view for view in self.views.values() if view.best_height >= height]
        able.sort(key=lambda view: view.asked_last_until_s > now_s)
        prompt = [view.session for view in able if view.asked_last_until_s <= now_s]
        return prompt or [view.session for view in able or self.views.values()]

    async def on_session(self, session: Session) -> None:
        """Live one session from its first message to its end.

        Raises:
            NetworkError: why it ended.
        """
        view = PeerView(session)
        self.views[session.peer_id] = view
        try:
            async with asyncio.TaskGroup() as tasks:
                session.send(status(self.consensus.outlook()))
                beside = [tasks.create_task(self._beat(session))]
                if self.exchange is not None:
                    asking = self.exchange.keep_asking(session)
                    beside.append(tasks.create_task(self._guard(view, asking)))
                try:
                    await session.run(
                        lambda _, message: self._on_message(view, message, tasks.create_task)
                    )
                finally:
                    for task in beside:
                        task.cancel()
        except ExceptionGroup as group:
            reasons, defects = group.split(NetworkError)
            if reasons is None or defects is not None:
                raise
            reason = _first(reasons)
            if isinstance(reason, InvalidMessage | RateExceeded):  # it counts although it is gone
                self._on_failure(session, reason)
            raise reason from None
        finally:
            if self.views.get(session.peer_id) is view:
                del self.views[session.peer_id]

    async def _beat(self, session: Session) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            session.send(status(self.consensus.outlook()))

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
                if not view.is_followed:
                    view.is_followed = True
                    start(self._guard(view, self._follow(view)))
            case NewBlockHashes(hashes=hashes):
                view.blocks.add(hashes)
                if self.progress is None and view.tasks < TASKS_MAX:
                    start(self._guard(view, self._on_hashes(view, hashes)))
            case CompactBlock():
                if view.compact_tasks < COMPACT_TASKS_MAX:
                    start(self._guard(view, self._on_compact(view, message)))
            case TransactionIds():
                if self.progress is None and view.tasks < TASKS_MAX:
                    start(self._guard(view, self.news.on_transaction_ids(view, message)))
            case Heartbeat():
                pass
            case GetPast():  # a long walk, of what does not change: any thread can take it
                loop = asyncio.get_running_loop()
                async with self.walking:  # Y4: all peers together have one thread, in turn
                    answer = await loop.run_in_executor(None, find_answer, self.consensus, message)
                assert answer is not None, "it is a question about blocks"
                view.session.send(answer)
            case _:
                view.session.send(self._answer(view, message))

    def _answer(self, view: PeerView, message: AnyMessage) -> Message:
        if isinstance(message, GetTransactions):
            return self.relay.answer(view, message)
        if isinstance(message, GetPeers):
            exchange = self.exchange
            unknown = Peers(message.request_id, [])
            return unknown if exchange is None else exchange.answer(view.session, message)
        answer = find_answer(self.consensus, message)
        if answer is None:
            raise InvalidMessage("message", f"{type(message).__name__} out of turn")
        return answer

    async def _guard(self, view: PeerView, work: Awaitable[None]) -> None:
        """Do work on a peer's behalf; what it did wrong comes back to it (Y3)."""
        view.tasks += 1
        try:
            await work
        except (DuplicateBlock, UnknownReference):
            pass  # its past has not come: no rule says that its sender is at fault
        except InvalidBlock as error:
            self._on_invalid_block(view.session.peer_id, error)
        except NetworkError as error:
            self._on_failure(view.session, error)
        finally:
            view.tasks -= 1

    async def _on_compact(self, view: PeerView, message: CompactBlock) -> None:
        view.compact_tasks += 1
        try:
            await self.news.on_compact(view, message)
        finally:
            view.compact_tasks -= 1
        await self._follow_further(view)

    async def _on_hashes(self, view: PeerView, hashes: Sequence[bytes]) -> None:
        await self._fetch_past(view, hashes, partial(self.news.is_wanted, view))
        await self._follow_further(view)

    async def _follow_further(self, view: PeerView) -> None:
        """A burst can run away from us between two heartbeats: its blocks tell us to follow."""
        if self._is_ahead(view) and not view.is_followed:
            view.is_followed = True
            await self._follow(view)

    def score(self, view: PeerView, points: float, reason: str) -> None:
        """Note a wrong of a peer; who has done too many is banned."""
        total = self.scores.add(view.session.peer_id, points, now_s=self.now_s())
        if total >= BAN_AT:
            self._ban(view.session, f"{reason}, and more like it before")

    def _ban(self, session: Session, reason: str) -> None:
        self.ban(session, reason)
        self.orphans.drop_peer(session.peer_id)

    def _on_invalid_block(self, peer_id: bytes, error: InvalidBlock) -> None:
        view = self.views.get(peer_id)
        if isinstance(error, TimestampTooFarAhead):  # no fault either: one of the clocks is wrong
            self.on_early_block(peer_id, error.timestamp)
        elif view is not None and not isinstance(error, UnknownReference):
            self._ban(view.session, str(error))

    def _on_failure(self, session: Session, error: NetworkError) -> None:
        view = self.views.get(session.peer_id)
        if isinstance(error, InvalidMessage):
            self._ban(session, str(error))
        elif view is not None and isinstance(error, PeerTimeout):
            view.asked_last_until_s = self.now_s() + ASKED_LAST_S
            self.score(view, STALL_POINTS, str(error))
        elif view is not None and isinstance(error, NotThere):
            view.asked_last_until_s = self.now_s() + ASKED_LAST_S
            self.score(view, UNKNOWN_PAST_POINTS, str(error))
        elif view is not None and isinstance(error, RateExceeded):
            self.score(view, FLOOD_POINTS, str(error))

    def _on_view_failure(self, view: PeerView, error: NetworkError) -> None:
        view.session.end(str(error))

    def _is_far_behind(self, height: int) -> bool:
        return height > self.consensus.outlook().best_height + CATCH_UP_GAP

    def _is_ahead(self, view: PeerView) -> bool:
        """Return whether a peer's tip is far above ours. One that is here is above a lighter chain
        than ours, which is no distance to go."""
        told = view.status
        return (
            told is not None
            and self._is_far_behind(told.best_height)
            and not self.consensus.has_block(told.best)
        )

    async def _follow(self, view: PeerView) -> None:
        """Get what a peer's latest status speaks of, by epochs when that is much."""
        try:
            if self._is_ahead(view):
                await self._catch_up(view)
            told = view.status
        finally:
            view.is_followed = False
        if told is not None:
            tips = [told.best, *told.terminals]
            await self._fetch_past(view, tips, partial(self.worth.passes, view))
            self.has_followed = True

    async def _catch_up(self, view: PeerView) -> None:
        try:
            goal = await self.worth.goal(view)  # before our turn: it may take the peer long
            async with self.catching_up:
                await self._follow_to(view, goal)
        except NotThere as error:
            self.score(view, FALSE_HEIGHT_POINTS, str(error))
            raise

    async def _follow_to(self, view: PeerView, goal: Goal | None) -> None:
        """Catch up with a peer as far as its chain is worth it; that is judged again on the way."""
        began_at = self.consensus.outlook().best_height
        try:
            while goal and self._is_ahead(view) and self.now_s() >= view.asked_last_until_s:
                run = self._run()
                if not await run.run(view, goal.height):
                    if goal.height is not None:
                        break  # what it showed is not what it gave
                    # Its pivot chain has moved, and it is here: it still has what it told of.
                    await run.past_of(view, [goal.told])
                goal = await self.worth.goal(view) if self._is_ahead(view) else None
        finally:
            self.progress = None
        if self.consensus.outlook().best_height > began_at:
            for other in self.live():  # nothing was announced on the way
                self.relay.send(other, status(self.consensus.outlook()))

    def _run(self) -> CatchUp:
        return CatchUp(self.consensus, self.fetcher, self.intake, self.now_s, self._on_progress)

    def _on_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.on_progress(progress)

    async def _fetch_past(
        self, view: PeerView, hashes: Sequence[bytes], passes: Passes | None = None
    ) -> None:
        """Get blocks that pass and what they refer to, once nobody else is asked for them."""

        async def ask(wanted: list[bytes]) -> None:
            await self._run().past_of(view, wanted, passes)

        await self.in_flight.in_turn(view.session.peer_id, hashes, self.news.is_missing, ask)
