"""Filters that are polled: F1 no gap, F2 forgotten when nobody polls."""

import itertools

import pytest

from sogdia.ledger.rpc.errors import LimitExceeded
from sogdia.ledger.rpc.events import EpochsExecuted, EpochsUndone, EventHub, TransactionsAccepted
from sogdia.ledger.rpc.filters import HASHES_MAX, FilterNotFound, FilterStore


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def store(hub: EventHub, clock: Clock, filters_max: int = 4) -> FilterStore:
    counter = itertools.count(1)
    return FilterStore(hub, clock, lambda: next(counter), filters_max=filters_max, idle_s=10)


def test_f1_a_filter_begins_again_where_epochs_were_taken_back() -> None:
    hub, clock = EventHub(), Clock()
    filters = store(hub, clock)
    name = filters.add(8)
    hub.publish(EpochsExecuted(8, 9))
    assert filters.get(name).next_epoch == 8
    filters.get(name).next_epoch = 10
    hub.publish(EpochsUndone(7, 9, []))
    hub.publish(EpochsExecuted(7, 10))
    assert filters.get(name).next_epoch == 7


def test_waiting_transactions_are_kept_for_those_who_asked_and_no_more_than_may() -> None:
    hub, clock = EventHub(), Clock()
    filters = store(hub, clock)
    pending, epochs = filters.add(0, pending=True), filters.add(0)
    hub.publish(TransactionsAccepted([bytes([i % 256]) * 32 for i in range(HASHES_MAX + 5)]))
    assert len(filters.get(pending).hashes) == HASHES_MAX
    assert not filters.get(epochs).hashes


def test_f2_a_filter_that_nobody_polls_is_forgotten() -> None:
    hub, clock = EventHub(), Clock()
    filters = store(hub, clock)
    polled, forgotten = filters.add(0), filters.add(0)
    clock.now += 9
    filters.get(polled)
    clock.now += 9
    filters.get(polled)
    with pytest.raises(FilterNotFound):
        filters.get(forgotten)


def test_more_filters_than_may_are_refused_until_others_are_forgotten() -> None:
    hub, clock = EventHub(), Clock()
    filters = store(hub, clock)
    names = [filters.add(0) for _ in range(4)]
    with pytest.raises(LimitExceeded, match="4 filters"):
        filters.add(0)
    assert filters.remove(names[0])
    assert not filters.remove(names[0])
    filters.add(0)
    clock.now += 11
    filters.add(0)
