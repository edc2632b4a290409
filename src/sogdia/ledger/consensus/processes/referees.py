"""Which referees of a block matter for its timer chain (protocol §3.2, ADR 0020)."""

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock


def distinct_referees(
    referees: tuple[GraphBlock, ...], graph: Graph, blocks: BlockStore
) -> tuple[GraphBlock, ...]:
    """Return the referees without those that are tree ancestors of another one.

    A redundant reference changes nobody's past. It can only decide a tie between timer chains.
    """
    if len(referees) <= 1:
        return referees
    kept = graph.distinct_referees([referee.index for referee in referees])
    return tuple(blocks.at_all(kept))
