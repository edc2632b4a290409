//! Transactions with their receipts: in memory, on disk and under the receipts root.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bloom, BloomInput, Bytes, Log, LogData, U256};
use alloy_rlp::{BufMut, Encodable, Header};

use crate::codec::{CodecError, SignedTransaction};
use crate::state::bytes::{DamagedRow, Put, Take};

/// Transactions in one row: reading one receipt reads at most 31 others, about 5 KB.
pub const CHUNK: usize = 32;

/// An executed transaction.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// What was executed.
    pub transaction: Arc<SignedTransaction>,
    /// Place in its epoch of the block that contains it first.
    pub block: u32,
    /// Whether it took effect; a failed one only pays.
    pub is_success: bool,
    /// Gas charged.
    pub gas_used: u64,
    /// Events, in order.
    pub logs: Vec<Log>,
}

/// A receipt as it is read from disk, before its transaction is decoded.
#[derive(Clone, Debug)]
pub struct StoredReceipt {
    /// The signed bytes.
    pub raw: Bytes,
    /// Who signed them; recovered once, when the transaction arrived.
    pub sender: Address,
    /// As in `Receipt`.
    pub block: u32,
    /// As in `Receipt`.
    pub is_success: bool,
    /// As in `Receipt`.
    pub gas_used: u64,
    /// As in `Receipt`.
    pub logs: Vec<Log>,
}

/// Appends a receipt to its row.
pub fn put_receipt(row: &mut Vec<u8>, receipt: &Receipt) {
    row.put_varint(u64::from(receipt.block) << 1 | u64::from(receipt.is_success));
    row.put_varint(receipt.gas_used);
    row.extend_from_slice(receipt.transaction.sender.as_slice());
    row.put_string(&receipt.transaction.raw);
    row.put_varint(receipt.logs.len() as u64);
    for log in &receipt.logs {
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
    let mut row = Vec::with_capacity(CHUNK * 160);
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
    let mut receipts = Vec::with_capacity(CHUNK);
    while !take.is_empty() {
        let head = take.varint()?;
        let gas_used = take.varint()?;
        let sender = take.address()?;
        let raw = Bytes::copy_from_slice(take.bytes()?);
        let count = take.length()?;
        let mut logs = Vec::with_capacity(count.min(row.len() / 22 + 1));
        for _ in 0..count {
            logs.push(take_log(&mut take)?);
        }
        receipts.push(StoredReceipt {
            raw,
            sender,
            block: u32::try_from(head >> 1).map_err(|_| take.damaged())?,
            is_success: head & 1 == 1,
            gas_used,
            logs,
        });
    }
    Ok(Chunk {
        gas_before,
        logs_before,
        receipts,
    })
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
    /// Decodes the transaction, without recovering its sender again.
    ///
    /// # Errors
    /// `CodecError`: the row is damaged.
    pub fn decode(self, chain_id: u64) -> Result<Receipt, CodecError> {
        let transaction = crate::codec::decode_known(self.raw, chain_id, self.sender)?;
        Ok(Receipt {
            transaction: Arc::new(transaction),
            block: self.block,
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
