//! Executed epochs as the Ethereum JSON-RPC shows them, ready to be sent.
//!
//! "Block" here is an epoch (docs/adr/0040). What Ethereum has and an epoch has not is shown as
//! Ethereum shows its absence: no uncles, and the root over an empty list of them.

mod block;
pub mod cache;
pub mod json;

use alloy_primitives::{B256, Log, U256};

use self::json::JsonWriter;
use super::error::ExecutionError;
use super::executor::Executor;
use super::kept::Placed;
use super::receipt::{bloom_of, price_of};
use crate::codec::{SignedTransaction, TransactionKind};

impl Executor {
    /// A transaction as `eth_getTransactionByHash` shows it.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn transaction_json(&self, hash: &B256) -> Result<Option<Vec<u8>>, ExecutionError> {
        self.with_placed(hash, |json, entry| {
            transaction(json, &entry.receipt.transaction, Some(entry));
        })
    }

    /// A receipt as `eth_getTransactionReceipt` shows it.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn receipt_json(&self, hash: &B256) -> Result<Option<Vec<u8>>, ExecutionError> {
        self.with_placed(hash, receipt)
    }

    fn with_placed(
        &self,
        hash: &B256,
        write: impl FnOnce(&mut JsonWriter, &Placed<'_>),
    ) -> Result<Option<Vec<u8>>, ExecutionError> {
        let Some(found) = self.find(hash)? else {
            return Ok(None);
        };
        let mut json = JsonWriter::with_capacity(2048);
        write(&mut json, &found.placed()?);
        Ok(Some(json.into_bytes()))
    }
}

/// A transaction that is not executed, as `eth_getTransactionByHash` shows it.
#[must_use]
pub fn pending_json(pending: &SignedTransaction) -> Vec<u8> {
    let mut json = JsonWriter::with_capacity(1024);
    transaction(&mut json, pending, None);
    json.into_bytes()
}

/// A transaction; `placed` if it was executed, and then it shows where and at what price.
pub(super) fn transaction(
    json: &mut JsonWriter,
    transaction: &SignedTransaction,
    placed: Option<&Placed<'_>>,
) {
    json.object(|json| {
        match placed {
            Some(placed) => {
                json.name("blockHash").data(placed.record.pivot.as_slice());
                json.name("blockNumber").quantity(placed.epoch);
                json.name("blockTimestamp")
                    .quantity(placed.record.timestamp);
                json.name("transactionIndex")
                    .quantity(u64::from(placed.index));
            }
            None => {
                for name in [
                    "blockHash",
                    "blockNumber",
                    "blockTimestamp",
                    "transactionIndex",
                ] {
                    json.name(name).null();
                }
            }
        }
        let price = placed.map_or(transaction.max_fee_per_gas, |placed| {
            price_of(transaction, placed.record.base_price)
        });
        json.name("gasPrice").wide_quantity(price);
        json.name("type").quantity(transaction.kind as u64);
        json.name("hash").data(transaction.hash.as_slice());
        json.name("from").data(transaction.sender.as_slice());
        json.name("to")
            .optional_data(transaction.to.as_ref().map(|to| to.as_slice()));
        json.name("nonce").quantity(transaction.nonce);
        json.name("gas").quantity(transaction.gas_limit);
        json.name("value").wide_quantity(transaction.value);
        json.name("input").data(&transaction.data);
        if let Some(chain_id) = transaction.chain_id {
            json.name("chainId").quantity(chain_id);
        }
        typed_members(json, transaction);
        signature_members(json, transaction);
    });
}

