//! Transactions of accepted blocks, in rows of `ROW`: the only place where their bytes are kept.
//!
//! * **B1** All rows of a block are written in one batch: the one that accepts the block, else that
//!   of its epoch.
//! * **B2** A transaction is read with its row, whatever the size of its block.
//!
//! Twin of `sogdia/ledger/storage/tables/bodies.py`, which writes most of them.

use std::sync::Arc;

use alloy_primitives::{B256, Bytes};
use alloy_rlp::Encodable;

use super::error::ExecutionError;
use crate::codec::SignedTransaction;
use crate::codec::rlp::Reader;
use crate::state::bytes::DamagedRow;
use crate::state::tables;
use crate::store::{Batch, Snapshot};

/// Transactions in one row: about 4 KB of transfers.
const ROW: usize = 32;
/// Bytes before the transactions of the first row: how many rows there are.
const COUNT_BYTES: usize = 2;
const DAMAGED: DamagedRow = DamagedRow { what: "body" };

/// The key of a row: the block's hash, and from the second row on its number.
#[must_use]
pub fn body_key(block: &B256, row: u16) -> Vec<u8> {
    let mut key = block.to_vec();
    if row > 0 {
        key.extend_from_slice(&row.to_be_bytes());
    }
    key
}

/// Adds the rows of a block to `batch`.
pub fn put_body(batch: &mut Batch, block: &B256, transactions: &[Arc<SignedTransaction>]) {
    let rows = transactions.len().div_ceil(ROW).max(1) as u16;
    for number in 0..rows {
        let start = usize::from(number) * ROW;
        let end = transactions.len().min(start + ROW);
        let mut row = Vec::with_capacity(ROW * 128);
        if number == 0 {
            row.extend_from_slice(&rows.to_be_bytes());
        }
        for transaction in &transactions[start..end] {
            transaction.raw.encode(&mut row);
        }
        batch.put(tables::BODIES, body_key(block, number), row);
    }
}

/// Reads transactions, and remembers the row it read last: neighbours are asked for in a row.
pub struct BodyReader<'a> {
    view: &'a dyn Snapshot,
    held: Option<(B256, u16)>,
    transactions: Vec<Bytes>,
}

impl<'a> BodyReader<'a> {
    /// Reads from `view`.
    #[must_use]
    pub fn new(view: &'a dyn Snapshot) -> Self {
        Self {
            view,
            held: None,
            transactions: Vec::new(),
        }
    }

    /// The signed bytes of the transaction at `place` in `block`.
    ///
    /// # Errors
    /// `Damaged` if the row is missing or too short; `Store`.
    pub fn transaction(&mut self, block: &B256, place: u32) -> Result<Bytes, ExecutionError> {
        let row = u16::try_from(place as usize / ROW).map_err(|_| DAMAGED)?;
        if self.held != Some((*block, row)) {
            let found = self.view.get(tables::BODIES, &body_key(block, row))?;
            self.transactions = take_row(found.ok_or(DAMAGED)?, row)?;
            self.held = Some((*block, row));
        }
        let found = self.transactions.get(place as usize % ROW);
        Ok(found.ok_or(DAMAGED)?.clone())
    }
}

/// The transactions of a row, which they share.
fn take_row(row: Vec<u8>, number: u16) -> Result<Vec<Bytes>, DamagedRow> {
    let row = Bytes::from(row);
    let skipped = if number == 0 { COUNT_BYTES } else { 0 };
    let mut reader = Reader::new(row.get(skipped..).ok_or(DAMAGED)?);
    let mut transactions = Vec::with_capacity(ROW);
    while !reader.is_empty() {
        let raw = reader.bytes("body").map_err(|_| DAMAGED)?;
        transactions.push(row.slice_ref(raw));
    }
    Ok(transactions)
}
