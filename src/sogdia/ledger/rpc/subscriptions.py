"""Subscriptions of one WebSocket connection, and what is pushed to it.

S1  A subscriber hears of every executed epoch, in order; when epochs were taken back, it hears
    of their logs as removed, the newest first, then of the epochs that replaced them.
S2  A connection that does not read is closed when `queued_messages` or `queued_bytes` of the
    limits wait for it: it never holds up another, nor the node.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from sogdia.ledger.execution.api import LogQuery
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams, LimitExceeded
from sogdia.ledger.rpc.eth.blocks import get_header_by_number
from sogdia.ledger.rpc.eth.chain import syncing
from sogdia.ledger.rpc.eth.logs import LogFilter, build_query, parse_filter
from sogdia.ledger.rpc.eth.pending import pending_transaction
from sogdia.ledger.rpc.events import EpochsExecuted, EpochsUndone, Event, TransactionsAccepted
from sogdia.ledger.rpc.params import WrongParam, hex_data, hex_quantity
from sogdia.ledger.rpc.wire import encode

_decode_logs = msgspec.json.Decoder(list[msgspec.Raw]).decode

KINDS = ("newHeads", "logs", "newPendingTransactions", "syncing")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One thing that a connection wants to hear of."""

    kind: str
    filter: LogFilter | None = None
    wants_whole: bool = False


class Subscriptions:
    """What one connection wants; `send` takes a ready message."""

    def __init__(
        self, node: Backend, new_id: Callable[[], int], send: Callable[[bytes], None]
    ) -> None:
        self._node = node
        self._new_id = new_id
        self._send = send
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
            raise InvalidParams(f"want one of {', '.join(KINDS)}, got {params[:1]}")
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
        self._wanted[name] = subscription
        return name

    def remove(self, name: Any) -> bool:
        """Answer `eth_unsubscribe`."""
        return self._wanted.pop(name, None) is not None

    def tell(self, rendered: "Rendered") -> None:
        """Send what this connection wants of an event."""
        for name, wanted in self._wanted.items():
            for result in rendered.results(wanted):
                self._push(name, result)
        self._tell_syncing()

    def _tell_syncing(self) -> None:
        """Push that the node fell behind, or that it caught up: as go-ethereum words both."""
        if self._was_syncing is None:
            return
        state = syncing(self._node)
        is_syncing = state is not False
        if is_syncing == self._was_syncing:
            return
        self._was_syncing = is_syncing
        result = encode({"syncing": True, "status": state} if is_syncing else False)
        for name, wanted in self._wanted.items():
            if wanted.kind == "syncing":
                self._push(name, result)

    def _push(self, name: str, result: bytes) -> None:
        self._send(
            b'{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"%b",'
            b'"result":%b}}' % (name.encode(), result)
        )


class Rendered:
    """An event in JSON, made once however many connections hear of it."""

    def __init__(self, node: Backend, event: Event) -> None:
        self._node = node
        self._event = event
        self._heads: list[bytes] | None = None
        self._hashes: list[bytes] | None = None
        self._logs: dict[int, list[bytes]] = {}

    def results(self, wanted: Subscription) -> list[bytes]:
        """Return the `result` of each message that a subscription gets."""
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
        waiting = (self._node.pool.get(each) for each in event.hashes)
        return [encode(pending_transaction(each)) for each in waiting if each is not None]

    def _logs_of(self, event: EpochsExecuted | EpochsUndone, wanted: LogFilter) -> list[bytes]:
        if isinstance(event, EpochsUndone):
            return [log.json for log in event.logs if log.is_wanted(wanted)]
        found = self._logs.get(id(wanted))
        if found is None:
            limit = self._node.limits.logs
            query = LogQuery(event.first, event.last, wanted.addresses, wanted.topics, limit)
            found = [bytes(log) for log in _decode_logs(self._node.executor.logs_json(query))]
            self._logs[id(wanted)] = found
        return found
