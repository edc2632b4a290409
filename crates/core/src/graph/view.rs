//! The past of one block as a tree of its own.
//!
//! - A view holds exactly `Past(position)`.
//! - `stamp` orders the blocks of the view by addition, and so from past to future: 0 is outside.
//!   A global index would not do: one old block that arrives late would make every later search
//!   dig through all history.

use std::collections::HashMap;

use super::blocks::{Blocks, EraPast};
use super::link_cut::LinkCut;
use super::{BlockIndex, NONE, ORIGIN};

/// One cursor: a view that moves.
pub(super) struct View {
    pub(super) tree: LinkCut,
    stamps: Vec<u32>,
    child_counts: Vec<u32>,
    eras: HashMap<BlockIndex, EraPast>,
    next_stamp: u32,
    /// Number of blocks in the view.
    pub(super) size: usize,
    /// The block whose past this is; `NONE` for a block that does not exist yet.
    pub(super) position: BlockIndex,
    /// What the position refers to.
    pub(super) entries: Vec<BlockIndex>,
    /// Number of the seek that used the view last.
    pub(super) serial: u64,
}

impl View {
    /// The empty view.
    pub(super) fn new() -> Self {
        Self {
            tree: LinkCut::default(),
            stamps: Vec::new(),
            child_counts: Vec::new(),
            eras: HashMap::new(),
            next_stamp: 1,
            size: 0,
            position: NONE,
            entries: Vec::new(),
            serial: 0,
        }
    }

    /// Bytes that the view occupies.
    pub(super) fn size_bytes(&self) -> usize {
        self.tree.size_bytes() + (self.stamps.capacity() + self.child_counts.capacity()) * 4
    }

    pub(super) fn holds(&self, block: BlockIndex) -> bool {
        self.stamp(block) != 0
    }

    pub(super) fn stamp(&self, block: BlockIndex) -> u32 {
        self.stamps.get(block as usize).copied().unwrap_or(0)
    }

    /// Number of children of `block` in the view.
    pub(super) fn child_count(&self, block: BlockIndex) -> u32 {
        self.child_counts.get(block as usize).copied().unwrap_or(0)
    }

    /// Blocks of one era in the view.
    pub(super) fn era_past(&self, era: BlockIndex) -> EraPast {
        self.eras.get(&era).copied().unwrap_or_default()
    }

    /// Tells whether `additions` more stamps are left.
    pub(super) fn has_stamps(&self, additions: usize) -> bool {
        usize::try_from(u32::MAX - self.next_stamp).is_ok_and(|left| additions < left)
    }

    /// Makes room for blocks below `count`.
    pub(super) fn grow(&mut self, count: usize) {
        self.tree.grow(count);
        if self.stamps.len() < count {
            self.stamps.resize(count, 0);
            self.child_counts.resize(count, 0);
        }
    }

    /// Adds a block whose past is in the view.
    pub(super) fn add(&mut self, block: BlockIndex, blocks: &Blocks) {
        let parent = blocks.get(block).parent;
        self.stamps[block as usize] = self.next_stamp;
        self.next_stamp += 1;
        self.size += 1;
        if parent == ORIGIN {
            self.tree.link(block, NONE, blocks);
        } else {
            self.child_counts[parent as usize] += 1;
            self.tree.link(block, parent, blocks);
        }
        let total = self.eras.entry(blocks.get(block).era).or_default();
        total.weight += blocks.get(block).weight;
        total.count += 1;
    }

    /// Removes a block that nothing in the view refers to.
    pub(super) fn remove(&mut self, block: BlockIndex, blocks: &Blocks) {
        let parent = blocks.get(block).parent;
        self.tree.cut(block, blocks);
        self.stamps[block as usize] = 0;
        self.size -= 1;
        if parent != ORIGIN {
            self.child_counts[parent as usize] -= 1;
        }
        let era = blocks.get(block).era;
        if let Some(total) = self.eras.get_mut(&era) {
            total.weight -= blocks.get(block).weight;
            total.count -= 1;
            if total.count == 0 {
                self.eras.remove(&era);
            }
        }
    }
}
