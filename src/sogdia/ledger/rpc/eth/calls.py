"""Executions that are only tried: call, gas estimate."""

from typing import Any

from msgspec.structs import replace

from sogdia.ledger.execution.api import (
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallResult,
    CallStatus,
)
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.console import Console
from sogdia.ledger.rpc.errors import ExecutionFailed, ExecutionReverted
from sogdia.ledger.rpc.eth.call_request import AccountOverrides, BlockOverrides, Call
from sogdia.ledger.rpc.eth.epochs import get_epoch, latest_epoch
from sogdia.ledger.rpc.eth.reverts import halt_reason, revert_reason
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Epoch, Tag, hex_data, hex_quantity


def call(
    node: Backend,
    transaction: Call,
    block: Epoch = Tag.LATEST,
    state_overrides: AccountOverrides | None = None,
    block_overrides: BlockOverrides | None = None,
) -> str | OffLoop:
    """Run a call on the state of an epoch and return its output; nothing is kept."""
    at = get_epoch(node, block)
    if block is Tag.PENDING and block_overrides is None:
        block_overrides = _next_block(node)
    request = capped(node, transaction)
    console = _console(node, request, state_overrides)
    if at is None and state_overrides is None and block_overrides is None and console is None:
        result = node.at_hand.call(request)
        if result is not None:
            return _output(result)

    def run() -> str:
        accounts, overridden = state_overrides, block_overrides
        result = node.executor.call(request, at, accounts=accounts, block=overridden)
        if console is not None:
            console.show_call("eth_call", request, at, accounts=accounts, block=overridden)
        return _output(result)

    return OffLoop(run)


def _output(result: CallResult) -> str:
    raise_failure(result)
    return hex_data(result.output)


def estimate_gas(
    node: Backend,
    transaction: Call,
    block: Epoch = Tag.LATEST,
    state_overrides: AccountOverrides | None = None,
    block_overrides: BlockOverrides | None = None,
) -> OffLoop:
    """Return the least gas limit with which a transaction succeeds."""
    at = get_epoch(node, block)

    def run() -> str:
        accounts, overridden = state_overrides, block_overrides
        gas = estimate_or_raise(node, transaction, at, accounts, overridden)
        request = capped(node, transaction)
        console = _console(node, request, accounts)
        if console is not None:
            console.show_call("eth_estimateGas", request, at, accounts=accounts, block=overridden)
        return hex_quantity(gas)

    return OffLoop(run)


def create_access_list(
    node: Backend,
    transaction: Call,
    block: Epoch = Tag.LATEST,
    state_overrides: AccountOverrides | None = None,
) -> OffLoop:
    """Return what a transaction touches (EIP-2930), and the gas it uses with that list."""
    at = get_epoch(node, block)

    def run() -> dict[str, Any]:
        request = capped(node, transaction)
        entries, result = node.tracer.access_list(request, at, accounts=state_overrides)
        shown: dict[str, Any] = {
            "accessList": [
                {"address": hex_data(address), "storageKeys": [hex_data(slot) for slot in slots]}
                for address, slots in entries
            ],
            "gasUsed": hex_quantity(result.gas_used),
        }
        # Only that it failed, as go-ethereum says it: `eth_call` tells the reason.
        if result.status is CallStatus.REVERTED:
            shown["error"] = "execution reverted"
        elif result.status is CallStatus.HALTED:
            shown["error"] = halt_reason(result.halt or "execution halted")
        return shown

    return OffLoop(run)


def estimate_or_raise(
    node: Backend,
    request: CallRequest,
    at: int | None,
    accounts: dict[bytes, AccountOverride] | None = None,
    block: BlockOverride | None = None,
) -> int:
    """Return the least gas limit that suffices; what `raise_failure` raises when none does."""
    request = capped(node, request)
    if at is None and block is None:
        block = _next_block(node)
    outcome = node.executor.estimate_gas(request, at, accounts=accounts, block=block)
    if isinstance(outcome, int):
        return outcome
    # What fails here is not sent, so nothing else shows what it printed.
    console = _console(node, request, accounts)
    if console is not None:
        console.show_call("eth_estimateGas", request, at, accounts=accounts, block=block)
    raise_failure(outcome)
    raise ExecutionFailed(f"gas required exceeds allowance ({request.gas})")


def _next_block(node: Backend) -> BlockOverride | None:
    """Return what is known of the next block where one is made of each transaction.

    A development chain's user moves the clock and sends what was locked until then: the estimate
    before it must see that time too. And what a contract does but once a block costs nothing in the
    block of the last transaction, and its full price in the next one's. Elsewhere the last block
    is at most seconds old, and an estimate is of it, as go-ethereum's.
    """
    if node.development is None:
        return None
    return BlockOverride(number=latest_epoch(node) + 1, timestamp=node.clock())


def _console(
    node: Backend, request: CallRequest, accounts: dict[bytes, AccountOverride] | None
) -> Console | None:
    """Return what shows lines that contracts print, on chains where some contract may."""
    console = node.console
    if console is None:
        return None
    for code in (request.data, *(each.code or b"" for each in (accounts or {}).values())):
        console.note_code(code)
    return console if console.is_used else None


def raise_failure(result: CallResult) -> None:
    """Raise what a caller must know of a call that did not succeed.

    Raises:
        ExecutionReverted: with the revert data as plain hex, and its words when it has any.
        ExecutionFailed: the machine halted: out of gas, a bad opcode.
    """
    if result.status is CallStatus.REVERTED:
        raise ExecutionReverted(revert_reason(result.output), result.output)
    if result.status is CallStatus.HALTED:
        raise ExecutionFailed(halt_reason(result.halt or "execution halted"))


def capped(node: Backend, request: CallRequest) -> CallRequest:
    """Return the call with no more gas than one simulated call may burn."""
    limit = node.limits.call_gas
    if request.gas is not None and request.gas <= limit:
        return request
    return replace(request, gas=limit)


METHODS = (
    Method.of("eth_call", call),
    Method.of("eth_estimateGas", estimate_gas),
    Method.of("eth_createAccessList", create_access_list),
)
