//! Epochs: what each pivot block adds to the order.
//!
//! - Every block in the past of the last computed pivot block has one epoch.
//! - Inside an epoch a block comes after everything it refers to. Of the blocks that nothing
//!   unplaced refers to, the one with the largest hash is placed last.

use std::collections::BinaryHeap;

use super::BlockIndex;
use super::blocks::{Blocks, TieKey};
use super::pivot::Pivot;
use crate::graph::GraphError;

const UNASSIGNED: u32 = u32::MAX;

/// Epochs computed so far, from the lowest pivot block up.
#[derive(Default)]
pub(super) struct Epochs {
    orders: Vec<Vec<BlockIndex>>,
    /// Position in `orders` by block.
    assigned: Vec<u32>,
}

impl Epochs {
    /// Bytes that the epochs occupy.
    pub(super) fn size_bytes(&self) -> usize {
        self.orders
            .iter()
            .map(|order| order.capacity() * 4 + size_of_val(order))
            .sum::<usize>()
            + self.assigned.capacity() * 4
    }

    /// Forgets the epochs from `height` on: the pivot chain has changed there.
    pub(super) fn truncate(&mut self, height: u64, base: u64) {
        let kept = usize::try_from(height.saturating_sub(base)).unwrap_or(usize::MAX);
        while self.orders.len() > kept {
            for block in self.orders.pop().unwrap_or_default() {
                self.assigned[block as usize] = UNASSIGNED;
            }
        }
    }

    /// The epoch at `height`, computed with those below it if need be.
    pub(super) fn order(
        &mut self,
        height: u64,
        pivot: &Pivot,
        blocks: &Blocks,
    ) -> Result<&[BlockIndex], GraphError> {
        pivot.at(height)?;
        self.assigned.resize(blocks.len(), UNASSIGNED);
        let (base, _) = pivot.span().unwrap_or((0, 0));
        let position = usize::try_from(height - base).unwrap_or(usize::MAX);
        while self.orders.len() <= position {
            let offset = self.orders.len() as u64;
            let order = self.collect(pivot.at(base + offset)?, blocks);
            self.orders.push(order);
        }
        Ok(&self.orders[position])
    }

    /// Position of the epoch of `block` above the base; `None` outside the computed epochs.
    pub(super) fn of(&self, block: BlockIndex) -> Option<u64> {
        let position = self.assigned.get(block as usize).copied()?;
        (position != UNASSIGNED).then_some(u64::from(position))
    }

    fn collect(&mut self, pivot: BlockIndex, blocks: &Blocks) -> Vec<BlockIndex> {
        let number = u32::try_from(self.orders.len()).unwrap_or(UNASSIGNED);
        self.assigned[pivot as usize] = number;
        let mut members = vec![pivot];
        let mut next = 0;
        while let Some(&block) = members.get(next) {
            next += 1;
            for &predecessor in blocks.predecessors(block) {
                let slot = &mut self.assigned[predecessor as usize];
                if *slot == UNASSIGNED {
                    *slot = number;
                    members.push(predecessor);
                }
            }
        }
        if members.len() > 1 {
            self.sort(members, number, blocks)
        } else {
            members
        }
    }

    fn sort(&self, mut members: Vec<BlockIndex>, number: u32, blocks: &Blocks) -> Vec<BlockIndex> {
        let pivot = members[0];
        members.sort_unstable();
        let inside = |block: &BlockIndex| self.assigned[*block as usize] == number;
        let place = |block: BlockIndex| members.binary_search(&block).ok();
        let mut references = vec![0_u32; members.len()];
        for member in &members {
            for target in blocks.predecessors(*member).iter().copied().filter(inside) {
                if let Some(place) = place(target) {
                    references[place] += 1;
                }
            }
        }
        let mut free: BinaryHeap<(&TieKey, BlockIndex)> = BinaryHeap::new();
        free.push((&blocks.get(pivot).key, pivot));
        let mut reversed = Vec::with_capacity(members.len());
        while let Some((_, block)) = free.pop() {
            reversed.push(block);
            for target in blocks.predecessors(block).iter().copied().filter(inside) {
                if let Some(place) = place(target) {
                    references[place] -= 1;
                    if references[place] == 0 {
                        free.push((&blocks.get(target).key, target));
                    }
                }
            }
        }
        reversed.reverse();
        reversed
    }
}
