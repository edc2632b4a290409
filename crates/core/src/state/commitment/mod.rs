//! The commitment to the state: `state_root = keccak(S ‖ I ‖ D)`.
//!
//! * **D**, the delta, is a trie of what the current window of epochs changed.
//! * **I**, the intermediate, is the delta of the window before, frozen.
//! * **S**, the snapshot, is everything older: a flat table under 65,536 bucket hashes.
//!
//! A key's value is in the first of D, I, S that has a leaf for it. When a window ends, S takes in
//! I (which was merged bucket by bucket while the window ran, `snapshot`), D becomes I, and a new D
//! begins. So an epoch costs only what it changes, however large the state is.
//!
//! * **C1** A root depends on the changes alone, not on their order within an epoch.
//! * **C2** A deletion is a leaf too (a tombstone, value hash zero) in D and I; S drops it.
//! * **C3** Undo gives the roots from before, also across the end of a window.

pub mod proof;
pub mod snapshot;
pub mod trie;
pub mod window;

use alloy_primitives::B256;

use super::change::Change;
use crate::crypto::keccak256;

pub use trie::Trie;
pub use window::{Commitment, WindowLimits};

/// The value hash of a deleted key.
pub const TOMBSTONE: B256 = B256::ZERO;

/// What a leaf commits to: the hash of the stored value, or the tombstone.
#[must_use]
pub fn value_hash(value: Option<&[u8]>) -> B256 {
    value.map_or(TOMBSTONE, keccak256)
}

/// The three roots that make up a state root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// S.
    pub snapshot: B256,
    /// I.
    pub intermediate: B256,
    /// D.
    pub delta: B256,
}

impl Roots {
    /// `keccak(S ‖ I ‖ D)`.
    #[must_use]
    pub fn state_root(&self) -> B256 {
        let mut bytes = [0; 96];
        bytes[..32].copy_from_slice(self.snapshot.as_slice());
        bytes[32..64].copy_from_slice(self.intermediate.as_slice());
        bytes[64..].copy_from_slice(self.delta.as_slice());
        keccak256(bytes)
    }
}

/// Puts an epoch's changes into the window's trie and notes which keys it already had (T3).
pub fn apply(delta: &mut Trie, changes: &mut [Change]) {
    let mut leaves: Vec<(B256, B256, usize)> = changes
        .iter()
        .enumerate()
        .map(|(place, change)| (change.key.path(), value_hash(change.new.as_deref()), place))
        .collect();
    // Neighbours in the trie share the nodes above them: in path order those stay in the cache.
    leaves.sort_unstable();
    for (path, value, place) in leaves {
        changes[place].was_in_window = delta.insert(path, value).is_some();
    }
}

/// Takes an epoch's changes out again.
pub fn revert(delta: &mut Trie, changes: &[Change]) {
    for change in changes {
        if change.was_in_window {
            delta.insert(change.key.path(), value_hash(change.old.as_deref()));
        } else {
            delta.remove(change.key.path());
        }
    }
}