fn typed_members(json: &mut JsonWriter, transaction: &SignedTransaction) {
    if matches!(
        transaction.kind,
        TransactionKind::Legacy | TransactionKind::CoreTransfer
    ) {
        return;
    }
    json.name("accessList").array(|json| {
        for entry in &transaction.access_list.0 {
            json.object(|json| {
                json.name("address").data(entry.address.as_slice());
                json.name("storageKeys").array(|json| {
                    entry
                        .storage_keys
                        .iter()
                        .for_each(|key| json.data(key.as_slice()));
                });
            });
        }
    });
    if transaction.kind == TransactionKind::AccessList {
        return;
    }
    json.name("maxFeePerGas")
        .wide_quantity(transaction.max_fee_per_gas);
    json.name("maxPriorityFeePerGas")
        .wide_quantity(transaction.max_priority_fee_per_gas);
    if transaction.kind == TransactionKind::DynamicFee {
        return;
    }
    json.name("authorizationList").array(|json| {
        for entry in &transaction.authorizations {
            json.object(|json| {
                json.name("chainId").wide_quantity(entry.content.chain_id);
                json.name("address").data(entry.content.address.as_slice());
                json.name("nonce").quantity(entry.content.nonce);
                json.name("yParity").quantity(u64::from(entry.y_parity));
                json.name("r").wide_quantity(entry.r);
                json.name("s").wide_quantity(entry.s);
            });
        }
    });
}

fn signature_members(json: &mut JsonWriter, transaction: &SignedTransaction) {
    let signature = &transaction.signature;
    let parity = U256::from(signature.y_parity);
    let v = match (transaction.kind, transaction.chain_id) {
        (TransactionKind::Legacy, None) => parity + U256::from(27),
        (TransactionKind::Legacy, Some(id)) => {
            parity + U256::from(35) + U256::from(id) * U256::from(2)
        }
        _ => {
            json.name("yParity").wide_quantity(parity);
            parity
        }
    };
    json.name("v").wide_quantity(v);
    json.name("r").wide_quantity(signature.r);
    json.name("s").wide_quantity(signature.s);
}

fn receipt(json: &mut JsonWriter, placed: &Placed<'_>) {
    let transaction = &*placed.receipt.transaction;
    let created = match transaction.to {
        None => Some(transaction.sender.create(transaction.nonce)),
        Some(_) => None,
    };
    json.object(|json| {
        json.name("transactionHash")
            .data(transaction.hash.as_slice());
        json.name("transactionIndex")
            .quantity(u64::from(placed.index));
        json.name("blockHash").data(placed.record.pivot.as_slice());
        json.name("blockNumber").quantity(placed.epoch);
        json.name("from").data(transaction.sender.as_slice());
        json.name("to")
            .optional_data(transaction.to.as_ref().map(|to| to.as_slice()));
        json.name("cumulativeGasUsed")
            .quantity(placed.cumulative_gas);
        json.name("gasUsed").quantity(placed.receipt.gas_used);
        json.name("contractAddress")
            .optional_data(created.as_ref().map(|created| created.as_slice()));
        json.name("logs").array(|json| {
            for (place, entry) in placed.receipt.logs.iter().enumerate() {
                log(json, placed, place as u64, entry);
            }
        });
        json.name("logsBloom")
            .data(bloom_of(&placed.receipt.logs).as_slice());
        json.name("status")
            .quantity(u64::from(placed.receipt.is_success));
        json.name("type").quantity(transaction.kind as u64);
        let price = price_of(transaction, placed.record.base_price);
        json.name("effectiveGasPrice").wide_quantity(price);
    });
}

/// A log; `place` counts within its transaction.
pub(super) fn log(json: &mut JsonWriter, placed: &Placed<'_>, place: u64, entry: &Log) {
    json.object(|json| {
        json.name("address").data(entry.address.as_slice());
        json.name("topics").array(|json| {
            entry
                .topics()
                .iter()
                .for_each(|topic| json.data(topic.as_slice()));
        });
        json.name("data").data(&entry.data.data);
        json.name("blockNumber").quantity(placed.epoch);
        json.name("blockHash").data(placed.record.pivot.as_slice());
        json.name("blockTimestamp")
            .quantity(placed.record.timestamp);
        json.name("transactionHash")
            .data(placed.receipt.transaction.hash.as_slice());
        json.name("transactionIndex")
            .quantity(u64::from(placed.index));
        json.name("logIndex").quantity(placed.first_log + place);
        json.name("removed").boolean(false);
    });
}
