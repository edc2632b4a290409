"""The timer chain in the past of a block (protocol §3.3).

Of all chains of valid timer blocks along parent and referee edges it is the one with the greatest
sum of difficulties. Where two are equal, the larger hash of the direct predecessor decides.
"""

from collections.abc import Iterable

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import GraphBlock, Timer
from sogdia.ledger.consensus.stores.timers import TimerChain


def find_timer_chain(predecessors: Iterable[GraphBlock]) -> tuple[int, Timer | None]:
    """Return accumulated difficulty and last timer of the chain in the past of a block that refers
    to `predecessors`."""
    total = 0
    last: Timer | None = None
    best: bytes = b""
    for block in predecessors:
        timer = block.timer
        if timer is not None:
            reached = timer.total
        else:
            reached = block.timer_difficulty
            timer = block.last_timer
        if reached > total or (reached == total and block.hash > best):
            total, last, best = reached, timer, block.hash
    return total, last


def is_longer_chain(timer: Timer, than: Timer | None) -> bool:
    """Tell whether the chain that ends at `timer` is preferred among all active blocks.

    By accumulated difficulty, then by the larger hash of the last timer (ADR 0021).
    """
    if than is None:
        return True
    if timer.total != than.total:
        return timer.total > than.total
    # One that lies before the era genesis is settled and gives way to none of equal length.
    return than.block is not None and timer.block is not None and timer.block.hash > than.block.hash


def ticks_in_past(block: GraphBlock, chain: TimerChain, graph: Graph) -> int:
    """Return how many timers of `chain` are in the past of `block`, which has been judged.

    They are its first ones: a timer has those before it in its past.
    """
    low, high = chain.first_number, len(chain)
    while low < high:
        middle = (low + high) // 2
        member = chain.at(middle).block
        assert member is not None, "numbers from `first_number` on are not before the era genesis"
        if graph.is_timer_in_past(member.index, block.index):
            low = middle + 1
        else:
            high = middle
    return low
