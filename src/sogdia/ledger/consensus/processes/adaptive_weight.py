"""When blocks must be adaptive (protocol §3.4).

A block is adaptive when some ancestor below the settled block has been undecided for beta ticks: it
is that long below, and its subtree still leads its siblings by less than `adaptive_beta` blocks.
"""

from sogdia.ledger.consensus.processes.tree_graph import Graph, View
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock, Timer
from sogdia.ledger.params.consensus import ConsensusParams


def must_be_adaptive(
    *,
    parent: GraphBlock,
    difficulty: int,
    last_timer: Timer | None,
    confirmed: GraphBlock,
    view: View,
    graph: Graph,
    blocks: BlockStore,
    params: ConsensusParams,
) -> bool:
    """Tell whether a block of `difficulty` under `parent`, whose past is `view`, must be adaptive.

    `parent` descends from `confirmed`. An ancestor is beta ticks old if it does not have in its
    past the timer beta - 1 before the end of the chain; who has it, has all its descendants have
    it too, so only the deepest one without is asked for.
    """
    barrier = None if last_timer is None else last_timer.barrier
    if barrier is None or barrier.block is None:
        return False
    undecided_until = graph.last_before(barrier.block.index, parent.index)
    if undecided_until is None or blocks.at(undecided_until).height <= confirmed.height:
        return False
    margin = graph.min_margin(view, confirmed.index, undecided_until)
    return margin is not None and margin < params.adaptive_beta * difficulty
