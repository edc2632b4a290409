//! What is kept of an epoch besides its transactions.

use alloy_primitives::{Address, B256, Bloom, U256};

use crate::crypto::keccak256;
use crate::state::bytes::{DamagedRow, Put, Take};
use crate::state::commitment::Roots;

/// What PREVRANDAO and `mixHash` show. No more random than a block hash: its miner can try again.
#[must_use]
pub fn prev_randao(pivot: B256) -> B256 {
    keccak256(pivot)
}

/// One block of an executed epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockRecord {
    /// Its hash.
    pub hash: B256,
    /// Its author.
    pub author: Address,
    /// The gas its header allows.
    pub gas_limit: u64,
    /// Fees, less the burnt part, of the transactions that it alone contains, in drip.
    pub fees: U256,
}

/// A fee, less the burnt part, of a transaction that several blocks of the epoch contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedFee {
    /// In drip.
    pub fee: U256,
    /// Places of the blocks in their epoch, ascending; all of them are there.
    pub blocks: Vec<u32>,
}

/// An executed epoch. The row begins with the pivot's hash, which BLOCKHASH reads alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochRecord {
    /// Hash of the pivot block.
    pub pivot: B256,
    /// The roots of the state.
    pub roots: Roots,
    /// Root over the receipts.
    pub receipts_root: B256,
    /// Over the logs of the epoch.
    pub bloom: Bloom,
    /// The pivot's transactions root, to be shown.
    pub transactions_root: B256,
    /// The pivot's, Unix seconds.
    pub timestamp: u64,
    /// Price that ruled the epoch.
    pub base_price: u64,
    /// Gas of all receipts.
    pub gas_used: u64,
    /// Fees that nobody receives.
    pub burnt: U256,
    /// What PREVRANDAO showed, if it was chosen.
    pub chosen_randao: Option<B256>,
    /// The pivot's difficulty.
    pub difficulty: U256,
    /// The pivot's nonce.
    pub nonce: U256,
    /// Bytes of all blocks.
    pub size: u64,
    /// How many receipts there are.
    pub transactions: u32,
    /// How many logs there are.
    pub logs: u32,
    /// In execution order, the pivot last.
    pub blocks: Vec<BlockRecord>,
    /// Fees of transactions in more than one block.
    pub shared_fees: Vec<SharedFee>,
}

impl EpochRecord {
    /// keccak of the bloom, as a header commits to it.
    #[must_use]
    pub fn logs_bloom_hash(&self) -> B256 {
        keccak256(self.bloom.as_slice())
    }

    /// Author of the pivot block.
    #[must_use]
    pub fn author(&self) -> Address {
        self.blocks
            .last()
            .map_or(Address::ZERO, |pivot| pivot.author)
    }

    /// Gas that all blocks together allow.
    #[must_use]
    pub fn gas_limit(&self) -> u64 {
        self.blocks
            .iter()
            .fold(0, |sum, block| sum.saturating_add(block.gas_limit))
    }

    /// What PREVRANDAO showed and `mixHash` shows.
    #[must_use]
    pub fn prev_randao(&self) -> B256 {
        self.chosen_randao
            .unwrap_or_else(|| prev_randao(self.pivot))
    }

