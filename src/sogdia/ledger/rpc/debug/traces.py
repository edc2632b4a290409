"""Traces in the formats of go-ethereum's tracers."""

from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.eth.call_request import (
    Call,
    parse_account_overrides,
    parse_block_override,
)
from sogdia.ledger.rpc.eth.calls import capped
from sogdia.ledger.rpc.eth.epochs import find_epoch, get_epoch
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import (
    Epoch,
    EpochName,
    EpochNumber,
    Hash,
    Object,
    Param,
    PivotHash,
    Tag,
    hex_data,
    parse_object,
)
from sogdia.ledger.rpc.wire import ReadyJson


class NotTraceable(RpcError):
    """There is nothing to trace; the words are go-ethereum's."""


def _parse_call_options(value: Any) -> dict[str, Any]:
    members = dict(parse_object(value))
    state, block = members.pop("stateOverrides", None), members.pop("blockOverrides", None)
    return {
        "tracing": members,
        "accounts": None if state is None else parse_account_overrides(state),
        "block": None if block is None else parse_block_override(block),
    }


CallOptions = Annotated[dict[str, Any], Param("options", _parse_call_options, {"type": "object"})]


async def trace_transaction(node: Backend, hash: Hash, options: Object | None = None) -> ReadyJson:
    """Execute a transaction again, in its place, and return what it did."""
    place = node.executor.locate(hash)
    if place is None:
        raise NotTraceable("transaction not found")
    async with node.traces.turn():
        return ReadyJson(await node.off_loop(lambda: node.tracer.transaction(place, options or {})))


async def trace_call(
    node: Backend, transaction: Call, block: Epoch = Tag.LATEST, options: CallOptions | None = None
) -> ReadyJson:
    """Run a call on the state of an epoch and return what it did."""
    at = get_epoch(node, block)
    given = options or {"tracing": {}, "accounts": None, "block": None}
    request = capped(node, transaction)
    async with node.traces.turn():
        return ReadyJson(
            await node.off_loop(
                lambda: node.tracer.call(
                    request, given["tracing"], at, accounts=given["accounts"], block=given["block"]
                )
            )
        )


async def trace_block_by_number(
    node: Backend, block: EpochNumber, options: Object | None = None
) -> list[Any]:
    """Execute an epoch again and return what each transaction did."""
    return await _trace_epoch(node, block, options)


async def trace_block_by_hash(
    node: Backend, hash: Hash, options: Object | None = None
) -> list[Any]:
    """Execute the epoch of this pivot block again and return what each transaction did."""
    return await _trace_epoch(node, PivotHash(hash), options)


async def _trace_epoch(node: Backend, name: EpochName, options: Any) -> list[Any]:
    number = find_epoch(node, name)
    if number is None:
        shown = f"0x{name.hash.hex()}" if isinstance(name, PivotHash) else f"#{name}"
        raise NotTraceable(f"block {shown} not found")
    if number == 0:
        raise NotTraceable("genesis is not traceable")
    async with node.traces.turn():
        traces = await node.off_loop(lambda: node.tracer.epoch(number, options or {}))
    return [
        {"txHash": hex_data(transaction), "result": ReadyJson(trace)}
        for transaction, trace in traces or ()
    ]


METHODS = (
    Method.of("debug_traceTransaction", trace_transaction),
    Method.of("debug_traceCall", trace_call),
    Method.of("debug_traceBlockByNumber", trace_block_by_number),
    Method.of("debug_traceBlockByHash", trace_block_by_hash),
)
