"""`eth_simulateV1`: blocks of calls that nobody mines, shown as blocks.

A simulated block has no header of this ledger, and is shown with Ethereum's members; `simulated`
says what they are made of.
"""

from dataclasses import replace
from typing import Any

from sogdia.ledger.execution.api import BlockOverride, EpochSummary
from sogdia.ledger.execution.errors import InvalidCall
from sogdia.ledger.execution.simulation import BlockPlan, SimulatedBlocks
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import get_epoch, latest_epoch
from sogdia.ledger.rpc.eth.simulate_request import (
    BlockRequest,
    Simulation,
    SimulationRefused,
    SimulationRequest,
    in_order,
)
from sogdia.ledger.rpc.eth.simulated import SimulatedBlock
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Epoch, Tag

# How a refused call begins -> go-ethereum's code for it.
CODES = (
    ("err: nonce too low", -38010),
    ("err: nonce too high", -38011),
    ("err: max fee per gas less than block base fee", -38012),
    ("err: max priority fee per gas higher", -32602),
    ("err: intrinsic gas too low", -38013),
    ("err: insufficient gas for floor data", -38013),
    ("err: insufficient funds", -38014),
    ("block gas limit reached", -38015),
    ("err: sender not an eoa", -38024),
    ("err: max initcode size exceeded", -38025),
    ("account 0x", -32000),
)
INTERNAL = -32603


def simulate(node: Backend, payload: Simulation, block: Epoch = Tag.LATEST) -> OffLoop:
    """Run blocks of calls, each on what the ones before left; return the blocks, keep nothing."""
    at = get_epoch(node, block)
    number = latest_epoch(node) if at is None else at
    return OffLoop(lambda: _run(node, payload, number))


def _run(node: Backend, request: SimulationRequest, number: int) -> list[dict[str, Any]]:
    base = node.executor.epoch(number)
    assert base is not None, "an epoch that was found is executed"
    plans = in_order(request.blocks, number, base.timestamp)
    state = node.simulator.begin(number)
    previous = _base_block(node, base)
    blocks: list[SimulatedBlock] = []
    budget = node.limits.call_gas
    for plan in plans:
        block = _run_block(node, state, request, plan, (previous, blocks, budget))
        budget -= min(budget, block.gas_used)
        blocks.append(block)
        previous = block
    full = request.shows_transactions
    return [block.shown(node.chain_id, full=full) for block in blocks]


def _base_block(node: Backend, base: EpochSummary) -> SimulatedBlock:
    """Return what the first block follows: the base epoch's header members, none of its calls."""
    return SimulatedBlock(
        parent=bytes(32),
        environment=BlockOverride(
            number=base.number,
            timestamp=base.timestamp,
            author=base.author,
            # A genesis without a limit allows what one request may burn.
            gas_limit=base.gas_limit or node.limits.call_gas,
            base_price=base.base_price,
            prev_randao=bytes(32),
        ),
        requests=(),
        calls=(),
        known_hash=base.pivot,
        known_gas_used=base.gas_used,
    )


def _run_block(
    node: Backend,
    state: SimulatedBlocks,
    request: SimulationRequest,
    plan: BlockRequest,
    place: tuple[SimulatedBlock, list[SimulatedBlock], int],
) -> SimulatedBlock:
    previous, earlier, budget = place
    environment = _environment(plan.block, previous, validates=request.validates)
    try:
        calls = state.run(
            BlockPlan(
                block=environment,
                calls=plan.calls,
                gas_budget=budget,
                accounts=plan.accounts,
                moved=plan.moved,
                hashes=[(b.number, b.hash(node.chain_id)) for b in earlier[-1:]],
                validates=request.validates,
                logs_transfers=request.logs_transfers,
            )
        )
    except InvalidCall as refused:
        code = next((c for start, c in CODES if refused.reason.startswith(start)), INTERNAL)
        raise SimulationRefused(code, refused.reason) from None
    return SimulatedBlock(previous.hash(node.chain_id), environment, plan.calls, calls)


def _environment(
    asked: BlockOverride, previous: SimulatedBlock, *, validates: bool
) -> BlockOverride:
    """Return a whole environment: what was not asked for follows from the block before."""
    before = previous.environment
    price = asked.base_price
    if price is None:
        price = previous.following_price() if validates else 0
    return replace(
        asked,
        author=before.author if asked.author is None else asked.author,
        gas_limit=before.gas_limit if asked.gas_limit is None else asked.gas_limit,
        prev_randao=bytes(32) if asked.prev_randao is None else asked.prev_randao,
        base_price=price,
    )


METHODS = (Method.of("eth_simulateV1", simulate),)
