"""When a partially invalid block begins to count (protocol §3.4).

Honest miners do not refer to it before the timer chain has grown by beta past what it has seen:
long enough that nobody can use it to make the others disagree.
"""

from sogdia.ledger.consensus.processes.timer_chain import ticks_in_past
from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import Timer
from sogdia.ledger.consensus.stores.timers import TimerChain


def activation_length(
    last_timer: Timer | None, chain: TimerChain, graph: Graph, *, beta: int
) -> int:
    """Return the length of the timer chain from which a held block counts.

    `last_timer` is the last of the timer chain in its past. The length is that of the part of the
    chain in the past of that timer, the timer itself if it is on the chain, and beta.
    """
    if last_timer is None:
        return beta
    if chain.holds(last_timer):
        return last_timer.number + 1 + beta
    assert last_timer.block is not None, "what lies before the era genesis is on every chain"
    return ticks_in_past(last_timer.block, chain, graph) + beta
