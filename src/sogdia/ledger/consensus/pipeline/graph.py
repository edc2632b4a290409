"""A block enters the graph: it waits for its past, is judged, and counts.

G1  A block is judged once, when all of its past is active; the verdict depends on nothing else.
G2  A block counts (is active) once it is judged and not held.
G3  The pivot chain passes through the settled block of the global timer chain.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.pipeline.header.past import Judgement, judge
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.processes.activation import activation_length
from sogdia.ledger.consensus.processes.difficulty import compute_child_difficulty
from sogdia.ledger.consensus.processes.force_confirmation import (
    build_timer,
    force_confirmed,
    settle,
)
from sogdia.ledger.consensus.processes.pending import pending_past, reaches_stable
from sogdia.ledger.consensus.processes.referees import distinct_referees
from sogdia.ledger.consensus.processes.timer_chain import is_longer_chain
from sogdia.ledger.consensus.processes.tree_graph import ORIGIN
from sogdia.ledger.consensus.processes.weights import compute_weight
from sogdia.ledger.consensus.stores.blocks import GraphBlock, Stage


@dataclass(slots=True)
class GraphChange:
    """What the insertion of one block did to the graph."""

    block: GraphBlock | None = None
    """The block itself, None if the graph has no place for it."""
    wanted: list[GraphBlock] = field(default_factory=list)
    """Pending blocks that are needed from now on: judged, or waiting for what is not active."""
    judged: list[GraphBlock] = field(default_factory=list)
    activated: list[GraphBlock] = field(default_factory=list)
    first_changed_height: int | None = None
    moved_eras: bool = False
    """Whether stable genesis or era genesis moved."""
    dropped: list[GraphBlock] = field(default_factory=list)
    """Blocks that the graph forgot at a checkpoint."""
    settled: list[tuple[int, tuple[bytes, ...]]] = field(default_factory=list)
    """Epochs that the checkpoint passed: their numbers and blocks, in order."""

    def note_pivot(self, first_changed_height: int | None) -> None:
        """Widen the change of the pivot chain."""
        if first_changed_height is not None and (
            self.first_changed_height is None or first_changed_height < self.first_changed_height
        ):
            self.first_changed_height = first_changed_height


def insert_genesis(state: GraphState, genesis: GraphBlock) -> None:
    """Begin the graph with `genesis`, which nobody judges."""
    genesis.is_inside = genesis.reaches_stable = True
    genesis.status = BlockStatus.VALID
    genesis.stage = Stage.ACTIVE
    state.blocks.insert(genesis, state.graph.add(ORIGIN, [], genesis.height, genesis.hash))
    state.graph.restore(genesis.index, 0, 0)
    genesis.child_difficulty = compute_child_difficulty(genesis, state.graph, state.params)
    state.graph.activate(genesis.index, compute_weight(genesis, state.params))
    state.era_genesis = state.stable_genesis = genesis
    state.terminals[genesis.hash] = genesis


def add_to_graph(
    state: GraphState, block: GraphBlock, referees: tuple[GraphBlock, ...]
) -> GraphChange:
    """Insert `block`, which refers to `referees`; its parent is set, None if it is gone."""
    change = GraphChange()
    parent = block.parent
    index = state.graph.add(
        ORIGIN if parent is None else parent.index,
        [referee.index for referee in referees],
        block.height,
        block.hash,
    )
    block.referees = distinct_referees(referees, state.graph, state.blocks)
    block.is_inside = parent is not None and parent.is_inside
    state.blocks.insert(block, index)
    # Past is closed over all edges, so redundant ones are asked too.
    block.reaches_stable = reaches_stable(referees if parent is None else (parent, *referees))
    if block.reaches_stable:
        _work(state, demand(state, [block]), change)
    else:
        block.stage = Stage.PENDING
    return change


def demand(state: GraphState, wanted: Sequence[GraphBlock]) -> list[GraphBlock]:
    """Ask for a verdict on `wanted`, and on what is pending in their past.

    Return the blocks whose past is active; the others wait for what is missing.
    """
    pending = pending_past(other for block in wanted for other in block.predecessors)
    ready = []
    for block in dict.fromkeys((*pending, *wanted)):
        block.stage = Stage.WAITING
        missing = {
            index
            for index in state.graph.predecessors(block.index)
            if not state.blocks.at(index).is_active
        }
        if missing:
            state.missing_count[block.hash] = len(missing)
            for index in missing:
                state.dependents.setdefault(state.blocks.at(index).hash, []).append(block)
        else:
            ready.append(block)
    return ready


def judge_pending(state: GraphState, wanted: Sequence[GraphBlock], change: GraphChange) -> None:
    """Judge pending blocks that somebody needs now, and note in `change` what follows."""
    change.wanted.extend(wanted)
    _work(state, demand(state, wanted), change)


def _work(state: GraphState, ready: list[GraphBlock], change: GraphChange) -> None:
    """Judge what is ready, activate what may count, and go on with what that makes ready."""
    while True:
        if ready:
            block = ready.pop()
            _judge(state, block, change)
            if block.status is BlockStatus.VALID or state.params.activation_is_immediate:
                ready.extend(_activate(state, block, change))
            else:
                hold(state, block)
        elif state.held and state.held[0][0] <= len(state.timer_chain):
            _, _, block = heapq.heappop(state.held)
            ready.extend(_activate(state, block, change))
        else:
            return


def _judge(state: GraphState, block: GraphBlock, change: GraphChange) -> None:
    judgement: Judgement = judge(state, block)
    block.status = BlockStatus.VALID if judgement.defect is None else BlockStatus.PARTIALLY_INVALID
    if state.params.adaptive_is_computed and judgement.defect is None:
        block.is_adaptive = judgement.is_adaptive
    block.child_difficulty = compute_child_difficulty(block, state.graph, state.params)
    change.judged.append(block)


def hold(state: GraphState, block: GraphBlock) -> None:
    """Keep a partially invalid block back until the timer chain is long enough."""
    block.stage = Stage.HELD
    length = activation_length(
        block.last_timer, state.timer_chain, state.graph, beta=state.params.timer_beta
    )
    heapq.heappush(state.held, (length, block.index, block))


def _activate(state: GraphState, block: GraphBlock, change: GraphChange) -> list[GraphBlock]:
    """Count `block` from now on; return the blocks that waited for nothing else."""
    change.activated.append(block)
    change.note_pivot(count_active(state, block, block.predecessors))
    block.referees = ()
    if block.is_timer and block.status is BlockStatus.VALID:
        _advance_clock(state, block, change)

    ready = []
    for dependent in state.dependents.pop(block.hash, ()):
        state.missing_count[dependent.hash] -= 1
        if state.missing_count[dependent.hash] == 0:
            del state.missing_count[dependent.hash]
            ready.append(dependent)
    return ready


def count_active(
    state: GraphState, block: GraphBlock, predecessors: Iterable[GraphBlock]
) -> int | None:
    """Give `block`, which refers to `predecessors`, its weight; return the first height at which
    the pivot chain changed."""
    block.stage = Stage.ACTIVE
    for predecessor in predecessors:
        state.terminals.pop(predecessor.hash, None)
    state.terminals[block.hash] = block
    return state.graph.activate(block.index, compute_weight(block, state.params))


def _advance_clock(state: GraphState, block: GraphBlock, change: GraphChange) -> None:
    timer = build_timer(block)
    settle(
        timer,
        beta=state.params.timer_beta,
        era_genesis=state.era_genesis,
        graph=state.graph,
        blocks=state.blocks,
    )
    block.timer = timer
    previous = None if timer.parent is None else timer.parent.block
    state.graph.mark_timer(block.index, None if previous is None else previous.index)
    if not is_longer_chain(timer, state.timer_chain.tip):
        return
    if state.timer_chain.follow(timer):
        # Other ticks count now, so every held block has another length to wait for.
        held = [entry[2] for entry in state.held]
        state.held.clear()
        for waiting in held:
            hold(state, waiting)
    root = force_confirmed(timer, state.era_genesis)
    change.note_pivot(state.graph.move_root(root.index))
