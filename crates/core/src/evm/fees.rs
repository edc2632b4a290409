//! Who receives the fees of an epoch (protocol §3.7).

use std::collections::BTreeSet;

use alloy_primitives::{B256, U256};

use super::record::EpochRecord;

/// The shares of an epoch's blocks, and what no block may claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeShares {
    /// Block and drip, in the epoch's order; rewardable blocks only.
    pub shares: Vec<(B256, U256)>,
    /// Fees of transactions that no rewardable block contains: they are burnt.
    pub unclaimed: U256,
}

/// Splits each fee evenly over the rewardable blocks that contain the transaction; what does not
/// divide goes one drip each to the first of them in the order of their hashes.
///
/// Sums of fees cannot overflow: what was paid is at most what exists.
#[must_use]
pub fn fee_shares(record: &EpochRecord, rewardable: &BTreeSet<B256>) -> FeeShares {
    let mut amounts = vec![U256::ZERO; record.blocks.len()];
    let mut unclaimed = U256::ZERO;
    for (block, amount) in record.blocks.iter().zip(&mut amounts) {
        if rewardable.contains(&block.hash) {
            *amount += block.fees;
        } else {
            unclaimed += block.fees;
        }
    }
    for shared in &record.shared_fees {
        let mut places: Vec<usize> = shared
            .blocks
            .iter()
            .map(|place| *place as usize)
            .filter(|place| rewardable.contains(&record.blocks[*place].hash))
            .collect();
        if places.is_empty() {
            unclaimed += shared.fee;
            continue;
        }
        places.sort_by_key(|place| record.blocks[*place].hash);
        let count = U256::from(places.len());
        let remainder = shared.fee % count;
        for (order, place) in places.iter().enumerate() {
            let extra = U256::from(U256::from(order) < remainder);
            amounts[*place] += shared.fee / count + extra;
        }
    }
    let shares = record
        .blocks
        .iter()
        .zip(amounts)
        .filter(|(block, _)| rewardable.contains(&block.hash))
        .map(|(block, amount)| (block.hash, amount))
        .collect();
    FeeShares { shares, unclaimed }
}
