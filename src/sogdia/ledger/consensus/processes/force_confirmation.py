"""Force confirmation: what the timer chain has settled (protocol §3.3).

Over every run of beta successive timers, up to beta before the end of the chain, the deepest block
that all of them descend from is settled; the highest one counts. A block must descend from it, and
below it follow the weight.
"""

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock, Timer


def force_confirmed(last_timer: Timer | None, era_genesis: GraphBlock) -> GraphBlock:
    """Return the settled block of a past whose timer chain ends at `last_timer`."""
    confirmed = None if last_timer is None else last_timer.confirmed
    return era_genesis if confirmed is None else confirmed


def build_timer(block: GraphBlock) -> Timer:
    """Return the place in the timer forest of `block`, a valid timer block."""
    previous = block.last_timer
    return Timer(
        block=block,
        parent=previous,
        number=0 if previous is None else previous.number + 1,
        total=block.timer_difficulty + block.difficulty,
    )


def settle(
    timer: Timer,
    *,
    beta: int,
    era_genesis: GraphBlock,
    graph: Graph,
    blocks: BlockStore,
) -> None:
    """Note in `timer` what everybody sees whose timer chain ends there.

    The timers before it have been settled. A run that reaches before the era genesis settles
    nothing: its common ancestor lies there too (ADR 0022).
    """
    timer.forced = None if timer.parent is None else timer.parent.forced
    timer.barrier = timer.confirmed = None
    run: list[int] = []  # the kernel indices of the last beta timers
    step: Timer | None = timer
    while step is not None and step.block is not None and len(run) < beta:
        run.append(step.block.index)
        if len(run) == beta:
            timer.barrier = step
        step = step.parent
    if len(run) == beta:
        timer.forced = _higher(timer.forced, graph.common_ancestor(run), era_genesis, graph, blocks)
        # `step` is the timer beta before the end: the last whose run the rule takes.
        timer.confirmed = None if step is None else step.forced


def _higher(
    forced: GraphBlock | None,
    common: int | None,
    era_genesis: GraphBlock,
    graph: Graph,
    blocks: BlockStore,
) -> GraphBlock | None:
    """Return the higher one; of equals the earlier stays.

    Heights are compared across branches, as the protocol says. Only what descends from the era
    genesis is settled by it, so that a node that joins at the checkpoint agrees (ADR 0022).
    """
    if common is None or not graph.is_ancestor(era_genesis.index, common):
        return forced
    candidate = blocks.at(common)
    return candidate if candidate.height > (forced or era_genesis).height else forced
