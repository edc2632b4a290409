//! The kernel's questions about ancestry, the pivot chain and the order.

use super::anticone;
use super::blocks::EraPast;
use super::kernel::Graph;
use super::{BlockIndex, GraphError, NONE, ORIGIN};

impl Graph {
    /// Deepest common ancestor of all `members`; `None` when there is none.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn common_ancestor(
        &self,
        members: &[BlockIndex],
    ) -> Result<Option<BlockIndex>, GraphError> {
        let mut common = NONE;
        for &member in members {
            self.blocks.check(member)?;
            common = match common {
                NONE => member,
                _ => self.blocks.common_ancestor(common, member),
            };
        }
        Ok((common != NONE && common != ORIGIN).then_some(common))
    }

    /// Tells whether `ancestor` is `block` or above it in the parent tree.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn is_ancestor(&self, ancestor: BlockIndex, block: BlockIndex) -> Result<bool, GraphError> {
        self.blocks.check(ancestor)?;
        self.blocks.check(block)?;
        Ok(self.blocks.is_ancestor(ancestor, block))
    }

    /// Ancestor of `block`, or itself, at `height`; `None` when the graph does not hold it.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn ancestor_at(
        &self,
        block: BlockIndex,
        height: u64,
    ) -> Result<Option<BlockIndex>, GraphError> {
        self.blocks.check(block)?;
        Ok(self.blocks.ancestor_at(block, height))
    }

    /// Tells whether `block` is in the past of `of`.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn is_in_past(&self, block: BlockIndex, of: BlockIndex) -> Result<bool, GraphError> {
        self.blocks.check(block)?;
        self.blocks.check(of)?;
        Ok(self.blocks.is_in_past(block, of))
    }

    /// For every block from index 1 on, whether it is in the future of `block`.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn future(&self, block: BlockIndex) -> Result<Vec<bool>, GraphError> {
        self.blocks.check(block)?;
        let mut future = vec![false; self.blocks.len()];
        let mut stack = vec![block];
        while let Some(x) = stack.pop() {
            for successor in self.blocks.successors(x) {
                if !std::mem::replace(&mut future[successor as usize], true) {
                    stack.push(successor);
                }
            }
        }
        future.remove(0);
        Ok(future)
    }

    /// Parent and referees of `block`, the parent first; without a parent that is gone.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn predecessors(&self, block: BlockIndex) -> Result<&[BlockIndex], GraphError> {
        self.blocks.check(block)?;
        Ok(self.blocks.predecessors(block))
    }

    /// Blocks that refer to `block`, the latest first.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn successors(&self, block: BlockIndex) -> Result<Vec<BlockIndex>, GraphError> {
        self.blocks.check(block)?;
        Ok(self.blocks.successors(block).collect())
    }

    /// Era genesis of `block` (`ORIGIN`: before the graph) and what of that era is in its past.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn era(&self, block: BlockIndex) -> Result<(BlockIndex, EraPast), GraphError> {
        self.blocks.check(block)?;
        let block = self.blocks.get(block);
        Ok((block.era, block.era_past))
    }

    /// Weight of the active blocks in the subtree of `block`, which is active.
    ///
    /// # Errors
    /// `UnknownBlock`, `InactivePast` when the block itself is not active.
    pub fn subtree_weight(&mut self, block: BlockIndex) -> Result<i128, GraphError> {
        self.blocks.check(block)?;
        self.check_active(block, &[block])?;
        Ok(self.pivot.tree.subtree_weight(block))
    }

    /// Weight of the heaviest active sibling of `block`; `None` when it has none.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn heaviest_sibling(&mut self, block: BlockIndex) -> Result<Option<i128>, GraphError> {
        self.blocks.check(block)?;
        let parent = self.blocks.get(block).parent;
        let siblings = self.blocks.children(parent);
        let active = siblings.filter(|x| *x != block && self.blocks.get(*x).is_active);
        Ok(active
            .map(|sibling| self.pivot.tree.subtree_weight(sibling))
            .max())
    }

    /// Lowest and highest height of the pivot chain; `None` before the first block.
    #[must_use]
    pub fn pivot_span(&self) -> Option<(u64, u64)> {
        self.pivot.span()
    }

    /// Pivot block at `height`.
    ///
    /// # Errors
    /// `OutsidePivotChain`.
    pub fn pivot_at(&self, height: u64) -> Result<BlockIndex, GraphError> {
        self.pivot.at(height)
    }

    /// Blocks of the epoch at `height`, in order, the pivot block last.
    ///
    /// # Errors
    /// `OutsidePivotChain`.
    pub fn epoch_order(&mut self, height: u64) -> Result<&[BlockIndex], GraphError> {
        self.epochs.order(height, &self.pivot, &self.blocks)
    }

    /// Height of the epoch of `block`; `None` outside the past of the pivot tip.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn epoch_of(&mut self, block: BlockIndex) -> Result<Option<u64>, GraphError> {
        self.blocks.check(block)?;
        let Some((base, tip)) = self.pivot.span() else {
            return Ok(None);
        };
        self.epochs.order(tip, &self.pivot, &self.blocks)?;
        Ok(self.epochs.of(block).map(|above| base + above))
    }

    /// Weight of the anticone of each of `members`, blocks of the epoch at `height`, among what is
    /// in the past of the pivot block at `cut` or that block itself, within its era.
    ///
    /// # Errors
    /// `OutsidePivotChain`, `UnknownBlock`.
    pub fn anticone_weights(
        &mut self,
        height: u64,
        cut: u64,
        members: &[BlockIndex],
    ) -> Result<Vec<i128>, GraphError> {
        for member in members {
            self.blocks.check(*member)?;
        }
        let mut span = Vec::new();
        for epoch in height..=cut {
            span.extend_from_slice(self.epochs.order(epoch, &self.pivot, &self.blocks)?);
        }
        let cut = self.pivot.at(cut)?;
        Ok(anticone::weights(members, &span, cut, &self.blocks))
    }
}
