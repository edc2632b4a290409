//! Many transactions at once: recovery is nine tenths of the work of taking one in.

use std::sync::Arc;

use alloy_primitives::{Address, Bytes};
use rayon::prelude::*;

use super::decode::decode_transaction;
use super::{CodecError, SignedTransaction};

/// What one raw transaction became.
pub type Decoded = Result<Arc<SignedTransaction>, CodecError>;

/// Decodes one transaction for the chain `chain_id`: checks, hash, sender.
///
/// # Errors
/// The first rule that is broken, in order of cost.
pub fn decode_one(raw: &[u8], chain_id: u64) -> Decoded {
    decode_transaction(Bytes::copy_from_slice(raw), chain_id, None).map(Arc::new)
}

/// Decodes a batch in order, on at most `threads` threads of the shared pool.
pub fn decode_transactions<R: AsRef<[u8]> + Sync>(
    raws: &[R],
    chain_id: u64,
    threads: usize,
) -> Vec<Decoded> {
    if threads <= 1 || raws.len() < 2 {
        return raws
            .iter()
            .map(|raw| decode_one(raw.as_ref(), chain_id))
            .collect();
    }
    let share = raws.len().div_ceil(threads);
    raws.par_chunks(share)
        .flat_map_iter(|chunk| chunk.iter().map(|raw| decode_one(raw.as_ref(), chain_id)))
        .collect()
}

/// Decodes a transaction that was decoded before, and whose sender was kept: nothing is recovered
/// but the authorities of a set-code transaction.
///
/// # Errors
/// As `decode_one`, for bytes that were damaged since.
pub fn decode_known(
    raw: Bytes,
    chain_id: u64,
    sender: Address,
) -> Result<SignedTransaction, CodecError> {
    decode_transaction(raw, chain_id, Some(sender))
}
