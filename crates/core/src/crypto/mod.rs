//! Hashing, signatures, roots and work, in batches.

pub mod recovery;
pub mod simple_mpt;
pub mod work;

use alloy_primitives::B256;
use keccak_asm::{Digest, Keccak256};

/// Keccak-256, the hash of everything in the ledger.
pub fn keccak256(bytes: impl AsRef<[u8]>) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(bytes.as_ref());
    B256::from(<[u8; 32]>::from(hasher.finalize()))
}