    /// The row.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(512);
        let roots = &self.roots;
        for hash in [
            self.pivot,
            roots.snapshot,
            roots.intermediate,
            roots.delta,
            self.receipts_root,
            self.transactions_root,
        ] {
            row.extend_from_slice(hash.as_slice());
        }
        let has_logs = self.logs > 0;
        for number in [
            self.timestamp,
            self.base_price,
            self.gas_used,
            self.size,
            u64::from(self.transactions),
            u64::from(self.logs),
            self.blocks.len() as u64,
            self.shared_fees.len() as u64,
        ] {
            row.put_varint(number);
        }
        if has_logs {
            row.extend_from_slice(self.bloom.as_slice());
        }
        for amount in [self.burnt, self.difficulty, self.nonce] {
            row.put_u256(amount);
        }
        row.put_string(
            self.chosen_randao
                .as_ref()
                .map_or(&[], |hash| hash.as_slice()),
        );
        self.put_blocks(&mut row);
        row
    }

    fn put_blocks(&self, row: &mut Vec<u8>) {
        for block in &self.blocks {
            row.extend_from_slice(block.hash.as_slice());
            row.extend_from_slice(block.author.as_slice());
            row.put_varint(block.gas_limit);
            row.put_u256(block.fees);
        }
        for shared in &self.shared_fees {
            row.put_u256(shared.fee);
            row.put_varint(shared.blocks.len() as u64);
            for block in &shared.blocks {
                row.put_varint(u64::from(*block));
            }
        }
    }

    /// Reads what `encode` wrote.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn decode(row: &[u8]) -> Result<Self, DamagedRow> {
        let mut take = Take::new(row, "epoch");
        let mut record = Self {
            pivot: take.hash()?,
            roots: Roots {
                snapshot: take.hash()?,
                intermediate: take.hash()?,
                delta: take.hash()?,
            },
            receipts_root: take.hash()?,
            transactions_root: take.hash()?,
            timestamp: take.varint()?,
            base_price: take.varint()?,
            gas_used: take.varint()?,
            size: take.varint()?,
            transactions: take.narrow()?,
            logs: take.narrow()?,
            ..Self::default()
        };
        let (blocks, shared_fees) = (take.length()?, take.length()?);
        if record.logs > 0 {
            record.bloom = Bloom::from_slice(take.raw(256)?);
        }
        (record.burnt, record.difficulty, record.nonce) =
            (take.u256()?, take.u256()?, take.u256()?);
        record.chosen_randao = match take.bytes()? {
            [] => None,
            chosen => Some(B256::try_from(chosen).map_err(|_| take.damaged())?),
        };
        for _ in 0..blocks {
            record.blocks.push(take_block(&mut take)?);
        }
        for _ in 0..shared_fees {
            record.shared_fees.push(take_shared_fee(&mut take, blocks)?);
        }
        take.finish()?;
        Ok(record)
    }
}

/// Reads a fee that some of an epoch's `blocks` share.
fn take_shared_fee(take: &mut Take<'_>, blocks: usize) -> Result<SharedFee, DamagedRow> {
    let fee = take.u256()?;
    let places = (0..take.length()?)
        .map(|_| take.narrow())
        .collect::<Result<Vec<_>, _>>()?;
    if places.iter().any(|place| *place as usize >= blocks) {
        return Err(take.damaged());
    }
    Ok(SharedFee {
        fee,
        blocks: places,
    })
}

fn take_block(take: &mut Take<'_>) -> Result<BlockRecord, DamagedRow> {
    Ok(BlockRecord {
        hash: take.hash()?,
        author: take.address()?,
        gas_limit: take.varint()?,
        fees: take.u256()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_by(places: Vec<u32>) -> EpochRecord {
        EpochRecord {
            blocks: vec![BlockRecord::default(); 3],
            shared_fees: vec![SharedFee {
                fee: U256::from(7),
                blocks: places,
            }],
            chosen_randao: Some(B256::repeat_byte(1)),
            ..EpochRecord::default()
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let record = shared_by(vec![0, 2]);
        assert_eq!(EpochRecord::decode(&record.encode()), Ok(record));
    }

    #[test]
    fn a_share_of_a_block_that_is_not_there_is_damage() {
        assert!(EpochRecord::decode(&shared_by(vec![0, 3]).encode()).is_err());
    }

    #[test]
    fn bytes_behind_the_end_are_damage() {
        let mut row = shared_by(vec![0, 2]).encode();
        row.push(0);
        assert!(EpochRecord::decode(&row).is_err());
    }
}
