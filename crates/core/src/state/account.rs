//! An account as it is stored and committed to.

use alloy_primitives::{B256, KECCAK256_EMPTY, U256};

use super::bytes::{DamagedRow, Put, Take};

/// Nonce, balance and code hash. Storage has keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// Transactions sent, or contracts created by a contract.
    pub nonce: u64,
    /// In drip.
    pub balance: U256,
    /// keccak of the code; of no bytes if there is none.
    pub code_hash: B256,
}

impl Default for AccountRecord {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: U256::ZERO,
            code_hash: KECCAK256_EMPTY,
        }
    }
}

impl AccountRecord {
    /// Whether nothing is left that would have to be stored (EIP-161).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Its one encoding: nonce, balance, and the code hash if there is code.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(16);
        row.put_varint(self.nonce);
        row.put_u256(self.balance);
        if self.code_hash != KECCAK256_EMPTY {
            row.extend_from_slice(self.code_hash.as_slice());
        }
        row
    }

    /// Reads what `encode` wrote.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn decode(row: &[u8]) -> Result<Self, DamagedRow> {
        let mut take = Take::new(row, "account");
        let nonce = take.varint()?;
        let balance = take.u256()?;
        let code_hash = if take.is_empty() {
            KECCAK256_EMPTY
        } else {
            take.hash()?
        };
        take.finish()?;
        Ok(Self {
            nonce,
            balance,
            code_hash,
        })
    }
}

/// A slot's value as it is stored; `None` for zero (T2).
#[must_use]
pub fn encode_slot(value: U256) -> Option<Vec<u8>> {
    if value.is_zero() {
        return None;
    }
    let skip = value.leading_zeros() / 8;
    Some(value.to_be_bytes::<32>()[skip..].to_vec())
}

/// Reads what `encode_slot` wrote.
///
/// # Errors
/// `DamagedRow`.
pub fn decode_slot(row: &[u8]) -> Result<U256, DamagedRow> {
    U256::try_from_be_slice(row).ok_or(DamagedRow {
        what: "storage slot",
    })
}
