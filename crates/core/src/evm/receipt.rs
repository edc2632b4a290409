//! Receipts: in memory, on disk and under the receipts root.
//!
//! On disk a receipt says where its transaction is (`kept.rs`); the bytes are in the block's body alone.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bloom, BloomInput, Bytes, Log, LogData, U256};
use alloy_rlp::{BufMut, Encodable, Header};

use crate::codec::{CodecError, SignedTransaction};
use crate::state::bytes::{DamagedRow, Put, Take};

/// Receipts in one row: reading one reads at most 31 others, of transfers about 700 bytes.
pub const CHUNK: usize = 32;

/// An executed transaction.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// What was executed.
    pub transaction: Arc<SignedTransaction>,
    /// Place in its epoch of the block that contains it first.
    pub block: u32,
    /// Its place in that block.
    pub place: u32,
    /// Whether it took effect; a failed one only pays.
    pub is_success: bool,
    /// Gas charged.
    pub gas_used: u64,
    /// Events, in order.
    pub logs: Vec<Log>,
}

/// A receipt as it is read from disk, before its transaction is read from its block.
#[derive(Clone, Debug)]
pub struct StoredReceipt {
    /// Who signed it; recovered once, when the transaction arrived.
    pub sender: Address,
    /// As in `Receipt`.
    pub block: u32,
    /// As in `Receipt`.
    pub place: u32,
    /// As in `Receipt`.
    pub is_success: bool,
    /// As in `Receipt`.
    pub gas_used: u64,
    /// As in `Receipt`.
    pub logs: Vec<Log>,
}

// What the first byte of a receipt says; a transfer in the middle of its block is that and a sender.
const IS_SUCCESS: u8 = 1;
/// It follows the one before in the same block.
const IS_NEXT: u8 = 2;
/// It used as much gas as the one before.
const HAS_SAME_GAS: u8 = 4;
const HAS_LOGS: u8 = 8;

/// Appends a receipt to its row, in which `before` is the last one so far.
pub fn put_receipt(row: &mut Vec<u8>, receipt: &Receipt, before: Option<&Receipt>) {
    let is_next =
        before.is_some_and(|it| (it.block, it.place + 1) == (receipt.block, receipt.place));
    let has_same_gas = before.is_some_and(|it| it.gas_used == receipt.gas_used);
    let flag = |is_set, flag| if is_set { flag } else { 0 };
    row.push(
        flag(receipt.is_success, IS_SUCCESS)
            | flag(is_next, IS_NEXT)
            | flag(has_same_gas, HAS_SAME_GAS)
            | flag(!receipt.logs.is_empty(), HAS_LOGS),
    );
    if !is_next {
        row.put_varint(u64::from(receipt.block));
        row.put_varint(u64::from(receipt.place));
    }
    if !has_same_gas {
        row.put_varint(receipt.gas_used);
    }
    row.extend_from_slice(receipt.transaction.sender.as_slice());
    if !receipt.logs.is_empty() {
        put_logs(row, &receipt.logs);
    }
}

fn put_logs(row: &mut Vec<u8>, logs: &[Log]) {
    row.put_varint(logs.len() as u64);
    for log in logs {
        row.extend_from_slice(log.address.as_slice());
        row.push(log.topics().len() as u8);
        for topic in log.topics() {
            row.extend_from_slice(topic.as_slice());
        }
        row.put_string(&log.data.data);
    }
}

/// A row of receipts, and what came before it in the epoch.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Gas of all earlier receipts.
    pub gas_before: u64,
    /// Logs of all earlier receipts.
    pub logs_before: u64,
    /// At most `CHUNK` receipts.
    pub receipts: Vec<StoredReceipt>,
}

/// Starts a row: gas and logs of the epoch's earlier receipts.
#[must_use]
pub fn start_chunk(gas_before: u64, logs_before: u64) -> Vec<u8> {
    let mut row = Vec::with_capacity(CHUNK * 24);
    row.put_varint(gas_before);
    row.put_varint(logs_before);
    row
}

/// Reads a row of receipts.
///
/// # Errors
/// `DamagedRow`.
pub fn take_chunk(row: &[u8]) -> Result<Chunk, DamagedRow> {
    let mut take = Take::new(row, "receipts");
    let (gas_before, logs_before) = (take.varint()?, take.varint()?);
    let mut receipts: Vec<StoredReceipt> = Vec::with_capacity(CHUNK);
    while !take.is_empty() {
        let receipt = take_receipt(&mut take, receipts.last())?;
        receipts.push(receipt);
    }
    Ok(Chunk {
        gas_before,
        logs_before,
        receipts,
    })
}

