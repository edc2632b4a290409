"""Rebuild the graph from blocks that were judged before: at a checkpoint, and at start.

R1  A verdict is never given twice: what was judged keeps status, flags and timer chain.
R2  The result is what a graph would be that had held only these blocks from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.pipeline.graph import count_active, demand, hold
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed, settle
from sogdia.ledger.consensus.processes.referees import distinct_referees
from sogdia.ledger.consensus.processes.tree_graph import ORIGIN
from sogdia.ledger.consensus.stores.blocks import GraphBlock, Stage, Timer
from sogdia.ledger.params.consensus import ConsensusParams

JUDGED = (Stage.HELD, Stage.ACTIVE)


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """A block to rebuild from; `referees` are all that it refers to beside its parent."""

    block: GraphBlock
    referees: Sequence[GraphBlock]
    era_weight: int
    """Weight and number of the blocks of its era in its past."""
    era_count: int


def rebuild(
    params: ConsensusParams,
    kept: Sequence[KeptBlock],
    *,
    era_genesis: GraphBlock,
    stable_genesis: GraphBlock,
    timer_tip: Timer | None,
) -> GraphState:
    """Return a graph of the blocks `kept`, from past to future, that begins at `era_genesis`.

    `timer_tip` is the end of the global timer chain.
    """
    state = GraphState(params)
    state.era_genesis, state.stable_genesis = era_genesis, stable_genesis
    present = {keeper.block.hash for keeper in kept}
    for keeper in kept:
        _insert(state, keeper, present)
    for keeper in kept:
        if keeper.block.timer is not None:
            settle(
                keeper.block.timer,
                beta=params.timer_beta,
                era_genesis=era_genesis,
                graph=state.graph,
                blocks=state.blocks,
            )
    state.timer_chain.reset(timer_tip)
    root = force_confirmed(timer_tip, era_genesis)
    state.graph.move_root(root.index)
    for keeper in kept:
        if keeper.block.stage is Stage.HELD:
            hold(state, keeper.block)
    demand(state, [k.block for k in kept if k.block.stage is Stage.WAITING])
    return state


def _insert(state: GraphState, keeper: KeptBlock, present: set[bytes]) -> None:
    block = keeper.block
    if block.parent is not None and block.parent.hash not in present:
        block.parent = None
    referees = tuple(referee for referee in keeper.referees if referee.hash in present)
    parent = ORIGIN if block.parent is None else block.parent.index
    indices = [referee.index for referee in referees]
    index = state.graph.add(parent, indices, block.height, block.hash)
    state.blocks.insert(block, index)
    block.is_inside = block is state.era_genesis or (
        block.parent is not None and block.parent.is_inside
    )
    block.reaches_stable = block is state.stable_genesis or any(
        other.reaches_stable
        for other in (*referees, *(() if block.parent is None else (block.parent,)))
    )
    if block.stage in JUDGED:
        state.graph.restore(index, keeper.era_weight, keeper.era_count)
    if block.stage is not Stage.ACTIVE:  # a held one, too, ends its referees' time as terminals
        block.referees = distinct_referees(referees, state.graph, state.blocks)
    if block.stage is Stage.ACTIVE:
        predecessors = (*referees, *(() if block.parent is None else (block.parent,)))
        count_active(state, block, predecessors)
    if block.timer is not None and block.status is BlockStatus.VALID:
        previous = None if block.timer.parent is None else block.timer.parent.block
        state.graph.mark_timer(index, None if previous is None else previous.index)
