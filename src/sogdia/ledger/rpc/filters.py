"""Filters that a client polls: what is new since it last asked.

A filter over epochs or logs keeps only how far it has told; what is new is read when it is asked
for. Only hashes of waiting transactions must be kept, since nobody can ask for them later.

    F1  What a filter tells follows without a gap from what it told before. After epochs were taken
        back it tells their logs as removed, and begins again at the lowest of them. From when that
        begins until it has heard of it, it tells nothing: what it read then might be of either.
    F2  A filter that nobody polls for `idle_s` is forgotten, and an owner of many holds none of
        what they would tell.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sogdia.ledger.rpc.errors import LimitExceeded, RpcError
from sogdia.ledger.rpc.events import (
    EpochsUndone,
    Event,
    EventHub,
    LogSelection,
    TransactionsAccepted,
)

# Hashes of waiting transactions kept for one filter: a minute of a busy node, 1 MB.
HASHES_MAX = 10_000
# Logs that were taken back, kept for one filter until it is polled: about 5 MB; the oldest go.
REMOVED_MAX = 10_000


class FilterNotFound(RpcError):
    """No filter has the id: it never did, was uninstalled, or was not polled for too long."""

    def __init__(self) -> None:
        super().__init__("filter not found")


@dataclass(slots=True)
class Filter:
    """What one client wants to hear. `query` is None for epochs, a log filter for logs."""

    query: LogSelection | None
    wants_transactions: bool
    next_epoch: int
    polled_at: float
    hashes: deque[bytes] = field(default_factory=lambda: deque(maxlen=HASHES_MAX))
    removed: deque[bytes] = field(default_factory=lambda: deque(maxlen=REMOVED_MAX))
    """Logs in JSON that it was told and that were taken back since it was polled."""

    def on_undone(self, event: EpochsUndone) -> None:
        """Note what it must hear of before anything new."""
        if self.query is not None:
            told = (log for log in event.logs if log.epoch < self.next_epoch)
            self.removed.extend(log.json for log in told if log.is_wanted(self.query))
        self.next_epoch = min(self.next_epoch, event.first)


class FilterStore:
    """The filters of all clients. `clock` gives seconds, `new_id` numbers that nobody can guess."""

    def __init__(
        self,
        events: EventHub,
        clock: Callable[[], float],
        new_id: Callable[[], int],
        *,
        filters_max: int,
        idle_s: float,
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._filters_max = filters_max
        self._idle_s = idle_s
        self._filters: dict[int, Filter] = {}
        events.listen(self._on_event)

    def add(
        self, next_epoch: int, query: LogSelection | None = None, *, pending: bool = False
    ) -> int:
        """Install a filter; return its id.

        Raises:
            LimitExceeded: as many filters as may are polled.
        """
        now = self._clock()
        if len(self._filters) >= self._filters_max:
            self._forget_idle(now)
        if len(self._filters) >= self._filters_max:
            raise LimitExceeded(
                f"{self._filters_max} filters are in use: uninstall one, or use a subscription"
            )
        filter_id = self._new_id()
        self._filters[filter_id] = Filter(query, pending, next_epoch, now)
        return filter_id

    def get(self, filter_id: int) -> Filter:
        """Return a filter and note that it was polled.

        Raises:
            FilterNotFound: it is not there, or was forgotten.
        """
        now = self._clock()
        found = self._filters.get(filter_id)
        if found is None or found.polled_at + self._idle_s < now:
            self._filters.pop(filter_id, None)
            raise FilterNotFound
        found.polled_at = now
        return found

    def remove(self, filter_id: int) -> bool:
        """Uninstall a filter; tell whether there was one."""
        return self._filters.pop(filter_id, None) is not None

    def _on_event(self, event: Event) -> None:
        if isinstance(event, EpochsUndone):
            for each in self._filters.values():
                each.on_undone(event)
        if not isinstance(event, TransactionsAccepted):
            return
        for each in self._filters.values():
            if each.wants_transactions:
                each.hashes.extend(event.hashes)

    def _forget_idle(self, now: float) -> None:
        idle = [key for key, each in self._filters.items() if each.polled_at + self._idle_s < now]
        for key in idle:
            del self._filters[key]
