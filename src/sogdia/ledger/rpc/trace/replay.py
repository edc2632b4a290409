"""What executed transactions did, told as if they ran again; and one trace by its place."""

from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.debug.traces import NotTraceable
from sogdia.ledger.rpc.eth.epochs import find_epoch
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Epoch, Hash, Param, hex_data, parse_list, parse_uint64
from sogdia.ledger.rpc.trace import (
    Kinds,
    flat,
    flat_options,
    refuse_unserved,
    replayed,
    trace_transaction,
)

# Frames in each other, as deep as the machine goes.
DEPTH_MAX = 1_024


def _parse_path(value: Any) -> list[int]:
    return parse_list(value, parse_uint64, DEPTH_MAX)


Path = Annotated[list[int], Param("path", _parse_path, {"type": "array"})]


async def replay_transaction(node: Backend, hash: Hash, kinds: Kinds) -> dict[str, Any]:
    """Return what a transaction returned, and its flat traces."""
    refuse_unserved(kinds)
    found = await trace_transaction(node, hash)
    if found is None:
        raise NotTraceable("transaction not found")
    return replayed(found)


async def replay_block_transactions(
    node: Backend, block: Epoch, kinds: Kinds
) -> list[dict[str, Any]] | None:
    """Return what each transaction of an epoch returned, and its flat traces."""
    refuse_unserved(kinds)
    number = find_epoch(node, block)
    if number is None:
        return None
    async with node.traces.turn():
        traces = await node.off_loop(lambda: node.tracer.epoch(number, flat_options()))
    return [
        replayed(flat(found)) | {"transactionHash": hex_data(transaction)}
        for transaction, found in traces or ()
    ]


async def get_trace(node: Backend, hash: Hash, path: Path) -> dict[str, Any] | None:
    """Return the trace of a transaction whose `traceAddress` is the path, null without one."""
    found = await trace_transaction(node, hash)
    return next((trace for trace in found or () if trace["traceAddress"] == path), None)


METHODS = (
    Method.of("trace_replayTransaction", replay_transaction),
    Method.of("trace_replayBlockTransactions", replay_block_transactions),
    Method.of("trace_get", get_trace),
)
