"""The pivot chain, and the parent that an honest miner chooses (protocol §3.5).

From the settled block of the timer chain follow the heaviest child: by the weight of its subtree,
then by the larger hash. The kernel keeps the chain of all active blocks
(`crates/core/src/graph/pivot.rs`); the rule for one past is here.
"""

from collections.abc import Sequence

from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.processes.timer_chain import find_timer_chain
from sogdia.ledger.consensus.processes.tree_graph import Graph, View
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock


def choose_parent(
    references: Sequence[GraphBlock],
    *,
    view: View,
    era_genesis: GraphBlock,
    graph: Graph,
    blocks: BlockStore,
) -> GraphBlock:
    """Return where the pivot chain ends in the past `view` of a block that refers to
    `references`."""
    _, last_timer = find_timer_chain(references)
    confirmed = force_confirmed(last_timer, era_genesis)
    return blocks.at(graph.heaviest_tip(view, confirmed.index))
