"""The checkpoint: the era genesis from which the graph is kept (protocol §3.8).

It is an era block below the stable genesis that nothing can question any more: the stable genesis
itself already saw it settled, and every block of the timer chain is before or after it.
"""

from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.processes.timer_chain import ticks_in_past
from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock
from sogdia.ledger.consensus.stores.timers import TimerChain


def find_checkpoint(
    *,
    stable: GraphBlock,
    era_genesis: GraphBlock,
    era_epoch_count: int,
    chain: TimerChain,
    graph: Graph,
    blocks: BlockStore,
) -> GraphBlock | None:
    """Return the highest block that can become the era genesis, None if there is none."""
    confirmed = force_confirmed(stable.last_timer, era_genesis)
    for height in range(stable.height - era_epoch_count, era_genesis.height, -era_epoch_count):
        index = graph.ancestor_at(stable.index, height)
        if index is None or not graph.is_ancestor(index, confirmed.index):
            continue
        candidate = blocks.at(index)
        if not has_timer_beside(candidate, chain, graph):
            return candidate
    return None


def has_timer_beside(block: GraphBlock, chain: TimerChain, graph: Graph) -> bool:
    """Tell whether a block of the timer chain is neither before nor after `block`.

    The first one that is not before it decides: whoever has that one in the past, and all later
    ones do, has all of its past.
    """
    number = ticks_in_past(block, chain, graph)
    if number == len(chain):
        return False
    first = chain.at(number).block
    assert first is not None, "timers before the era genesis are in the past of all"
    return first is not block and not graph.is_in_past(block.index, first.index)
