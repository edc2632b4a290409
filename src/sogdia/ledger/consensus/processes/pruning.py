"""What the graph forgets at a checkpoint (protocol §3.8).

Everything outside the future of the new era genesis. Headers and bodies stay on disk. What is kept
but does not descend from the new era genesis weighs nothing from now on.
"""

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock


def split_at_checkpoint(
    era_genesis: GraphBlock, graph: Graph, blocks: BlockStore
) -> tuple[list[GraphBlock], list[GraphBlock]]:
    """Return the blocks that stay and those that go, each from past to future."""
    kept: list[GraphBlock] = []
    dropped: list[GraphBlock] = []
    for index, is_after in enumerate(graph.future(era_genesis.index), 1):
        block = blocks.at(index)
        (kept if is_after or block is era_genesis else dropped).append(block)
    return kept, dropped
