"""The `trace_` methods: flat traces in Parity's format, made by the flat call tracer.

Served where `debug_` traces are, one at a time with them (`debug/queue.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.eth.call_request import Call
from sogdia.ledger.rpc.eth.calls import capped
from sogdia.ledger.rpc.eth.epochs import find_epoch, get_epoch
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import (
    Epoch,
    EpochName,
    Hash,
    Param,
    Tag,
    WrongParam,
    parse_address,
    parse_epoch_number_or_tag,
    parse_list,
    parse_object,
    parse_uint64,
)

# Epochs that one filter may execute again: at most as much work as a hundred block traces.
FILTER_EPOCHS_MAX = 100
# Traces in one answer; about 700 bytes each, 7 MB.
FILTER_TRACES_MAX = 10_000
ADDRESSES_MAX = 1_000
KINDS = ("trace", "stateDiff", "vmTrace")
# Members that place a trace in a block: a call has none.
PLACE = ("blockHash", "blockNumber", "transactionHash", "transactionPosition")


async def trace_transaction(node: Backend, hash: Hash) -> Any:
    """Return the flat traces of a transaction, null when it is not executed."""
    place = node.executor.locate(hash)
    if place is None:
        return None
    async with node.traces.turn():
        return flat(await node.off_loop(lambda: node.tracer.transaction(place, flat_options())))


async def trace_block(node: Backend, block: Epoch) -> list[dict[str, Any]] | None:
    """Return the flat traces of all transactions of an epoch, null when it is not executed."""
    number = find_epoch(node, block)
    return None if number is None else await _epoch(node, number)


async def trace_call(
    node: Backend, transaction: Call, kinds: "Kinds", block: Epoch = Tag.LATEST
) -> dict[str, Any]:
    """Run a call and return its flat traces."""
    at, request = get_epoch(node, block), capped(node, transaction)
    refuse_unserved(kinds)
    async with node.traces.turn():
        found = flat(await node.off_loop(lambda: node.tracer.call(request, flat_options(), at)))
    return replayed(found)


def refuse_unserved(kinds: Sequence[str]) -> None:
    """Refuse what only Parity's own machine told.

    Raises:
        InvalidParams: something else than 'trace' is asked for.
    """
    if unserved := [kind for kind in kinds if kind != "trace"]:
        raise InvalidParams(f"{', '.join(unserved)} is not served here, only 'trace'")


def replayed(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the flat traces of one execution in the shape of a replay."""
    traces = [{k: v for k, v in each.items() if k not in PLACE} for each in found]
    result = traces[0].get("result") or {} if traces else {}
    return {
        "output": result.get("output", result.get("code", "0x")),
        "stateDiff": None,
        "trace": traces,
        "vmTrace": None,
    }


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Epochs, who calls, who is called, and which part of what matches."""

    first: int | Tag
    last: int | Tag
    senders: frozenset[str]
    targets: frozenset[str]
    after: int
    count: int


def _parse_filter(value: Any) -> TraceFilter:
    members = parse_object(value)

    def addresses(name: str) -> frozenset[str]:
        found = parse_list(members.get(name) or [], parse_address, ADDRESSES_MAX)
        return frozenset("0x" + address.hex() for address in found)

    return TraceFilter(
        parse_epoch_number_or_tag(members.get("fromBlock")),
        parse_epoch_number_or_tag(members.get("toBlock")),
        addresses("fromAddress"),
        addresses("toAddress"),
        _parse_count(members.get("after", 0)),
        min(_parse_count(members.get("count", FILTER_TRACES_MAX)), FILTER_TRACES_MAX),
    )


def _parse_count(value: Any) -> int:
    return parse_uint64(hex(value)) if type(value) is int and value >= 0 else parse_uint64(value)


def _parse_kinds(value: Any) -> list[str]:
    def known(kind: Any) -> str:
        if kind not in KINDS:
            raise WrongParam(f"unknown trace type {kind!r}, want one of {', '.join(KINDS)}")
        return str(kind)

    return parse_list(value, known, len(KINDS))


Filter = Annotated[TraceFilter, Param("filter", _parse_filter, {"type": "object"})]
Kinds = Annotated[list[str], Param("traceTypes", _parse_kinds, {"type": "array"})]


async def trace_filter(node: Backend, filter: Filter) -> list[dict[str, Any]]:
    """Return the flat traces of a run of epochs that match, oldest first."""
    first, last = (_bound(node, bound) for bound in (filter.first, filter.last))
    if first > last:
        raise InvalidParams("invalid block range params")
    if last - first >= FILTER_EPOCHS_MAX:
        raise InvalidParams(
            f"range of {last - first + 1} blocks, limit {FILTER_EPOCHS_MAX}: "
            f"ask for {first:#x} to {first + FILTER_EPOCHS_MAX - 1:#x} first"
        )
    wanted, found = filter.after + filter.count, []
    for number in range(first, last + 1):
        found += [each for each in await _epoch(node, number) if _matches(filter, each)]
        if len(found) >= wanted:
            break
    return found[filter.after : wanted]


def _bound(node: Backend, name: EpochName) -> int:
    number = find_epoch(node, name)
    if number is None:
        raise InvalidParams("block range extends beyond current head block")
    return number


def _matches(filter: TraceFilter, trace: dict[str, Any]) -> bool:
    """An empty list matches anybody; a creation is a call to what it creates."""
    action, result = trace["action"], trace.get("result") or {}
    sender = action.get("from", action.get("address"))
    target = action.get("to", action.get("refundAddress", result.get("address")))
    return (not filter.senders or sender in filter.senders) and (
        not filter.targets or target in filter.targets
    )


async def _epoch(node: Backend, number: int) -> list[dict[str, Any]]:
    async with node.traces.turn():
        traces = await node.off_loop(lambda: node.tracer.epoch(number, flat_options()))
    return [each for _, found in traces or () for each in flat(found)]


def flat(found: bytes) -> list[dict[str, Any]]:
    """Return the traces that the flat tracer rendered."""
    traces: list[dict[str, Any]] = msgspec.json.decode(found)
    return traces


def flat_options() -> dict[str, Any]:
    """Return what asks for flat traces."""
    return {"tracer": "flatCallTracer"}


METHODS = (
    Method.of("trace_transaction", trace_transaction),
    Method.of("trace_block", trace_block),
    Method.of("trace_call", trace_call),
    Method.of("trace_filter", trace_filter),
)
