//! Weight of the anticone of blocks, for the penalty on rewards.
//!
//! `A(b) = W(Past(C) + C) - W(Past(b)) - W(b) - W(Future(b) in Past(C) + C)`, every sum over the
//! era of `b`. The future is found by marking forward, 64 blocks at a time: one bit each.

use std::collections::HashMap;

use super::BlockIndex;
use super::blocks::Blocks;

const LANES: usize = 64;

/// Anticone weight, in the past of `cut` and `cut` itself, of each of `members`.
///
/// `span` is everything in that past which is not in the past of the first of the members' epoch,
/// from past to future; `members` and `cut` are of one era.
pub(super) fn weights(
    members: &[BlockIndex],
    span: &[BlockIndex],
    cut: BlockIndex,
    blocks: &Blocks,
) -> Vec<i128> {
    let era = blocks.get(cut).era;
    let total = blocks.get(cut).era_past.weight + blocks.get(cut).weight;
    let mut answer = Vec::with_capacity(members.len());
    for lane in members.chunks(LANES) {
        let future = future_weights(lane, span, era, blocks);
        answer.extend(lane.iter().zip(future).map(|(member, future)| {
            let block = blocks.get(*member);
            total - block.era_past.weight - block.weight - future
        }));
    }
    answer
}

fn future_weights(
    lane: &[BlockIndex],
    span: &[BlockIndex],
    era: BlockIndex,
    blocks: &Blocks,
) -> Vec<i128> {
    let bits: HashMap<BlockIndex, u64> = lane
        .iter()
        .enumerate()
        .map(|(bit, member)| (*member, 1 << bit))
        .collect();
    let mut masks: HashMap<BlockIndex, u64> = HashMap::with_capacity(span.len());
    let mut sums = vec![0; lane.len()];
    for &block in span {
        let mut mask = 0;
        for predecessor in blocks.predecessors(block) {
            mask |= masks.get(predecessor).copied().unwrap_or(0);
            mask |= bits.get(predecessor).copied().unwrap_or(0);
        }
        masks.insert(block, mask);
        if blocks.get(block).era == era {
            let weight = blocks.get(block).weight;
            while mask != 0 {
                sums[mask.trailing_zeros() as usize] += weight;
                mask &= mask - 1;
            }
        }
    }
    sums
}
