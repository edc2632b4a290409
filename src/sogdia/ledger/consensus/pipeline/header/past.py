"""Rules about the whole past of a block. They refuse nothing: they judge (protocol §3.3, §3.4)."""

from dataclasses import dataclass

from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.processes.adaptive_weight import must_be_adaptive
from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.processes.partial_invalidity import (
    Defect,
    has_right_difficulty,
    has_right_parent,
)
from sogdia.ledger.consensus.processes.timer_chain import find_timer_chain
from sogdia.ledger.consensus.stores.blocks import GraphBlock


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the past of a block says about it."""

    defect: Defect | None
    is_adaptive: bool
    """What the flag must be; without meaning when the parent is wrong."""


def judge(state: GraphState, block: GraphBlock) -> Judgement:
    """Judge `block`, all of whose past is active, and note the timer chain in its past."""
    graph, params = state.graph, state.params
    block.timer_difficulty, block.last_timer = find_timer_chain(block.predecessors)
    confirmed = force_confirmed(block.last_timer, state.era_genesis)
    view = graph.seek(block.index)
    parent = block.parent
    if parent is None or not has_right_parent(
        parent=parent, confirmed=confirmed, view=view, graph=graph
    ):
        return Judgement(Defect.WRONG_PARENT, False)
    if not has_right_difficulty(parent=parent, difficulty=block.difficulty):
        return Judgement(Defect.WRONG_DIFFICULTY, False)
    is_adaptive = must_be_adaptive(
        parent=parent,
        difficulty=block.difficulty,
        last_timer=block.last_timer,
        confirmed=confirmed,
        view=view,
        graph=graph,
        blocks=state.blocks,
        params=params,
    )
    if is_adaptive != block.is_adaptive and not params.adaptive_is_computed:
        return Judgement(Defect.WRONG_ADAPTIVE_FLAG, is_adaptive)
    return Judgement(None, is_adaptive)
