"""The `eth_` methods of filters that are polled."""

from typing import Any

from sogdia.ledger.execution.api import LogQuery
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import latest_epoch
from sogdia.ledger.rpc.eth.logs import Filter as FilterParam
from sogdia.ledger.rpc.eth.logs import LogFilter, build_query, get_logs
from sogdia.ledger.rpc.filters import FilterNotFound
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Quantity, Tag, hex_data, hex_quantity
from sogdia.ledger.rpc.wire import ReadyJson


def new_filter(node: Backend, filter: FilterParam) -> str:
    """Install a filter over logs from now on, or from `fromBlock` on."""
    start = filter.first if isinstance(filter.first, int) else latest_epoch(node) + 1
    return hex_quantity(node.filters.add(start, filter))


def new_block_filter(node: Backend) -> str:
    """Install a filter over epochs from now on."""
    return hex_quantity(node.filters.add(latest_epoch(node) + 1))


def new_pending_transaction_filter(node: Backend) -> str:
    """Install a filter over transactions that the pool takes in from now on."""
    return hex_quantity(node.filters.add(0, pending=True))


def uninstall_filter(node: Backend, id: Quantity) -> bool:
    """Remove a filter; tell whether there was one."""
    return node.filters.remove(id)


def get_filter_changes(node: Backend, id: Quantity) -> Any:
    """Return what is new since the filter was last polled."""
    found = node.filters.get(id)
    if found.wants_transactions:
        hashes = [hex_data(transaction) for transaction in found.hashes]
        found.hashes.clear()
        return hashes
    head = latest_epoch(node)
    first, last = found.next_epoch, min(head, found.next_epoch + node.limits.log_epochs - 1)
    if isinstance(found.query, LogFilter):
        if isinstance(found.query.last, int):
            last = min(last, found.query.last)
        found.next_epoch = max(found.next_epoch, last + 1)
        removed = list(found.removed)
        found.removed.clear()
        return _changes(node, found.query, first, last, removed)
    found.next_epoch = max(found.next_epoch, last + 1)
    summaries = [node.executor.epoch(number) for number in range(first, last + 1)]
    return [hex_data(summary.pivot) for summary in summaries if summary is not None]


def get_filter_logs(node: Backend, id: Quantity) -> Any:
    """Return all logs that a log filter matches."""
    found = node.filters.get(id)
    if not isinstance(found.query, LogFilter):
        raise FilterNotFound
    return get_logs(node, found.query)


def _changes(
    node: Backend, query: LogFilter, first: int, last: int, removed: list[bytes]
) -> OffLoop | ReadyJson:
    """Return removed logs, then new ones."""
    if first > last:
        return ReadyJson(b"[" + b",".join(removed) + b"]")
    anywhere = LogFilter(Tag.LATEST, Tag.LATEST, None, query.addresses, query.topics)
    checked = build_query(node, anywhere)
    asked = LogQuery(first, last, checked.addresses, checked.topics, checked.limit)

    def read() -> ReadyJson:
        fresh = node.executor.logs_json(asked)
        if not removed:
            return ReadyJson(fresh)
        joint = b"" if fresh == b"[]" else b","
        return ReadyJson(b"[" + b",".join(removed) + joint + fresh[1:])

    return OffLoop(read)


METHODS = (
    Method.of("eth_newFilter", new_filter),
    Method.of("eth_newBlockFilter", new_block_filter),
    Method.of("eth_newPendingTransactionFilter", new_pending_transaction_filter),
    Method.of("eth_uninstallFilter", uninstall_filter),
    Method.of("eth_getFilterChanges", get_filter_changes),
    Method.of("eth_getFilterLogs", get_filter_logs),
)
