//! The commitment as the executor holds it: D, I, S and the merge that runs beside them.

use std::collections::BTreeMap;

use alloy_primitives::B256;

use super::snapshot::{BUCKETS, BucketTree, Merge};
use super::{Roots, Trie, apply};
use crate::state::StateError;
use crate::state::bytes::Take;
use crate::state::tables;
use crate::state::{Change, ChangeRecord, Head};
use crate::store::{Batch, KeyValueStore, Range};

/// Change records read at once when a trie is rebuilt: at 10,000 keys an epoch about 50 MB.
const RECORDS_AT_ONCE: usize = 64;

/// When a window ends.
#[derive(Clone, Copy, Debug)]
pub struct WindowLimits {
    /// After this many epochs.
    pub epochs: u64,
    /// Or earlier, before an epoch that finds this many keys in D: at 154 bytes each, 4 M keys
    /// would be 0.6 GB.
    pub keys: usize,
}

/// D, I and S.
#[derive(Debug, Default)]
pub struct Commitment {
    delta: Trie,
    frozen: Trie,
    frozen_root: B256,
    buckets: BucketTree,
    merge: Merge,
    window_start: u64,
    frozen_start: u64,
}

impl Commitment {
    /// Rebuilds it from the change records of the two windows and the bucket rows.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn load(store: &dyn KeyValueStore, head: &Head) -> Result<Self, StateError> {
        let delta = replay(store, head.window_start, head.number + 1)?;
        let mut frozen = replay(store, head.frozen_start, head.window_start)?;
        let row = store.get(tables::BUCKET_HASHES, &head.window_start.to_be_bytes())?;
        let buckets = match row {
            Some(row) => BucketTree::decode(&row)?.1,
            None => BucketTree::default(),
        };
        let frozen_root = frozen.root();
        let merge = Merge::resume(
            store,
            head.window_start,
            frozen.sorted(),
            head.merged_buckets,
        )?;
        Ok(Self {
            delta,
            frozen,
            frozen_root,
            buckets,
            merge,
            window_start: head.window_start,
            frozen_start: head.frozen_start,
        })
    }

    /// Ends the window before epoch `number` if it is time.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn shift_if_due(
        &mut self,
        store: &dyn KeyValueStore,
        batch: &mut Batch,
        number: u64,
        limits: &WindowLimits,
    ) -> Result<(), StateError> {
        if number - self.window_start < limits.epochs && self.delta.len() < limits.keys {
            return Ok(());
        }
        self.merge.advance(store, batch, usize::MAX)?;
        self.buckets.set(&self.merge.hashes);
        self.frozen_start = self.window_start;
        self.window_start = number;
        let row = self.buckets.encode(self.frozen_start);
        batch.put(tables::BUCKET_HASHES, number.to_be_bytes(), row);
        self.frozen = std::mem::take(&mut self.delta);
        self.frozen_root = self.frozen.root();
        self.merge = Merge::resume(store, number, self.frozen.sorted(), 0)?;
        Ok(())
    }

    /// Takes in an epoch's changes, and its share of the merge.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn advance(
        &mut self,
        store: &dyn KeyValueStore,
        batch: &mut Batch,
        changes: &mut [Change],
        limits: &WindowLimits,
    ) -> Result<Roots, StateError> {
        apply(&mut self.delta, changes);
        let share = self.frozen.len() as u64 / limits.epochs.max(1) + 1;
        self.merge.advance(store, batch, share as usize)?;
        Ok(self.roots())
    }

    /// Takes an epoch of the current window out again.
    pub fn revert(&mut self, changes: &[Change]) {
        super::revert(&mut self.delta, changes);
    }

    /// Takes in again what `revert` took out.
    pub fn repeat(&mut self, changes: &mut [Change]) {
        apply(&mut self.delta, changes);
    }

    /// The first epoch of the current window.
    #[must_use]
    pub const fn window_start(&self) -> u64 {
        self.window_start
    }

    /// Replaces some changes of the last epoch, `before`, by `after`.
    pub fn amend(&mut self, before: &[Change], after: &mut [Change]) {
        super::revert(&mut self.delta, before);
        apply(&mut self.delta, after);
    }

    /// The present roots.
    pub fn roots(&mut self) -> Roots {
        Roots {
            snapshot: self.buckets.root(),
            intermediate: self.frozen_root,
            delta: self.delta.root(),
        }
    }

    /// Writes where the windows stand into `head`.
    pub fn note(&self, head: &mut Head) {
        head.window_start = self.window_start;
        head.frozen_start = self.frozen_start;
        head.merged_buckets = self.merge.merged_buckets();
    }

    /// D, for proofs.
    #[must_use]
    pub const fn delta(&self) -> &Trie {
        &self.delta
    }

    /// I, for proofs.
    #[must_use]
    pub const fn frozen(&self) -> &Trie {
        &self.frozen
    }

    /// The hashes of S, for proofs.
    #[must_use]
    pub const fn buckets(&self) -> &BucketTree {
        &self.buckets
    }

    /// The merge, which knows what S commits to.
    #[must_use]
    pub const fn merge(&self) -> &Merge {
        &self.merge
    }
}

