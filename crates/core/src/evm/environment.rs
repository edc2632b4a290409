//! What a transaction sees of its block, and how a signed transaction enters the machine.
//!
//! Ethereum's words, said of an epoch (docs/adr/0040): NUMBER is the epoch, TIMESTAMP the pivot's,
//! COINBASE the author of the block that contains the transaction, GASLIMIT that block's limit,
//! BASEFEE the pivot's base price, PREVRANDAO `keccak(pivot hash)`, BLOCKHASH(n) the pivot of
//! epoch n.

use alloy_primitives::{Address, B256, TxKind, U256};
use revm::context::either::Either;
use revm::context::{BlockEnv, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;

use super::input::{BlockInput, EpochInput};
use super::record::{EpochRecord, prev_randao};
use crate::codec::{SignedTransaction, TransactionKind};

/// No blobs here: the least price that BLOBBASEFEE can show (EIP-7516).
const NO_BLOBS: BlobExcessGasAndPrice = BlobExcessGasAndPrice {
    excess_blob_gas: 0,
    blob_gasprice: 1,
};

/// What a call pretends of the epoch it runs in.
#[derive(Clone, Debug, Default)]
pub struct BlockOverride {
    /// NUMBER.
    pub number: Option<u64>,
    /// TIMESTAMP.
    pub timestamp: Option<u64>,
    /// COINBASE.
    pub author: Option<Address>,
    /// GASLIMIT.
    pub gas_limit: Option<u64>,
    /// BASEFEE.
    pub base_price: Option<u64>,
    /// PREVRANDAO.
    pub prev_randao: Option<B256>,
    /// DIFFICULTY, where older rules show it.
    pub difficulty: Option<U256>,
}

/// The block environment of `block` in `epoch`.
#[must_use]
pub fn block_env(epoch: &EpochInput, block: &BlockInput) -> BlockEnv {
    let timestamp = epoch.blocks.last().map_or(0, |pivot| pivot.timestamp);
    BlockEnv {
        number: U256::from(epoch.number),
        beneficiary: block.author,
        timestamp: U256::from(timestamp),
        gas_limit: block.gas_limit,
        basefee: epoch.base_price,
        difficulty: block.difficulty,
        prevrandao: Some(
            epoch
                .prev_randao
                .unwrap_or_else(|| prev_randao(epoch.pivot)),
        ),
        blob_excess_gas_and_price: Some(NO_BLOBS),
        slot_num: 0,
    }
}

/// The environment of an executed epoch, seen from outside any of its blocks.
#[must_use]
pub fn recorded_env(record: &EpochRecord, number: u64, change: &BlockOverride) -> BlockEnv {
    BlockEnv {
        number: U256::from(change.number.unwrap_or(number)),
        beneficiary: change.author.unwrap_or_else(|| record.author()),
        timestamp: U256::from(change.timestamp.unwrap_or(record.timestamp)),
        gas_limit: change.gas_limit.unwrap_or(match record.gas_limit() {
            0 => u64::MAX,
            limit => limit,
        }),
        basefee: change.base_price.unwrap_or(record.base_price),
        difficulty: change.difficulty.unwrap_or(record.difficulty),
        prevrandao: Some(change.prev_randao.unwrap_or_else(|| record.prev_randao())),
        blob_excess_gas_and_price: Some(NO_BLOBS),
        slot_num: 0,
    }
}

/// The transaction as the machine takes it; `None` if nobody could own what it may cost.
#[must_use]
pub fn transaction_env(transaction: &SignedTransaction) -> Option<TxEnv> {
    let cap = u128::try_from(transaction.max_fee_per_gas).ok()?;
    let tip = u128::try_from(transaction.max_priority_fee_per_gas).ok()?;
    let has_tip = matches!(
        transaction.kind,
        TransactionKind::DynamicFee | TransactionKind::SetCode
    );
    Some(TxEnv {
        tx_type: match transaction.kind {
            // A transfer of one price: the machine need not know of which space.
            TransactionKind::CoreTransfer => TransactionKind::Legacy as u8,
            kind => kind as u8,
        },
        caller: transaction.sender,
        gas_limit: transaction.gas_limit,
        gas_price: cap,
        kind: transaction.to.map_or(TxKind::Create, TxKind::Call),
        value: transaction.value,
        data: transaction.data.clone(),
        nonce: transaction.nonce,
        chain_id: transaction.chain_id,
        access_list: transaction.access_list.clone(),
        gas_priority_fee: has_tip.then_some(tip),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: transaction
            .authorizations
            .iter()
            .map(|entry| Either::Right(entry.recovered()))
            .collect(),
    })
}
