"""Subscriptions of one WebSocket connection, and what is pushed to it.

S1  A subscriber hears of every executed epoch, in order; when epochs were taken back, it hears
    of their logs as removed, the newest first, then of the epochs that replaced them.
S2  A connection that does not read is closed when `queued_messages` or `queued_bytes` of the
    limits wait for it: it never holds up another, nor the node.
S3  A connection that wants more logs of one epoch than the limits allow is closed in words, since
    S1 cannot be kept; whoever wants less of that epoch hears of it.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from sogdia.ledger.execution.api import LogQuery
from sogdia.ledger.execution.errors import TooManyLogs
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams, LimitExceeded
from sogdia.ledger.rpc.eth.blocks import get_header_by_number
from sogdia.ledger.rpc.eth.chain import syncing
from sogdia.ledger.rpc.eth.logs import LogFilter, build_query, parse_filter
from sogdia.ledger.rpc.eth.pending import pending_transaction
from sogdia.ledger.rpc.events import EpochsExecuted, EpochsUndone, Event, TransactionsAccepted
from sogdia.ledger.rpc.params import WrongParam, hex_data, hex_quantity
from sogdia.ledger.rpc.wire import encode

Send = Callable[[Sequence[bytes]], bool]

_decode_logs = msgspec.json.Decoder(list[msgspec.Raw]).decode

_MESSAGE_HEAD = (
    b'{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"%b","result":'
)
# Events whose messages are put together: a burst of many must find that the connection lags.
EVENTS_TOGETHER = 16
SHOWN_MAX = 40  # characters of a wrong kind that are repeated
KINDS = ("newHeads", "logs", "newPendingTransactions", "syncing")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One thing that a connection wants to hear of."""

    kind: str
    filter: LogFilter | None = None
    wants_whole: bool = False
    # What its messages begin with.
    head: bytes = b""
    # The number of the last event before it.
    since: int = 0


class Subscriptions:
    """What one connection wants."""

    def __init__(
        self,
        node: Backend,
        new_id: Callable[[], int],
        send: Send,
        end: Callable[[str], None],
        *,
        events: Callable[[], int],
    ) -> None:
        """`send` takes ready messages and tells whether the connection goes on; `end` ends it.

        `events` counts those that there were.
        """
        self._node = node
        self._new_id = new_id
        self._send = send
        self._end = end
        self._events = events
        self._wanted: dict[str, Subscription] = {}
        # Whether the node was behind when this connection last heard of it.
        self._was_syncing: bool | None = None

    def add(self, params: list[Any]) -> str:
        """Answer `eth_subscribe`; return the id that its messages will carry.

        Raises:
            InvalidParams: an unknown kind or a wrong filter.
            LimitExceeded: this connection has as many as it may.
        """
        if not params or params[0] not in KINDS:
            got = params[0] if params and type(params[0]) is str else params[:1]
            raise InvalidParams(f"want one of {', '.join(KINDS)}, got {str(got)[:SHOWN_MAX]!r}")
        limit = self._node.limits.subscriptions
        if len(self._wanted) >= limit:
            raise LimitExceeded(f"{limit} subscriptions on this connection already")
        option = params[1] if len(params) > 1 else None
        subscription = Subscription(params[0])
        if params[0] == "logs":
            try:
                wanted = parse_filter({} if option is None else option)
            except WrongParam as wrong:
                raise InvalidParams(f"invalid argument 1: {wrong}") from None
            build_query(self._node, wanted)
            subscription = Subscription("logs", wanted)
        elif params[0] == "newPendingTransactions":
            subscription = Subscription(params[0], wants_whole=option is True)
        elif params[0] == "syncing" and self._was_syncing is None:
            self._was_syncing = syncing(self._node) is not False
        name = hex_quantity(self._new_id())
        head = _MESSAGE_HEAD % name.encode()
        self._wanted[name] = replace(subscription, head=head, since=self._events())
        return name

    def remove(self, name: Any) -> bool:
        """Answer `eth_unsubscribe`."""
        return type(name) is str and self._wanted.pop(name, None) is not None

    def prepare(self, event: "Rendered") -> None:
        """Read what this connection wants of an event before the ledger moves on."""
        for wanted in self._wanted.values():
            if wanted.kind == "newHeads":
                if not event.has_heads:  # the same for everybody
                    event.results(wanted)
            elif wanted.kind == "logs" or wanted.wants_whole:
                with contextlib.suppress(TooManyLogs):  # raised again when it is told
                    event.results(wanted)

    def tell(self, events: "Sequence[Rendered]") -> None:
        """Send what this connection wants of events that were prepared, or end it (S2, S3)."""
        try:
            for at in range(0, len(events), EVENTS_TOGETHER):
                messages = self._messages(events[at : at + EVENTS_TOGETHER])
                if messages and not self._send(messages):
                    return
        except TooManyLogs as error:
            self._end(f"more than {error.limit} logs in one epoch: ask eth_getLogs in parts")
            return
        if self._was_syncing is not None:
            self._tell_syncing()

    def _messages(self, events: "Sequence[Rendered]") -> list[bytes]:
        return [
            b"%b%b}}" % (wanted.head, result)
            for event in events
            for wanted in self._wanted.values()
            if event.number > wanted.since
            for result in event.results(wanted)
        ]

    def _tell_syncing(self) -> None:
        """Push that the node fell behind, or that it caught up: as go-ethereum words both."""
        state = syncing(self._node)
        is_syncing = state is not False
        if is_syncing == self._was_syncing:
            return
        self._was_syncing = is_syncing
        result = encode({"syncing": True, "status": state} if is_syncing else False)
        for wanted in self._wanted.values():
            if wanted.kind == "syncing":
                self._send([b"%b%b}}" % (wanted.head, result)])


