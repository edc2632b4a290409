"""Weight of a block (protocol §3.2).

A block weighs its difficulty. While the chain is under attack blocks are adaptive: then only one in
`heavy_ratio` weighs, and as much as they all would have.
"""

from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.params.consensus import ConsensusParams


def compute_weight(block: GraphBlock, params: ConsensusParams) -> int:
    """Return the weight that `block` has once it is active.

    The flag is that of the header: a block that lies about it has paid for what it says.
    """
    if not block.is_inside:
        return 0
    if not block.is_adaptive:
        return block.difficulty
    return params.heavy_ratio * block.difficulty if block.is_heavy else 0
