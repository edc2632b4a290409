"""The `eth_` methods of filters that are polled."""

import asyncio
from typing import Any

from sogdia.ledger.execution.api import LogQuery
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import latest_epoch
from sogdia.ledger.rpc.eth.logs import Filter as FilterParam
from sogdia.ledger.rpc.eth.logs import LogFilter, build_query, get_logs
from sogdia.ledger.rpc.filters import FilterNotFound
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Quantity, Tag, hex_data, hex_quantity
from sogdia.ledger.rpc.wire import ReadyJson

HEARING_S = 0.005


async def new_filter(node: Backend, filter: FilterParam) -> str:
    """Install a filter over logs from now on, or from `fromBlock` on."""
    await _hear_all(node)
    start = filter.first if isinstance(filter.first, int) else latest_epoch(node) + 1
    return hex_quantity(node.filters.add(start, filter))


async def new_block_filter(node: Backend) -> str:
    """Install a filter over epochs from now on."""
    await _hear_all(node)
    return hex_quantity(node.filters.add(latest_epoch(node) + 1))


def new_pending_transaction_filter(node: Backend) -> str:
    """Install a filter over transactions that the pool takes in from now on."""
    return hex_quantity(node.filters.add(0, pending=True))


def uninstall_filter(node: Backend, id: Quantity) -> bool:
    """Remove a filter; tell whether there was one."""
    return node.filters.remove(id)


async def get_filter_changes(node: Backend, id: Quantity) -> Any:
    """Return what is new since the filter was last polled."""
    found = node.filters.get(id)
    if found.wants_transactions:
        hashes = [hex_data(transaction) for transaction in found.hashes]
        found.hashes.clear()
        return hashes
    if node.events.is_behind():
        return []
    head = latest_epoch(node)
    first, last = found.next_epoch, min(head, found.next_epoch + node.limits.log_epochs - 1)
    if not isinstance(found.query, LogFilter):
        summaries = [node.executor.epoch(number) for number in range(first, last + 1)]
        if node.events.is_behind():
            return []
        found.next_epoch = max(first, last + 1)
        return [hex_data(summary.pivot) for summary in summaries if summary is not None]
    if isinstance(found.query.last, int):
        last = min(last, found.query.last)
    fresh = await _read_logs(node, found.query, first, last)
    # Another poll may have told this meanwhile, or an undo made it another chain's (F1).
    if found.next_epoch != first or node.events.is_behind():
        return []
    found.next_epoch = max(first, last + 1)
    told = [*found.removed] if fresh == b"[]" else [*found.removed, fresh[1:-1]]
    found.removed.clear()
    return ReadyJson(b"[" + b",".join(told) + b"]")


def get_filter_logs(node: Backend, id: Quantity) -> Any:
    """Return all logs that a log filter matches."""
    found = node.filters.get(id)
    if not isinstance(found.query, LogFilter):
        raise FilterNotFound
    return get_logs(node, found.query)


async def _hear_all(node: Backend) -> None:
    """Wait until everybody was told of what is taken back: a new filter is not to hear of it."""
    while node.events.is_behind():
        await asyncio.sleep(HEARING_S)


async def _read_logs(node: Backend, query: LogFilter, first: int, last: int) -> bytes:
    """Return the logs of epochs `first` to `last` as a JSON array."""
    if first > last:
        return b"[]"
    anywhere = LogFilter(Tag.LATEST, Tag.LATEST, None, query.addresses, query.topics)
    checked = build_query(node, anywhere)
    asked = LogQuery(first, last, checked.addresses, checked.topics, checked.limit)
    return await node.off_loop(lambda: node.executor.logs_json(asked))


METHODS = (
    Method.of("eth_newFilter", new_filter),
    Method.of("eth_newBlockFilter", new_block_filter),
    Method.of("eth_newPendingTransactionFilter", new_pending_transaction_filter),
    Method.of("eth_uninstallFilter", uninstall_filter),
    Method.of("eth_getFilterChanges", get_filter_changes),
    Method.of("eth_getFilterLogs", get_filter_logs),
)
