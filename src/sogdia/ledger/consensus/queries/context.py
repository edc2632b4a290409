"""What consensus knows of a stored block, beside its header."""

from sogdia.ledger.consensus.api import BlockStatus, HeaderContext
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.primitives.header import Header


def describe_block(tree: TreeGraph, header: Header) -> HeaderContext:
    """Return the context of the block of a stored header; of one before the checkpoint, none."""
    block = tree.find(header.hash)
    if block is None:
        return HeaderContext(
            hash=header.hash,
            height=header.height,
            status=BlockStatus.PENDING,
            is_active=False,
            is_timer=False,
            is_heavy=False,
            is_adaptive=header.is_adaptive,
            epoch=None,
            is_pivot=False,
        )
    lowest, highest = tree.pivot_span()
    return HeaderContext(
        hash=block.hash,
        height=block.height,
        status=block.status,
        is_active=block.is_active,
        is_timer=block.timer is not None,
        is_heavy=block.is_heavy,
        is_adaptive=block.is_adaptive,
        epoch=tree.state.graph.epoch_of(block.index),
        is_pivot=lowest <= block.height <= highest and tree.pivot_at(block.height) is block,
    )
