//! Proofs of what the state holds, and of what it does not.
//!
//! A proof walks D, then I, then S, and ends at the first that has a leaf for the path. Whoever
//! verifies needs the three roots and keccak only (`sogdia.ledger.execution.proofs`).

use alloy_primitives::B256;

use super::snapshot::{Entries, bucket_of};
use super::trie::Walk;
use super::{Commitment, Roots};
use crate::state::StateError;
use crate::state::StateKey;
use crate::store::KeyValueStore;

/// What S says of a path: the whole bucket it would be in, and the hashes beside the way up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketProof {
    /// All entries of the bucket, in path order.
    pub entries: Entries,
    /// 16 hashes, from the bucket up to the root.
    pub siblings: Vec<B256>,
}

/// The proof of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateProof {
    /// keccak of the key.
    pub path: B256,
    /// The stored value, `None` if absent.
    pub value: Option<Vec<u8>>,
    /// Where the path leads in D; `None` if D is empty.
    pub delta: Option<Walk>,
    /// Where it leads in I, if D has no leaf for it; `None` also if I is empty.
    pub intermediate: Option<Walk>,
    /// What S holds, if neither D nor I has a leaf for it.
    pub snapshot: Option<BucketProof>,
}

/// Proves `key` against the present roots; `value` is what the state holds for it.
///
/// # Errors
/// `Store`, `Damaged`.
pub fn prove(
    commitment: &mut Commitment,
    store: &dyn KeyValueStore,
    key: &StateKey,
    value: Option<Vec<u8>>,
) -> Result<(Roots, StateProof), StateError> {
    let roots = commitment.roots();
    let path = key.path();
    let mut proof = StateProof {
        path,
        value,
        delta: None,
        intermediate: None,
        snapshot: None,
    };
    proof.delta = commitment.delta().walk(&path);
    if proof.delta.as_ref().is_some_and(|walk| walk.path == path) {
        return Ok((roots, proof));
    }
    proof.intermediate = commitment.frozen().walk(&path);
    if proof
        .intermediate
        .as_ref()
        .is_some_and(|walk| walk.path == path)
    {
        return Ok((roots, proof));
    }
    let bucket = bucket_of(&path);
    proof.snapshot = Some(BucketProof {
        entries: commitment.merge().committed_bucket(store, bucket)?,
        siblings: commitment.buckets().siblings(bucket),
    });
    Ok((roots, proof))
}
