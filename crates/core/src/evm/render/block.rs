//! Whole epochs: rendered once, sent as often as they are asked for.

use std::sync::Arc;

use alloy_primitives::{B256, b256};

use super::cache::Form;
use super::json::JsonWriter;
use super::{receipt, transaction};
use crate::evm::error::ExecutionError;
use crate::evm::executor::Executor;
use crate::evm::kept::KeptEpoch;
use crate::evm::record::EpochRecord;

/// keccak of the RLP of an empty list: `sha3Uncles` of a block without uncles.
const NO_UNCLES: B256 = b256!("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");

impl Executor {
    /// An epoch as `eth_getBlockByNumber` shows it, with whole transactions or their hashes.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn block_json(
        &self,
        number: u64,
        full: bool,
    ) -> Result<Option<Arc<Vec<u8>>>, ExecutionError> {
        let form = block_form(full);
        self.rendered_once(number, form, |epoch| self.render_block(epoch, form))
    }

    /// What `block_json` gives, if it is at hand.
    #[must_use]
    pub fn block_json_at_hand(&self, number: u64, full: bool) -> Option<Arc<Vec<u8>>> {
        self.rendered.get(number, block_form(full))
    }

    /// All receipts of an epoch as `eth_getBlockReceipts` shows them.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn receipts_json(&self, number: u64) -> Result<Option<Arc<Vec<u8>>>, ExecutionError> {
        self.rendered_once(number, Form::Receipts, |epoch| {
            let placed = epoch.receipts()?;
            let mut json = JsonWriter::with_capacity(64 + placed.len() * 1300);
            json.array(|json| placed.iter().for_each(|entry| receipt(json, entry)));
            Ok(json.into_bytes())
        })
    }

    /// What `render` makes of an epoch, or what it made of it before.
    fn rendered_once(
        &self,
        number: u64,
        form: Form,
        render: impl FnOnce(&KeptEpoch) -> Result<Vec<u8>, ExecutionError>,
    ) -> Result<Option<Arc<Vec<u8>>>, ExecutionError> {
        if let Some(json) = self.rendered.get(number, form) {
            return Ok(Some(json));
        }
        let generation = self.rendered.generation();
        let Some(epoch) = self.kept(number)? else {
            return Ok(None);
        };
        let json = Arc::new(render(&epoch)?);
        self.rendered.keep(generation, number, form, &json);
        Ok(Some(json))
    }

    fn render_block(&self, epoch: &KeptEpoch, form: Form) -> Result<Vec<u8>, ExecutionError> {
        let (number, record) = (epoch.number, &epoch.record);
        let parent = match number.checked_sub(1) {
            Some(parent) => self.view(None)?.pivot(parent)?.unwrap_or_default(),
            None => B256::ZERO,
        };
        let is_whole = form == Form::WholeBlock;
        let placed = epoch.receipts()?;
        let room = 2048 + placed.len() * if is_whole { 900 } else { 72 };
        let mut json = JsonWriter::with_capacity(room);
        json.object(|json| {
            block_members(json, number, record, parent);
            json.name("transactions").array(|json| {
                for entry in &placed {
                    if is_whole {
                        transaction(json, &entry.receipt.transaction, Some(entry));
                    } else {
                        json.data(entry.receipt.transaction.hash.as_slice());
                    }
                }
            });
        });
        Ok(json.into_bytes())
    }
}

const fn block_form(full: bool) -> Form {
    if full {
        Form::WholeBlock
    } else {
        Form::BlockOfHashes
    }
}

fn block_members(json: &mut JsonWriter, number: u64, record: &EpochRecord, parent: B256) {
    let nonce = record.nonce.to_be_bytes::<32>();
    json.name("number").quantity(number);
    json.name("hash").data(record.pivot.as_slice());
    json.name("parentHash").data(parent.as_slice());
    json.name("nonce").data(&nonce[24..]);
    json.name("mixHash").data(record.prev_randao().as_slice());
    json.name("sha3Uncles").data(NO_UNCLES.as_slice());
    json.name("logsBloom").data(record.bloom.as_slice());
    json.name("transactionsRoot")
        .data(record.transactions_root.as_slice());
    json.name("stateRoot")
        .data(record.roots.state_root().as_slice());
    json.name("receiptsRoot")
        .data(record.receipts_root.as_slice());
    json.name("miner").data(record.author().as_slice());
    json.name("difficulty").wide_quantity(record.difficulty);
    json.name("extraData").data(&[]);
    json.name("size").quantity(record.size);
    json.name("gasLimit").quantity(record.gas_limit());
    json.name("gasUsed").quantity(record.gas_used);
    json.name("timestamp").quantity(record.timestamp);
    json.name("baseFeePerGas").quantity(record.base_price);
    json.name("uncles").array(|_| {});
}
