"""What the block explorer Otterscan asks for beside the usual methods (its API, level 8).

`ots_searchTransactionsBefore` and `…After` are not here: they want an index of who touched what.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.debug.traces import NotTraceable
from sogdia.ledger.rpc.eth.epochs import find_epoch, get_epoch, latest_epoch
from sogdia.ledger.rpc.eth.transactions import executed_nonce
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    Address,
    Epoch,
    EpochName,
    EpochNumber,
    Hash,
    Param,
    PivotHash,
    Uint64,
    WrongParam,
    hex_data,
    hex_quantity,
    parse_uint64,
)

API_LEVEL = 8
# Transactions of one page; Otterscan asks for 25.
PAGE_MAX = 1_000
# What a transfer inside a transaction was, in Otterscan's numbers.
TRANSFER, SELF_DESTRUCT, CREATE, CREATE2 = range(4)
OPERATIONS = {
    "CALL": TRANSFER,
    "SELFDESTRUCT": SELF_DESTRUCT,
    "CREATE": CREATE,
    "CREATE2": CREATE2,
}
SELECTOR_CHARACTERS = 10  # 0x and four bytes: Otterscan shows the method, not its arguments


def _parse_count(value: Any) -> int:
    count = value if type(value) is int else parse_uint64(value)
    if not 0 <= count <= 2**63:
        raise WrongParam(f"want a number from 0 up, got {count}")
    return count


Count = Annotated[int, Param("count", _parse_count, {"type": ["integer", "string"]})]


def get_api_level(node: Backend) -> int:
    """Return the level of this API that is served."""
    del node
    return API_LEVEL


def has_code(node: Backend, address: Address, block: Epoch) -> OffLoop:
    """Tell whether an address is a contract."""
    at = get_epoch(node, block)
    return OffLoop(lambda: bool(node.executor.code(address, at)))


async def get_internal_operations(node: Backend, hash: Hash) -> list[dict[str, Any]]:
    """Return the transfers, creations and ends of contracts inside a transaction."""
    return [
        {
            "type": OPERATIONS[frame["type"]],
            "from": frame["from"],
            "to": frame.get("to"),
            "value": frame.get("value", "0x0"),
        }
        for depth, frame in _frames(await _trace(node, hash), succeeded=True)
        if depth and _is_operation(frame)
    ]


async def get_transaction_error(node: Backend, hash: Hash) -> str:
    """Return what a transaction reverted with, empty if it did not."""
    frame = await _trace(node, hash)
    return str(frame.get("output", "0x")) if "error" in frame else "0x"


async def trace_transaction(node: Backend, hash: Hash) -> list[dict[str, Any]]:
    """Return the calls of a transaction in order, each with its depth."""
    return [
        {
            "type": frame["type"],
            "depth": depth,
            "from": frame["from"],
            "to": frame.get("to"),
            "value": frame.get("value"),
            "input": frame.get("input", "0x"),
            "output": frame.get("output", "0x"),
        }
        for depth, frame in _frames(await _trace(node, hash))
    ]


def get_block_details(node: Backend, block: EpochNumber) -> OffLoop:
    """Return an epoch without its transactions, and what they paid."""
    return _details(node, block)


def get_block_details_by_hash(node: Backend, hash: Hash) -> OffLoop:
    """Return the epoch of this pivot block without its transactions, and what they paid."""
    return _details(node, PivotHash(hash))


def get_block_transactions(
    node: Backend, block: EpochNumber, page: Count, page_size: Count
) -> OffLoop:
    """Return a page of an epoch's transactions with their receipts, the last page first."""
    number, size = find_epoch(node, block), min(page_size, PAGE_MAX)

    def run() -> dict[str, Any] | None:
        shown = None if number is None else node.executor.block_json(number, full=True)
        receipts = None if number is None else node.executor.receipts_json(number)
        if shown is None or receipts is None:
            return None
        whole, paid = msgspec.json.decode(shown), msgspec.json.decode(receipts)
        end = max(len(paid) - page * size, 0)
        part = slice(max(end - size, 0), end)
        transactions = whole["transactions"][part]
        for transaction in transactions:
            transaction["input"] = transaction["input"][:SELECTOR_CHARACTERS]
        count = {"transactionCount": len(paid), "transactions": transactions}
        bare = [each | {"logs": None, "logsBloom": None} for each in paid[part]]
        return {"fullblock": whole | count, "receipts": bare}

    return OffLoop(run)


