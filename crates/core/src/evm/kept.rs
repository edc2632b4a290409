//! An executed epoch as it is kept: its record, its receipts, and their transactions in its blocks.
//!
//! * **R1** All of it is read at one moment, so that what does not fit together is damage.
//! * **R2** A receipt names a block of its epoch and a place there; the bytes are in that body.

use alloy_primitives::{B256, Bytes};

use super::body::BodyReader;
use super::error::ExecutionError;
use super::executor::{Executor, Location};
use super::receipt::{CHUNK, Chunk, Receipt, StoredReceipt, chunk_key, index_key, take_chunk};
use super::record::EpochRecord;
use crate::crypto::keccak256;
use crate::state::bytes::DamagedRow;
use crate::state::tables;
use crate::store::{Range, Snapshot};

/// A receipt at its place in its epoch.
pub struct Placed<'a> {
    /// The epoch.
    pub epoch: u64,
    /// What is kept of the epoch besides.
    pub record: &'a EpochRecord,
    /// Its place among the epoch's receipts.
    pub index: u32,
    /// The receipt with its transaction.
    pub receipt: Receipt,
    /// Gas of the epoch's receipts up to and including this one.
    pub cumulative_gas: u64,
    /// Number of the first of its logs in the epoch.
    pub first_log: u64,
}

/// An epoch of one moment.
pub struct KeptEpoch {
    view: Box<dyn Snapshot>,
    chain_id: u64,
    /// Its number.
    pub number: u64,
    /// What is kept of it besides transactions.
    pub record: EpochRecord,
}

/// A receipt that was looked up by its transaction's hash.
pub struct FoundReceipt {
    epoch: KeptEpoch,
    chunk: Chunk,
    /// Where it is.
    pub location: Location,
    /// The signed bytes.
    pub raw: Bytes,
}

impl Executor {
    /// Epoch `number` as it is now; `None` if it is not executed.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn kept(&self, number: u64) -> Result<Option<KeptEpoch>, ExecutionError> {
        self.kept_in(self.store.snapshot()?, number)
    }

    fn kept_in(
        &self,
        view: Box<dyn Snapshot>,
        number: u64,
    ) -> Result<Option<KeptEpoch>, ExecutionError> {
        let Some(row) = view.get(tables::EPOCHS, &number.to_be_bytes())? else {
            return Ok(None);
        };
        Ok(Some(KeptEpoch {
            view,
            chain_id: self.params.chain_id,
            number,
            record: EpochRecord::decode(&row)?,
        }))
    }

    /// An executed transaction with its receipt.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn find(&self, hash: &B256) -> Result<Option<FoundReceipt>, ExecutionError> {
        let view = self.store.snapshot()?;
        let Some(row) = view.get(tables::INDEX, &index_key(hash))? else {
            return Ok(None);
        };
        let location = Location::decode(&row)?;
        let epoch = self
            .kept_in(view, location.epoch)?
            .ok_or(DamagedRow { what: "epoch" })?;
        let key = chunk_key(location.epoch, location.index / CHUNK as u32);
        let chunk = epoch.view.get(tables::RECEIPTS, &key)?;
        let chunk = take_chunk(&chunk.ok_or(DamagedRow { what: "receipts" })?)?;
        let receipt = chunk.receipts.get(location.index as usize % CHUNK);
        let receipt = receipt.ok_or(DamagedRow { what: "receipts" })?;
        let mut bodies = BodyReader::new(&*epoch.view);
        let raw = epoch.raw(&mut bodies, receipt)?;
        // The index knows half the hash.
        Ok((keccak256(&raw) == *hash).then_some(FoundReceipt {
            epoch,
            chunk,
            location,
            raw,
        }))
    }
}

impl FoundReceipt {
    /// Hash of the first block of its epoch that contains it.
    #[must_use]
    pub fn block(&self) -> B256 {
        let place = self.chunk.receipts[self.place()].block as usize;
        self.epoch.record.blocks[place].hash
    }

    /// The receipt, decoded, at its place.
    ///
    /// # Errors
    /// `DamagedTransaction`.
    pub fn placed(&self) -> Result<Placed<'_>, ExecutionError> {
        let earlier = &self.chunk.receipts[..self.place()];
        let receipt = self.chunk.receipts[self.place()].clone();
        let receipt = receipt.decode(self.raw.clone(), self.epoch.chain_id)?;
        let gas: u64 = earlier.iter().map(|receipt| receipt.gas_used).sum();
        let logs: usize = earlier.iter().map(|receipt| receipt.logs.len()).sum();
        Ok(Placed {
            epoch: self.epoch.number,
            record: &self.epoch.record,
            index: self.location.index,
            cumulative_gas: self.chunk.gas_before + gas + receipt.gas_used,
            first_log: self.chunk.logs_before + logs as u64,
            receipt,
        })
    }

    /// Its place in the chunk, which `find` has looked at.
    const fn place(&self) -> usize {
        self.location.index as usize % CHUNK
    }
}

impl KeptEpoch {
    /// Its receipts, decoded.
    ///
    /// # Errors
    /// `Store`, `Damaged`, `DamagedTransaction`.
    pub fn receipts(&self) -> Result<Vec<Placed<'_>>, ExecutionError> {
        let mut placed = Vec::with_capacity(self.record.transactions as usize);
        let mut bodies = BodyReader::new(&*self.view);
        for chunk in self.chunks()? {
            let (mut cumulative_gas, mut first_log) = (chunk.gas_before, chunk.logs_before);
            for stored in chunk.receipts {
                let raw = self.raw(&mut bodies, &stored)?;
                let receipt = stored.decode(raw, self.chain_id)?;
                cumulative_gas += receipt.gas_used;
                let logs = receipt.logs.len() as u64;
                placed.push(Placed {
                    epoch: self.number,
                    record: &self.record,
                    index: placed.len() as u32,
                    receipt,
                    cumulative_gas,
                    first_log,
                });
                first_log += logs;
            }
        }
        Ok(placed)
    }

    /// The hashes of its transactions, in the order of their receipts.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn hashes(&self) -> Result<Vec<B256>, ExecutionError> {
        let mut hashes = Vec::with_capacity(self.record.transactions as usize);
        let mut bodies = BodyReader::new(&*self.view);
        for chunk in self.chunks()? {
            for stored in &chunk.receipts {
                hashes.push(keccak256(self.raw(&mut bodies, stored)?));
            }
        }
        Ok(hashes)
    }

    fn chunks(&self) -> Result<Vec<Chunk>, ExecutionError> {
        let range = Range::prefix(&self.number.to_be_bytes());
        let rows = self.view.range(tables::RECEIPTS, &range)?;
        Ok(rows
            .iter()
            .map(|(_, row)| take_chunk(row))
            .collect::<Result<_, _>>()?)
    }

    fn raw(
        &self,
        bodies: &mut BodyReader<'_>,
        receipt: &StoredReceipt,
    ) -> Result<Bytes, ExecutionError> {
        let block = self.record.blocks.get(receipt.block as usize);
        let block = block.ok_or(DamagedRow { what: "receipts" })?;
        bodies.transaction(&block.hash, receipt.place)
    }
}
