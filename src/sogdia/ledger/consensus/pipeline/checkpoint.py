"""The irreversible points move on, and the graph forgets what lies before them."""

from collections.abc import Iterator

from sogdia.ledger.consensus.pipeline.graph import GraphChange, judge_pending
from sogdia.ledger.consensus.pipeline.rebuild import KeptBlock, rebuild
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.processes.checkpoint import find_checkpoint
from sogdia.ledger.consensus.processes.eras import next_stable_height
from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.processes.pruning import split_at_checkpoint
from sogdia.ledger.consensus.stores.blocks import GraphBlock, Stage


def advance_eras(state: GraphState, change: GraphChange) -> GraphState:
    """Move stable genesis and era genesis as far as the pivot chain allows; return the state to go
    on with, and note in `change` what it no longer holds."""
    while _advance_stable(state):
        change.moved_eras = True
        checkpoint = find_checkpoint(
            stable=state.stable_genesis,
            era_genesis=state.era_genesis,
            era_epoch_count=state.params.era_epoch_count,
            chain=state.timer_chain,
            graph=state.graph,
            blocks=state.blocks,
        )
        if checkpoint is not None:
            state = _prune(state, checkpoint, change)
        judge_pending(state, _reach_stable(state), change)
    return state


def _advance_stable(state: GraphState) -> bool:
    """Move the stable genesis as far as the pivot chain allows; tell whether it moved."""
    span = state.graph.pivot_span()
    assert span is not None, "the era genesis is always on the pivot chain"
    _, best_height = span
    era, before = state.params.era_epoch_count, state.stable_genesis
    while best_height >= state.stable_genesis.height + 2 * era:  # most blocks end here
        height = next_stable_height(
            state.stable_genesis,
            force_confirmed(state.timer_chain.tip, state.era_genesis),
            best_height=best_height,
            era_epoch_count=era,
        )
        if height is None:
            break
        state.stable_genesis = state.blocks.at(state.graph.pivot_at(height))
    return state.stable_genesis is not before


def _reach_stable(state: GraphState) -> list[GraphBlock]:
    """Mark who has the stable genesis in its past; return the pending blocks that have it.

    There are some only where a longer timer chain overturned settled blocks, and the stable
    genesis moved to another branch (ADR 0023).
    """
    pending = []
    for index, is_after in enumerate(state.graph.future(state.stable_genesis.index), 1):
        block = state.blocks.at(index)
        block.reaches_stable = is_after or block is state.stable_genesis
        if block.reaches_stable and block.stage is Stage.PENDING:
            pending.append(block)
    return pending


def _prune(state: GraphState, checkpoint: GraphBlock, change: GraphChange) -> GraphState:
    """Return a state that begins at `checkpoint`."""
    change.settled.extend(_settle(state, checkpoint.height))
    kept, dropped = split_at_checkpoint(checkpoint, state.graph, state.blocks)
    keepers = []
    for block in kept:
        _, weight, count = state.graph.era(block.index)
        references = state.blocks.at_all(state.graph.predecessors(block.index))
        referees = [other for other in references if other is not block.parent]
        keepers.append(KeptBlock(block, referees, weight, count))
    for block in dropped:
        if block.timer is not None:
            block.timer.forget_past()
    change.dropped.extend(dropped)
    return rebuild(
        state.params,
        keepers,
        era_genesis=checkpoint,
        stable_genesis=state.stable_genesis,
        timer_tip=state.timer_chain.tip,
    )


def _settle(state: GraphState, last: int) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """Yield number and blocks of the epochs up to `last` that no earlier checkpoint has passed."""
    # That of the era genesis was whole only before the graph began with it.
    first = state.era_genesis.height + 1 if state.era_genesis.height else 0
    for number in range(first, last + 1):
        epoch = state.blocks.at_all(state.graph.epoch_order(number))
        yield number, tuple(block.hash for block in epoch)
