//! Public keys from signatures, by libsecp256k1.

use alloy_primitives::{Address, B256};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey};

use super::keccak256;

/// The public key that signed `digest`, uncompressed without its prefix byte; `None` if there is
/// none. High `s` is not refused here: that is a rule of transactions (`codec::signature`).
pub fn recover_public_key(
    digest: &B256,
    y_parity: bool,
    r: &[u8; 32],
    s: &[u8; 32],
) -> Option<[u8; 64]> {
    let mut compact = [0_u8; 64];
    compact[..32].copy_from_slice(r);
    compact[32..].copy_from_slice(s);
    // Ids 2 and 3 (r above the field's prime minus the order) have probability 2^-127: Ethereum
    // has no encoding for them.
    let id = if y_parity {
        RecoveryId::One
    } else {
        RecoveryId::Zero
    };
    let signature = RecoverableSignature::from_compact(&compact, id).ok()?;
    let key: PublicKey = signature.recover(Message::from_digest(digest.0)).ok()?;
    let mut out = [0_u8; 64];
    out.copy_from_slice(&key.serialize_uncompressed()[1..]);
    Some(out)
}

/// The address of a public key: the last 20 bytes of its hash.
pub fn address_of(public_key: &[u8; 64]) -> Address {
    Address::from_slice(&keccak256(public_key)[12..])
}

/// The address that signed `digest`.
pub fn recover_address(
    digest: &B256,
    y_parity: bool,
    r: &[u8; 32],
    s: &[u8; 32],
) -> Option<Address> {
    recover_public_key(digest, y_parity, r, s).map(|key| address_of(&key))
}