/// Writes the rows and the head of the window before the one that began with `head.window_start`;
/// the commitment is loaded anew afterwards.
///
/// # Errors
/// `Store`, `Damaged`.
pub fn unshift(
    store: &dyn KeyValueStore,
    batch: &mut Batch,
    head: &mut Head,
) -> Result<(), StateError> {
    Merge::unmerge(store, batch, head.window_start)?;
    batch.delete(tables::BUCKET_HASHES, head.window_start.to_be_bytes());
    head.window_start = head.frozen_start;
    let row = store.get(tables::BUCKET_HASHES, &head.window_start.to_be_bytes())?;
    head.frozen_start = match row {
        Some(row) => BucketTree::decode(&row)?.0,
        None => head.window_start,
    };
    // A window that has ended is merged to its last bucket.
    head.merged_buckets = BUCKETS as u32;
    Ok(())
}

/// The window that epoch `number` is in: its first epoch, and that of the window before.
///
/// # Errors
/// `Store`, `Damaged`.
pub fn window_of(store: &dyn KeyValueStore, number: u64) -> Result<(u64, u64), StateError> {
    let started = Range::between([0_u8; 1], (number + 1).to_be_bytes())
        .reversed()
        .limited(1);
    match store.range(tables::BUCKET_HASHES, &started)?.pop() {
        Some((key, row)) => {
            let frozen_start = BucketTree::decode(&row)?.0;
            Ok((Take::new(&key, "window").number()?, frozen_start))
        }
        None => Ok((0, 0)),
    }
}

/// Deletes what only an undo to before the window of `window_start` needs.
///
/// # Errors
/// `Store`.
pub fn forget_windows_before(
    store: &dyn KeyValueStore,
    batch: &mut Batch,
    window_start: u64,
) -> Result<(), StateError> {
    for table in [tables::BUCKET_UNDO, tables::BUCKET_HASHES] {
        let old = Range::between([0_u8; 1], window_start.to_be_bytes());
        for (key, _) in store.range(table, &old)? {
            batch.delete(table, key);
        }
    }
    Ok(())
}

/// A trie of what epochs `from..to` changed.
fn replay(store: &dyn KeyValueStore, from: u64, to: u64) -> Result<Trie, StateError> {
    let mut leaves = BTreeMap::new();
    let mut next = from;
    while next < to {
        let range = Range::between(next.to_be_bytes(), to.to_be_bytes()).limited(RECORDS_AT_ONCE);
        let rows = store.range(tables::CHANGES, &range)?;
        if rows.is_empty() {
            return Err(StateError::MissingChanges { epoch: next });
        }
        for (key, row) in rows {
            if key != next.to_be_bytes() {
                return Err(StateError::MissingChanges { epoch: next });
            }
            for change in ChangeRecord::decode(&row)?.changes {
                leaves.insert(change.key.path(), super::value_hash(change.new.as_deref()));
            }
            next += 1;
        }
    }
    let mut trie = Trie::default();
    for (path, value) in leaves {
        trie.insert(path, value);
    }
    Ok(trie)
}
