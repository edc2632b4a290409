"""The graph without its last blocks, where these are a chain: a development chain's revert.

Y1  The state is the one that `rebuild` makes of the blocks that are left.
Y2  The cost is that of the blocks that are forgotten. Whatever is no plain chain is left alone, and
    the caller rebuilds.
"""

from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.stores.blocks import GraphBlock


def forget_chain(state: GraphState, tip: GraphBlock, count: int) -> bool:
    """Forget the last `count` blocks, of which `tip` is the pivot chain's and the graph's last.

    Return False if they are no chain, or something else depends on them: nothing was changed.
    """
    tail = _find_tail(state, tip, count)
    if tail is None:
        return False
    timers = [block.timer for block in tail if block.timer is not None]
    if timers != state.timer_chain.last(len(timers)):
        return False
    above = timers[-1].parent if timers else state.timer_chain.tip
    root = force_confirmed(above, state.era_genesis)
    state.graph.move_root(root.index)
    if not state.graph.forget_last(count):
        state.graph.move_root(force_confirmed(state.timer_chain.tip, state.era_genesis).index)
        return False
    state.timer_chain.drop(len(timers), above)
    parent = tail[-1].parent
    assert parent is not None, "looked at above"
    state.terminals.clear()
    state.terminals[parent.hash] = parent
    for block in tail:
        state.blocks.forget_last(block)
    return True


def _find_tail(state: GraphState, tip: GraphBlock, count: int) -> list[GraphBlock] | None:
    if state.held or state.missing_count or state.dependents or list(state.terminals) != [tip.hash]:
        return None
    tail: list[GraphBlock] = []
    block: GraphBlock | None = tip
    while len(tail) < count:
        if block is None or block is state.stable_genesis:
            return None
        tail.append(block)
        block = block.parent
    return tail
