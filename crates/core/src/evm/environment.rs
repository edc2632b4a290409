//! What a transaction sees of its block, and how a signed transaction enters the machine.
//!
//! Ethereum's words, said of an epoch (docs/adr/0040): NUMBER is the epoch, TIMESTAMP the pivot's,
//! COINBASE the author of the block that contains the transaction, GASLIMIT that block's limit,
//! BASEFEE the pivot's base price, PREVRANDAO `keccak(pivot hash)`, BLOCKHASH(n) the pivot of
//! epoch n.

use alloy_primitives::{B256, TxKind, U256};
use revm::context::either::Either;
use revm::context::{BlockEnv, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;

use super::input::{BlockInput, EpochInput};
use crate::codec::{SignedTransaction, TransactionKind};
use crate::crypto::keccak256;

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
        // No blobs here: the least price that BLOBBASEFEE can show (EIP-7516).
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice {
            excess_blob_gas: 0,
            blob_gasprice: 1,
        }),
        slot_num: 0,
    }
}

/// What PREVRANDAO and `mixHash` show. No more random than a block hash: its miner can try again.
#[must_use]
pub fn prev_randao(pivot: B256) -> B256 {
    keccak256(pivot)
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