def get_transaction_by_sender_and_nonce(node: Backend, sender: Address, nonce: Uint64) -> OffLoop:
    """Return the hash of the executed transaction of a sender with a nonce, null without one."""

    def run() -> str | None:
        found = executed_nonce(node, sender, nonce)
        return None if found is None else hex_data(found)

    return OffLoop(run)


async def get_contract_creator(node: Backend, address: Address) -> dict[str, Any] | None:
    """Return who created a contract, and in which transaction; null without one."""
    number = await node.off_loop(lambda: _epoch_of_creation(node, address))
    if number is None:
        return None
    async with node.traces.turn():
        traces = await node.off_loop(lambda: node.tracer.epoch(number, _options()))
    shown = hex_data(address)
    for transaction, trace in traces or ():
        for _, frame in _frames(msgspec.json.decode(trace), succeeded=True):
            if frame["type"].startswith("CREATE") and frame.get("to") == shown:
                return {"hash": hex_data(transaction), "creator": frame["from"]}
    return None


def _epoch_of_creation(node: Backend, address: bytes) -> int | None:
    """Return the epoch that gave an address its code, if the state before it is kept."""
    low, high = node.executor.oldest_kept(), latest_epoch(node)
    if not node.executor.code(address, high) or node.executor.code(address, low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if node.executor.code(address, middle):
            high = middle
        else:
            low = middle
    return high


def _details(node: Backend, name: EpochName) -> OffLoop:
    number = find_epoch(node, name)

    def run() -> dict[str, Any] | None:
        shown = None if number is None else node.executor.block_json(number, full=False)
        receipts = None if number is None else node.executor.receipts_json(number)
        if shown is None or receipts is None:
            return None
        block, paid = msgspec.json.decode(shown), msgspec.json.decode(receipts)
        fees = sum(int(r["gasUsed"], 16) * int(r["effectiveGasPrice"], 16) for r in paid)
        bare = {"transactionCount": len(block.pop("transactions")), "logsBloom": None}
        # What an epoch's blocks earn is paid twelve epochs later, and depends on their anticones.
        return {"block": block | bare, "issuance": {}, "totalFees": hex_quantity(fees)}

    return OffLoop(run)


async def _trace(node: Backend, transaction: bytes) -> dict[str, Any]:
    place = node.executor.locate(transaction)
    if place is None:
        raise NotTraceable("transaction not found")
    async with node.traces.turn():
        found = await node.off_loop(lambda: node.tracer.transaction(place, _options()))
    frame: dict[str, Any] = msgspec.json.decode(found)
    return frame


def _frames(
    root: dict[str, Any], *, succeeded: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (depth, frame) in the order of the calls; `succeeded` leaves out what was undone."""
    waiting = [(0, root)]
    while waiting:
        depth, frame = waiting.pop()
        if succeeded and "error" in frame:
            continue
        yield depth, frame
        waiting += [(depth + 1, inner) for inner in reversed(frame.get("calls", ()))]


def _is_operation(frame: dict[str, Any]) -> bool:
    if frame["type"] == "CALL":
        return int(frame.get("value", "0x0"), 16) > 0
    return frame["type"] in OPERATIONS


def _options() -> dict[str, Any]:
    return {"tracer": "callTracer"}


METHODS = (
    Method.of("ots_getApiLevel", get_api_level),
    Method.of("ots_hasCode", has_code),
    Method.of("ots_getInternalOperations", get_internal_operations),
    Method.of("ots_getTransactionError", get_transaction_error),
    Method.of("ots_traceTransaction", trace_transaction),
    Method.of("ots_getBlockDetails", get_block_details),
    Method.of("ots_getBlockDetailsByHash", get_block_details_by_hash),
    Method.of("ots_getBlockTransactions", get_block_transactions),
    Method.of("ots_getTransactionBySenderAndNonce", get_transaction_by_sender_and_nonce),
    Method.of("ots_getContractCreator", get_contract_creator),
)
