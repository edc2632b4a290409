"""Signed transactions in."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.intake import Outcome
from sogdia.ledger.rpc.method import Later, Method
from sogdia.ledger.rpc.params import Data, Param, WrongParam, hex_data, parse_uint64
from sogdia.ledger.rpc.wire import ReadyJson

# What EIP-7966 recommends.
SYNC_DEFAULT_MS = 2_000
# Of the time that a call may take: what is left is for the answer.
SYNC_SHARE_MAX = 0.8


class NotExecutedInTime(RpcError):
    """The pool took a transaction that no epoch executed in the time asked for (EIP-7966)."""

    code = 4

    def __init__(self, transaction: bytes, waited_s: float) -> None:
        super().__init__(
            "The transaction was added to the transaction pool but wasn't processed "
            f"within {waited_s:g} s: ask for its receipt later"
        )
        self.transaction = transaction

    @property
    def data(self) -> str:
        """Its hash."""
        return hex_data(self.transaction)


def _parse_milliseconds(value: Any) -> int:
    if type(value) is str:
        value = parse_uint64(value)
    if type(value) is not int or value <= 0:
        raise WrongParam(f"want a positive number of milliseconds, got {value!r}")
    return value


Milliseconds = Annotated[
    int, Param("timeout", _parse_milliseconds, {"type": ["integer", "string"]})
]


def send_raw_transaction(node: Backend, raw: Data) -> str | RpcError | Later:
    """Take a signed transaction; return its hash once the pool has written it down."""
    outcome = node.intake.submit_short(raw)
    if outcome is None:
        return Later(node.intake.submit([raw]), _only)
    return _shown(outcome)


def _only(outcomes: Sequence[Outcome]) -> str | RpcError:
    (outcome,) = outcomes
    return _shown(outcome)


def _shown(outcome: Outcome) -> str | RpcError:
    return outcome if isinstance(outcome, RpcError) else hex_data(outcome)


async def send_raw_transactions(
    node: Backend, calls: Sequence[Sequence[bytes]]
) -> list[str | RpcError]:
    """Take all signed transactions of a batch at once."""
    outcomes = await node.intake.submit([raw for (raw,) in calls])
    return [o if isinstance(o, RpcError) else hex_data(o) for o in outcomes]


async def send_raw_transaction_sync(
    node: Backend, raw: Data, timeout_ms: Milliseconds = SYNC_DEFAULT_MS
) -> ReadyJson:
    """Take a signed transaction and return its receipt once it is executed."""
    (outcome,) = await node.intake.submit([raw])
    if isinstance(outcome, RpcError):
        raise outcome
    return await executed_receipt(node, outcome, timeout_ms)


async def executed_receipt(node: Backend, hash: bytes, timeout_ms: int) -> ReadyJson:
    """Return the receipt of a transaction that the pool took, once it is executed.

    Raises:
        NotExecutedInTime: it was not within `timeout_ms`, or within what a call may take.
    """
    patience_s = min(timeout_ms / 1_000, node.limits.call_time_s * SYNC_SHARE_MAX)
    executed = asyncio.Event()
    stop_hearing = node.events.listen(lambda _: executed.set())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while (receipt := node.executor.receipt_json(hash)) is None:
                    await executed.wait()
                    executed.clear()
                return ReadyJson(receipt)
    finally:
        stop_hearing()
    raise NotExecutedInTime(hash, patience_s)


METHODS = (
    Method.of("eth_sendRawTransaction", send_raw_transaction, many=send_raw_transactions),
    Method.of("eth_sendRawTransactionSync", send_raw_transaction_sync),
)