class Rendered:
    """An event in JSON, made once however many connections hear of it."""

    def __init__(self, node: Backend, event: Event) -> None:
        self._node = node
        self._event = event
        # Its place among all events.
        self.number = 0
        self._heads: list[bytes] | None = None
        self._hashes: list[bytes] | None = None
        self._transactions: list[bytes] | None = None
        self._logs: dict[Any, list[bytes] | TooManyLogs] = {}

    @property
    def has_heads(self) -> bool:
        """Whether its heads were read."""
        return self._heads is not None

    def results(self, wanted: Subscription) -> list[bytes]:
        """Return the `result` of each message that a subscription gets.

        Raises:
            TooManyLogs: one epoch has more than the limits allow.
        """
        event = self._event
        if isinstance(event, TransactionsAccepted):
            if wanted.kind != "newPendingTransactions":
                return []
            return self._whole(event) if wanted.wants_whole else self._hashes_of(event)
        if wanted.kind == "newHeads":
            return self._heads_of(event)
        return [] if wanted.filter is None else self._logs_of(event, wanted.filter)

    def _heads_of(self, event: EpochsExecuted | EpochsUndone) -> list[bytes]:
        if isinstance(event, EpochsUndone):
            return []
        if self._heads is None:
            numbers = range(event.first, event.last + 1)
            self._heads = [encode(get_header_by_number(self._node, number)) for number in numbers]
        return self._heads

    def _hashes_of(self, event: TransactionsAccepted) -> list[bytes]:
        if self._hashes is None:
            self._hashes = [encode(hex_data(each)) for each in event.hashes]
        return self._hashes

    def _whole(self, event: TransactionsAccepted) -> list[bytes]:
        if self._transactions is None:
            waiting = (self._node.pool.get(each) for each in event.hashes)
            self._transactions = [
                encode(pending_transaction(each)) for each in waiting if each is not None
            ]
        return self._transactions

    def _logs_of(self, event: EpochsExecuted | EpochsUndone, wanted: LogFilter) -> list[bytes]:
        if isinstance(event, EpochsUndone):
            return [log.json for log in event.logs if log.is_wanted(wanted)]
        same = (tuple(wanted.addresses), tuple(tuple(each) for each in wanted.topics))
        found = self._logs.get(same)
        if found is None:
            try:
                found = list(self._read_logs(event, wanted))
            except TooManyLogs as error:
                found = error
            self._logs[same] = found
        if isinstance(found, TooManyLogs):
            raise found
        return found

    def _read_logs(self, event: EpochsExecuted, wanted: LogFilter) -> Iterator[bytes]:
        for number in range(event.first, event.last + 1):
            limit = self._node.limits.logs
            query = LogQuery(number, number, wanted.addresses, wanted.topics, limit)
            yield from map(bytes, _decode_logs(self._node.executor.logs_json(query)))
