"""`eth_callMany`: bundles of calls, each call on what the ones before left (Erigon's method)."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from sogdia.ledger.execution.api import BlockOverride, CallRequest
from sogdia.ledger.execution.errors import InvalidCall
from sogdia.ledger.execution.simulation import BlockPlan, SimulatedBlocks
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams, RpcError
from sogdia.ledger.rpc.eth.call_request import (
    AccountOverrides,
    parse_block_override,
    parse_call,
)
from sogdia.ledger.rpc.eth.calls import capped, raise_failure
from sogdia.ledger.rpc.eth.epochs import get_epoch, latest_epoch
from sogdia.ledger.rpc.eth.simulate_request import BLOCKS_MAX, CALLS_MAX, refuse_too_many
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    EpochName,
    Param,
    Tag,
    hex_data,
    parse_epoch,
    parse_list,
    parse_object,
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Calls that see the same block."""

    calls: tuple[CallRequest, ...]
    block: BlockOverride


def _parse_bundle(value: Any) -> Bundle:
    members = parse_object(value)
    block = members.get("blockOverride")
    return Bundle(
        tuple(parse_list(members.get("transactions") or [], parse_call, CALLS_MAX)),
        BlockOverride() if block is None else parse_block_override(block),
    )


def _parse_bundles(value: Any) -> list[Bundle]:
    refuse_too_many(value, "transactions")
    return parse_list(value, _parse_bundle, BLOCKS_MAX)


def _parse_context(value: Any) -> EpochName:
    members = parse_object(value)
    index = members.get("transactionIndex")
    if index not in (None, -1):
        raise InvalidParams(f"transactionIndex {index}: calls run after the whole block, -1")
    return parse_epoch(members.get("blockNumber", "latest"))


Bundles = Annotated[list[Bundle], Param("bundles", _parse_bundles, {"type": "array"})]
Context = Annotated[EpochName, Param("simulationContext", _parse_context, {"type": "object"})]


def call_many(
    node: Backend,
    bundles: Bundles,
    context: Context = Tag.LATEST,
    state_overrides: AccountOverrides | None = None,
) -> OffLoop:
    """Run bundles of calls; return the output or the error of each. Nothing is kept."""
    at = get_epoch(node, context)
    number = latest_epoch(node) if at is None else at

    def run() -> list[list[dict[str, Any]]]:
        state = node.simulator.begin(number)
        state.run(BlockPlan(BlockOverride(), (), 0, accounts=state_overrides or {}))
        budget, answers = node.limits.call_gas, []
        for bundle in bundles:
            # A call that offers nothing is free, as in `eth_call`.
            block = replace(bundle.block, base_price=bundle.block.base_price or 0)
            told = []
            for call in bundle.calls:
                shown, used = _run(node, state, block, call, budget)
                budget -= min(used, budget)
                told.append(shown)
            answers.append(told)
        return answers

    return OffLoop(run)


def _run(
    node: Backend, state: SimulatedBlocks, block: BlockOverride, call: CallRequest, budget: int
) -> tuple[dict[str, Any], int]:
    """Return what a call came to, and the gas that it burnt."""
    request = capped(node, call)
    environment = replace(block, gas_limit=block.gas_limit or request.gas)
    try:
        (done,) = state.run(BlockPlan(environment, (request,), budget))
    except InvalidCall as refused:
        return {"error": refused.reason}, 0
    try:
        raise_failure(done.result)
    except RpcError as failure:
        return {"error": failure.message}, done.result.gas_used
    return {"value": hex_data(done.result.output)}, done.result.gas_used


METHODS = (Method.of("eth_callMany", call_many),)
