//! The pivot chain: from its root, the heaviest child at every step.

use super::blocks::Blocks;
use super::link_cut::LinkCut;
use super::{BlockIndex, GraphError, NONE};

/// The pivot chain by height. `chain[0]` is the era genesis; from `root` on every block is the
/// heaviest active child of the one before, and down to `root` it follows the tree.
pub(super) struct Pivot {
    chain: Vec<BlockIndex>,
    base: u64,
    root: BlockIndex,
    /// All active blocks.
    pub(super) tree: LinkCut,
}

impl Pivot {
    /// No chain; the first activated block begins it.
    pub(super) fn new() -> Self {
        Self {
            chain: Vec::new(),
            base: 0,
            root: NONE,
            tree: LinkCut::default(),
        }
    }

    /// Lowest and highest height, or `None` before the first block.
    pub(super) fn span(&self) -> Option<(u64, u64)> {
        let above = u64::try_from(self.chain.len()).ok()?.checked_sub(1)?;
        Some((self.base, self.base + above))
    }

    /// Block of the chain at `height`.
    pub(super) fn at(&self, height: u64) -> Result<BlockIndex, GraphError> {
        let block = height
            .checked_sub(self.base)
            .and_then(|offset| usize::try_from(offset).ok());
        let block = block.and_then(|offset| self.chain.get(offset).copied());
        block.ok_or_else(|| {
            let (lowest, highest) = self.span().unwrap_or((0, 0));
            GraphError::OutsidePivotChain {
                height,
                lowest,
                highest,
            }
        })
    }

    /// Last block of the chain; `NONE` before the first block.
    pub(super) fn tip(&self) -> BlockIndex {
        self.chain.last().copied().unwrap_or(NONE)
    }

    /// The blocks of the chain below its root: those that weight has chosen.
    pub(super) fn below_root(&self, blocks: &Blocks) -> &[BlockIndex] {
        let start = match self.root {
            NONE => None,
            root => self.offset(root, blocks),
        };
        start
            .and_then(|root| self.chain.get(root + 1..))
            .unwrap_or(&[])
    }

    /// Takes back the last block of the chain, a leaf.
    pub(super) fn retreat(&mut self, blocks: &Blocks) {
        if let Some(tip) = self.chain.pop() {
            self.tree.cut(tip, blocks);
        }
    }

    fn offset(&self, block: BlockIndex, blocks: &Blocks) -> Option<usize> {
        let above = blocks.get(block).height.checked_sub(self.base)?;
        usize::try_from(above).ok()
    }

    fn is_on_chain(&self, block: BlockIndex, blocks: &Blocks) -> bool {
        let offset = self.offset(block, blocks);
        offset.is_some_and(|offset| self.chain.get(offset) == Some(&block))
    }

    /// Counts the active block `new` and follows; returns the first changed height.
    pub(super) fn advance(&mut self, new: BlockIndex, blocks: &Blocks) -> Option<u64> {
        self.tree.grow(blocks.len());
        let parent = blocks.get(new).parent;
        let above = if parent == super::ORIGIN {
            NONE
        } else {
            parent
        };
        self.tree.link(new, above, blocks);
        if self.chain.is_empty() {
            self.base = blocks.get(new).height;
            self.root = new;
            self.chain.push(new);
            return Some(self.base);
        }
        let fork = blocks.common_ancestor(new, self.tip());
        if fork == new || !self.is_on_chain(fork, blocks) || !blocks.is_ancestor(self.root, fork) {
            return None;
        }
        let next = self.offset(fork, blocks)? + 1;
        let challenger = blocks.ancestor_at(new, blocks.get(fork).height + 1)?;
        if let Some(&holder) = self.chain.get(next) {
            let weights = [challenger, holder].map(|block| self.tree.subtree_weight(block));
            if !blocks.is_heavier((weights[0], challenger), (weights[1], holder)) {
                return None;
            }
        }
        self.chain.truncate(next);
        self.chain.push(challenger);
        self.descend(blocks);
        Some(blocks.get(challenger).height)
    }

    /// Makes the chain pass through `root`, an active block, and follow weight only below it;
    /// returns the first changed height.
    pub(super) fn move_root(&mut self, root: BlockIndex, blocks: &Blocks) -> Option<u64> {
        if root == self.root {
            return None;
        }
        let is_lower = blocks.get(root).height >= blocks.get(self.root).height;
        let was_root = std::mem::replace(&mut self.root, root);
        if is_lower && blocks.is_ancestor(was_root, root) && self.is_on_chain(root, blocks) {
            return None;
        }
        let fork = blocks.common_ancestor(root, self.tip());
        let kept = self.offset(fork, blocks)? + 1;
        let old = self.chain.split_off(kept);
        let fork_height = blocks.get(fork).height;
        for height in fork_height + 1..=blocks.get(root).height {
            self.chain.push(blocks.ancestor_at(root, height)?);
        }
        self.descend(blocks);
        let new = &self.chain[kept..];
        let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        if same == old.len() && same == new.len() {
            return None;
        }
        u64::try_from(same).ok().map(|same| fork_height + 1 + same)
    }

    /// Follows weight from the tip to the end. An only child needs no weighing: long branches that
    /// take the chain from each other are walked, step by step, with every block.
    pub(super) fn descend(&mut self, blocks: &Blocks) {
        loop {
            let mut active = blocks
                .children(self.tip())
                .filter(|child| blocks.get(*child).is_active);
            let Some(mut best) = active.next() else {
                return;
            };
            let mut held = None;
            for child in active {
                let holder = *held.get_or_insert_with(|| self.tree.subtree_weight(best));
                let weight = self.tree.subtree_weight(child);
                if blocks.is_heavier((weight, child), (holder, best)) {
                    (best, held) = (child, Some(weight));
                }
            }
            self.chain.push(best);
        }
    }
}
