"""Epochs and the order within them (protocol §3.5).

    E1  Every block in the past of the pivot tip belongs to exactly one epoch.
    E2  A block comes after every block it refers to.
    E3  The order does not depend on weight: weight depends on what a node has seen.

The kernel keeps the sets and the order (`crates/core/src/graph/epochs.rs`); here is what executes.
"""

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.params.consensus import ConsensusParams


def plan_epoch(height: int, graph: Graph, params: ConsensusParams) -> tuple[list[int], list[int]]:
    """Return the kernel indices of the blocks of the epoch that execute, in order, and of those
    that do not, in order.

    Blocks of another era than the pivot block's do not; of the others, only the last
    `epoch_block_bound` do.
    """
    order = graph.epoch_order(height)
    if len(order) == 1:
        return order, []
    era, _, _ = graph.era(order[-1])
    own = [index for index in order if graph.era(index)[0] == era]
    executed = own[-params.epoch_block_bound :]
    chosen = set(executed)
    return executed, [index for index in order if index not in chosen]
