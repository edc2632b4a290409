//! Proof of work: the keccak puzzle of the family's test mode.
//!
//! `pow_hash = keccak(keccak(problem ‖ nonce_le) xor problem)`. It is valid when it lies in a
//! window of `2^256 / difficulty` values that starts at the upper half of the nonce (without its
//! first bit) and wraps around: a pool's member then cannot tell a block from a share.

use std::sync::atomic::{AtomicBool, Ordering};

use alloy_primitives::{B256, U256};

use super::keccak256;

/// The lower 128 bits, which do not move the window.
const LOW_HALF: U256 = U256::from_limbs([u64::MAX, u64::MAX, 0, 0]);
/// Interruption is looked for this often: 4,096 nonces take 2.4 ms.
const ATTEMPTS_PER_CHECK: u64 = 4_096;

/// Hash of a nonce for a header's problem hash.
pub fn pow_hash(problem_hash: &B256, nonce: U256) -> B256 {
    let mut buffer = [0_u8; 64];
    buffer[..32].copy_from_slice(problem_hash.as_slice());
    buffer[32..].copy_from_slice(&nonce.to_le_bytes::<32>());
    keccak256(keccak256(buffer) ^ *problem_hash)
}

/// Where the window of valid hashes starts for `nonce`.
pub fn lower_bound(nonce: U256) -> U256 {
    let mut bound = nonce & !LOW_HALF;
    bound.set_bit(255, false);
    bound
}

/// `floor(2^256 / (distance + 1))`, at most `2^256 - 1`: the difficulty that this hash would meet.
pub fn pow_quality(pow_hash: &B256, nonce: U256) -> U256 {
    let distance = distance(pow_hash, nonce);
    match distance.checked_add(U256::ONE) {
        None => U256::ONE,
        Some(divisor) => two_to_256_over(divisor),
    }
}

/// Whether `pow_hash` lies in the window of `difficulty`; a difficulty of 0 or 1 accepts any hash.
pub fn meets(pow_hash: &B256, nonce: U256, difficulty: U256) -> bool {
    difficulty <= U256::ONE || distance(pow_hash, nonce) < two_to_256_over(difficulty)
}

/// Tries `attempts` nonces from `start_nonce` on; `None` if none fits or `stop` was set.
pub fn search(
    problem_hash: &B256,
    difficulty: U256,
    start_nonce: U256,
    attempts: u64,
    stop: Option<&AtomicBool>,
) -> Option<U256> {
    let mut nonce = start_nonce;
    for attempt in 0..attempts {
        if attempt % ATTEMPTS_PER_CHECK == 0
            && stop.is_some_and(|flag| flag.load(Ordering::Relaxed))
        {
            return None;
        }
        if meets(&pow_hash(problem_hash, nonce), nonce, difficulty) {
            return Some(nonce);
        }
        nonce = nonce.wrapping_add(U256::ONE);
    }
    None
}

/// How far `pow_hash` lies behind the start of the window, around the circle.
fn distance(pow_hash: &B256, nonce: U256) -> U256 {
    U256::from_be_bytes(pow_hash.0).wrapping_sub(lower_bound(nonce))
}

/// `floor(2^256 / divisor)`, at most `2^256 - 1`.
fn two_to_256_over(divisor: U256) -> U256 {
    if divisor <= U256::ONE {
        return U256::MAX;
    }
    // 2^256 = MAX + 1: the quotient grows by one when the remainder of MAX is divisor - 1.
    let (quotient, remainder) = U256::MAX.div_rem(divisor);
    if remainder == divisor - U256::ONE {
        quotient + U256::ONE
    } else {
        quotient
    }
}
