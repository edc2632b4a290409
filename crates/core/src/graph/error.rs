//! What the graph kernel refuses.

use thiserror::Error;

use super::BlockIndex;

/// A call that the kernel cannot answer; every one is a mistake of the caller.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum GraphError {
    /// An index that was never given out.
    #[error("block {index} does not exist; the graph holds {count} blocks")]
    UnknownBlock {
        /// The index asked for.
        index: BlockIndex,
        /// Number of blocks held.
        count: usize,
    },
    /// A block that is judged or activated although something it refers to is not active.
    #[error("block {index} refers to block {missing}, which is not active")]
    InactivePast {
        /// The block named in the call.
        index: BlockIndex,
        /// What it refers to.
        missing: BlockIndex,
    },
    /// A second activation.
    #[error("block {index} is active already")]
    AlreadyActive {
        /// The block named in the call.
        index: BlockIndex,
    },
    /// A weight that is negative, or sums that would leave the safe range.
    #[error("weight {weight} is negative or lifts the total above 2^120")]
    WeightOutOfRange {
        /// The weight given.
        weight: i128,
    },
    /// A view that a later `seek` has moved.
    #[error("this view has been moved by a later seek; seek again")]
    StaleView,
    /// A height at which the pivot chain has no block, or the checkpoint has removed it.
    #[error("height {height} is not on the pivot chain, which spans {lowest} to {highest}")]
    OutsidePivotChain {
        /// The height asked for.
        height: u64,
        /// Lowest height held.
        lowest: u64,
        /// Height of the tip.
        highest: u64,
    },
    /// Two blocks, the first of which must be an ancestor of the second.
    #[error("block {ancestor} is not an ancestor of block {block}")]
    NotAnAncestor {
        /// The first block.
        ancestor: BlockIndex,
        /// The second block.
        block: BlockIndex,
    },
    /// A timer that was not marked as one.
    #[error("block {index} is not a marked timer block")]
    NotATimer {
        /// The block named in the call.
        index: BlockIndex,
    },
    /// More blocks than an index can tell apart.
    #[error("the graph holds 2^32 - 2 blocks, the most it can index")]
    Full,
}