fn take_receipt(
    take: &mut Take<'_>,
    before: Option<&StoredReceipt>,
) -> Result<StoredReceipt, DamagedRow> {
    let flags = take.byte()?;
    let (block, place) = if flags & IS_NEXT == 0 {
        (take.narrow()?, take.narrow()?)
    } else {
        let before = before.ok_or(take.damaged())?;
        (before.block, before.place.saturating_add(1))
    };
    let gas_used = if flags & HAS_SAME_GAS == 0 {
        take.varint()?
    } else {
        before.ok_or(take.damaged())?.gas_used
    };
    Ok(StoredReceipt {
        sender: take.address()?,
        block,
        place,
        is_success: flags & IS_SUCCESS != 0,
        gas_used,
        logs: if flags & HAS_LOGS == 0 {
            Vec::new()
        } else {
            take_logs(take)?
        },
    })
}

fn take_logs(take: &mut Take<'_>) -> Result<Vec<Log>, DamagedRow> {
    let count = take.length()?;
    // A count is not believed before its logs are there.
    let mut logs = Vec::with_capacity(count.min(CHUNK));
    for _ in 0..count {
        logs.push(take_log(take)?);
    }
    Ok(logs)
}

fn take_log(take: &mut Take<'_>) -> Result<Log, DamagedRow> {
    let address = take.address()?;
    let topics = (0..take.byte()?)
        .map(|_| take.hash())
        .collect::<Result<Vec<_>, _>>()?;
    let data = Bytes::copy_from_slice(take.bytes()?);
    let damaged = take.damaged();
    Ok(Log {
        address,
        data: LogData::new(topics, data).ok_or(damaged)?,
    })
}

impl StoredReceipt {
    /// Joins it with its transaction, whose sender is not recovered again.
    ///
    /// # Errors
    /// `CodecError`: the row is damaged.
    pub fn decode(self, raw: Bytes, chain_id: u64) -> Result<Receipt, CodecError> {
        let transaction = crate::codec::decode_known(raw, chain_id, self.sender)?;
        Ok(Receipt {
            transaction: Arc::new(transaction),
            block: self.block,
            place: self.place,
            is_success: self.is_success,
            gas_used: self.gas_used,
            logs: self.logs,
        })
    }
}

/// What a transaction pays per unit of gas: in an epoch whose base price is above its cap (it came
/// in a block that did not know the pivot's price) it pays the cap.
#[must_use]
pub fn price_of(transaction: &SignedTransaction, base_price: u64) -> U256 {
    transaction
        .effective_gas_price(U256::from(base_price))
        .unwrap_or(transaction.max_fee_per_gas)
}

/// What the receipts root commits to:
/// `rlp[status, gas used up to here in the epoch, price per gas, [[address, [topic…], data]…]]`.
///
/// No bloom: it follows from the logs, and the epoch's is committed to beside the root.
#[must_use]
pub fn receipt_leaf(receipt: &Receipt, cumulative_gas: u64, price: U256) -> Vec<u8> {
    let logs = LogsField(&receipt.logs);
    let status = u8::from(receipt.is_success);
    let payload_length = status.length() + cumulative_gas.length() + price.length() + logs.length();
    let mut leaf = Vec::with_capacity(payload_length + 9);
    Header {
        list: true,
        payload_length,
    }
    .encode(&mut leaf);
    status.encode(&mut leaf);
    cumulative_gas.encode(&mut leaf);
    price.encode(&mut leaf);
    logs.encode(&mut leaf);
    leaf
}

struct LogsField<'a>(&'a [Log]);

impl LogsField<'_> {
    fn header(&self) -> Header {
        Header {
            list: true,
            payload_length: self.0.iter().map(Encodable::length).sum(),
        }
    }
}

impl Encodable for LogsField<'_> {
    fn encode(&self, out: &mut dyn BufMut) {
        self.header().encode(out);
        for log in self.0 {
            log.encode(out);
        }
    }

    fn length(&self) -> usize {
        self.header().length_with_payload()
    }
}

/// The bloom filter over logs (yellow paper, 4.3.1).
#[must_use]
pub fn bloom_of<'a>(logs: impl IntoIterator<Item = &'a Log>) -> Bloom {
    let mut bloom = Bloom::default();
    for log in logs {
        bloom.accrue(BloomInput::Raw(log.address.as_slice()));
        for topic in log.topics() {
            bloom.accrue(BloomInput::Raw(topic.as_slice()));
        }
    }
    bloom
}

/// The key of a transaction in the index: 16 bytes of its hash.
///
/// Half a hash halves the index. Nobody can find another transaction with a given half (2^128
/// tries); who makes two of their own collide (2^64) hides the first of them from look-ups only.
#[must_use]
pub fn index_key(hash: &B256) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

/// The key of a chunk of receipts.
#[must_use]
pub fn chunk_key(epoch: u64, chunk: u32) -> [u8; 12] {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&epoch.to_be_bytes());
    key[8..].copy_from_slice(&chunk.to_be_bytes());
    key
}
