//! State overrides: what a call pretends of accounts.

use alloy_primitives::{Address, Bytes, U256};

use super::code::analyse;
use super::database::{Pretended, ViewReader};
use super::error::ExecutionError;
use crate::crypto::keccak256;

/// What is pretended of one account; `None` keeps what it has.
#[derive(Clone, Debug, Default)]
pub struct AccountOverride {
    /// Whose.
    pub address: Address,
    /// In drip.
    pub balance: Option<U256>,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Code.
    pub code: Option<Bytes>,
    /// All of its storage.
    pub storage: Option<Vec<(U256, U256)>>,
    /// Some of its slots.
    pub storage_diff: Vec<(U256, U256)>,
}

/// Lays `overrides`, each account named once, over what `reader` reads.
///
/// # Errors
/// `Store`, `Damaged`.
pub fn pretend<'a>(
    mut reader: ViewReader<'a>,
    overrides: &[AccountOverride],
) -> Result<ViewReader<'a>, ExecutionError> {
    let mut pretended = Pretended::default();
    for change in overrides {
        let address = change.address;
        let mut record = reader.account(address)?.unwrap_or_default();
        record.balance = change.balance.unwrap_or(record.balance);
        record.nonce = change.nonce.unwrap_or(record.nonce);
        if let Some(code) = &change.code {
            record.code_hash = keccak256(code);
            pretended
                .codes
                .insert(record.code_hash, analyse(code.clone()));
        }
        pretended.accounts.insert(address, record);
        if let Some(storage) = &change.storage {
            pretended.cleared.insert(address);
            pretended.slots.extend(
                storage
                    .iter()
                    .map(|(slot, value)| ((address, *slot), *value)),
            );
        }
        let diff = change
            .storage_diff
            .iter()
            .map(|(slot, value)| ((address, *slot), *value));
        pretended.slots.extend(diff);
    }
    reader.pretended = pretended;
    Ok(reader)
}
