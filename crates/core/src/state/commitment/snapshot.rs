//! S: a flat table of `path -> value hash` in 65,536 buckets under a binary tree of their hashes.
//!
//! The bucket of a path is its first two bytes. A bucket's row is its entries in path order,
//! `path ‖ value hash`, 64 bytes each; its hash is keccak of the row, zero for an empty one. A node
//! of the tree above is `keccak(left ‖ right)`, zero when both sides are zero, so that a small
//! ledger pays for what it holds.
//!
//! While a window runs, the frozen trie is merged into the rows, a few buckets an epoch. The root
//! of S does not move until the window ends: what a merge replaced is kept beside it, for proofs
//! and for undo.

use std::collections::BTreeMap;

use alloy_primitives::B256;

use super::TOMBSTONE;
use crate::crypto::keccak256;
use crate::state::StateError;
use crate::state::bytes::{DamagedRow, Put, Take};
use crate::state::tables;
use crate::store::{Batch, KeyValueStore, Range};

/// How many buckets there are: 16 levels, and at 5 M keys 76 entries a bucket.
pub const BUCKETS: usize = 1 << 16;
const ENTRY_BYTES: usize = 64;

/// Entries of a bucket or of a part of a window, in path order.
pub type Entries = Vec<(B256, B256)>;

/// The bucket of `path`.
#[must_use]
pub const fn bucket_of(path: &B256) -> u16 {
    u16::from_be_bytes([path.0[0], path.0[1]])
}

/// The hashes of all buckets and the tree above them, as a heap: node n has children 2n and 2n + 1.
#[derive(Clone, Debug, Default)]
pub struct BucketTree {
    nodes: Vec<B256>,
}

impl BucketTree {
    /// The root; zero when every bucket is empty.
    #[must_use]
    pub fn root(&self) -> B256 {
        self.nodes.get(1).copied().unwrap_or_default()
    }

    /// Sets some bucket hashes and hashes the nodes above them.
    pub fn set(&mut self, hashes: &BTreeMap<u16, B256>) {
        if hashes.is_empty() {
            return;
        }
        if self.nodes.is_empty() {
            self.nodes = vec![B256::ZERO; 2 * BUCKETS];
        }
        let mut stale: Vec<usize> = Vec::with_capacity(hashes.len());
        for (bucket, hash) in hashes {
            self.nodes[BUCKETS + usize::from(*bucket)] = *hash;
            stale.push((BUCKETS + usize::from(*bucket)) / 2);
        }
        while stale.first().is_some_and(|node| *node > 0) {
            stale.dedup();
            for node in &mut stale {
                self.nodes[*node] = node_hash(&self.nodes[2 * *node], &self.nodes[2 * *node + 1]);
                *node /= 2;
            }
        }
    }

    /// The hashes beside the way from `bucket` up to the root, 16 of them.
    #[must_use]
    pub fn siblings(&self, bucket: u16) -> Vec<B256> {
        let mut node = BUCKETS + usize::from(bucket);
        let mut siblings = Vec::with_capacity(16);
        while node > 1 {
            siblings.push(self.nodes.get(node ^ 1).copied().unwrap_or_default());
            node /= 2;
        }
        siblings
    }

    /// The row that `decode` reads: the buckets that are not empty, in order.
    #[must_use]
    pub fn encode(&self, frozen_start: u64) -> Vec<u8> {
        let mut row = Vec::new();
        row.put_varint(frozen_start);
        for (bucket, hash) in self.nodes.iter().skip(BUCKETS).enumerate() {
            if !hash.is_zero() {
                row.extend_from_slice(&(bucket as u16).to_be_bytes());
                row.extend_from_slice(hash.as_slice());
            }
        }
        row
    }

    /// Reads a row: the first epoch of the window before, and the tree.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn decode(row: &[u8]) -> Result<(u64, Self), DamagedRow> {
        let mut take = Take::new(row, "bucket hashes");
        let frozen_start = take.varint()?;
        let mut hashes = BTreeMap::new();
        while !take.is_empty() {
            let bucket = u16::from_be_bytes([take.byte()?, take.byte()?]);
            hashes.insert(bucket, take.hash()?);
        }
        let mut tree = Self::default();
        tree.set(&hashes);
        Ok((frozen_start, tree))
    }
}

fn node_hash(left: &B256, right: &B256) -> B256 {
    if left.is_zero() && right.is_zero() {
        return B256::ZERO;
    }
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(left.as_slice());
    bytes[32..].copy_from_slice(right.as_slice());
    keccak256(bytes)
}

/// The hash of a bucket with these entries.
#[must_use]
pub fn bucket_hash(entries: &[(B256, B256)]) -> B256 {
    if entries.is_empty() {
        B256::ZERO
    } else {
        keccak256(encode_entries(entries))
    }
}

fn encode_entries(entries: &[(B256, B256)]) -> Vec<u8> {
    let mut row = Vec::with_capacity(entries.len() * ENTRY_BYTES);
    for (path, value) in entries {
        row.extend_from_slice(path.as_slice());
        row.extend_from_slice(value.as_slice());
    }
    row
}

fn decode_entries(row: &[u8]) -> Result<Entries, DamagedRow> {
    let mut take = Take::new(row, "bucket");
    let mut entries = Vec::with_capacity(row.len() / ENTRY_BYTES);
    while !take.is_empty() {
        entries.push((take.hash()?, take.hash()?));
    }
    Ok(entries)
}

/// Puts `changes` over `entries`; tombstones drop what they name. Both in path order.
fn overlay(entries: &[(B256, B256)], changes: &[(B256, B256)]) -> Entries {
    let mut merged: BTreeMap<B256, B256> = entries.iter().copied().collect();
    for (path, value) in changes {
        if *value == TOMBSTONE {
            merged.remove(path);
        } else {
            merged.insert(*path, *value);
        }
    }
    merged.into_iter().collect()
}

/// What `changes` replaced in `entries`: the tombstone for what was not there.
fn replaced(entries: &[(B256, B256)], changes: &[(B256, B256)]) -> Entries {
    changes
        .iter()
        .map(|(path, _)| {
            let found = entries.binary_search_by_key(path, |entry| entry.0);
            (*path, found.map_or(TOMBSTONE, |place| entries[place].1))
        })
        .collect()
}

fn undo_key(window_start: u64, bucket: u16) -> [u8; 10] {
    let mut key = [0; 10];
    key[..8].copy_from_slice(&window_start.to_be_bytes());
    key[8..].copy_from_slice(&bucket.to_be_bytes());
    key
}

fn read_bucket(store: &dyn KeyValueStore, bucket: u16) -> Result<Entries, StateError> {
    let row = store.get(tables::BUCKETS, &bucket.to_be_bytes())?;
    Ok(decode_entries(row.as_deref().unwrap_or_default())?)
}

fn put_bucket(batch: &mut Batch, bucket: u16, entries: &[(B256, B256)]) {
    if entries.is_empty() {
        batch.delete(tables::BUCKETS, bucket.to_be_bytes());
    } else {
        batch.put(
            tables::BUCKETS,
            bucket.to_be_bytes(),
            encode_entries(entries),
        );
    }
}

/// The frozen window on its way into the rows.
#[derive(Clone, Debug, Default)]
pub struct Merge {
    /// First epoch of the window in which the merge runs: its undo rows carry it.
    window_start: u64,
    /// The frozen leaves in path order.
    leaves: Entries,
    /// Those before this place are merged.
    done: usize,
    /// Hashes of the buckets merged so far: they take effect when the window ends.
    pub hashes: BTreeMap<u16, B256>,
}

impl Merge {
    /// A merge of `leaves` of which the buckets below `merged_buckets` are in the rows already.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn resume(
        store: &dyn KeyValueStore,
        window_start: u64,
        leaves: Entries,
        merged_buckets: u32,
    ) -> Result<Self, StateError> {
        let done = leaves.partition_point(|(path, _)| u32::from(bucket_of(path)) < merged_buckets);
        let mut hashes = BTreeMap::new();
        for (path, _) in &leaves[..done] {
            let bucket = bucket_of(path);
            if let std::collections::btree_map::Entry::Vacant(entry) = hashes.entry(bucket) {
                entry.insert(bucket_hash(&read_bucket(store, bucket)?));
            }
        }
        Ok(Self {
            window_start,
            leaves,
            done,
            hashes,
        })
    }

    /// Buckets below this are merged.
    #[must_use]
    pub fn merged_buckets(&self) -> u32 {
        self.leaves
            .get(self.done)
            .map_or(BUCKETS as u32, |(path, _)| u32::from(bucket_of(path)))
    }

    /// Merges whole buckets until `leaves` more are done.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn advance(
        &mut self,
        store: &dyn KeyValueStore,
        batch: &mut Batch,
        leaves: usize,
    ) -> Result<(), StateError> {
        let target = self.done.saturating_add(leaves).min(self.leaves.len());
        while self.done < target {
            let bucket = bucket_of(&self.leaves[self.done].0);
            let end = self
                .leaves
                .partition_point(|(path, _)| bucket_of(path) <= bucket);
            let changes = &self.leaves[self.done..end];
            let before = read_bucket(store, bucket)?;
            let after = overlay(&before, changes);
            batch.put(
                tables::BUCKET_UNDO,
                undo_key(self.window_start, bucket),
                encode_entries(&replaced(&before, changes)),
            );
            put_bucket(batch, bucket, &after);
            self.hashes.insert(bucket, bucket_hash(&after));
            self.done = end;
        }
        Ok(())
    }

    /// The entries of `bucket` that the present root of S commits to.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn committed_bucket(
        &self,
        store: &dyn KeyValueStore,
        bucket: u16,
    ) -> Result<Entries, StateError> {
        let entries = read_bucket(store, bucket)?;
        let undo = store.get(tables::BUCKET_UNDO, &undo_key(self.window_start, bucket))?;
        Ok(overlay(
            &entries,
            &decode_entries(undo.as_deref().unwrap_or_default())?,
        ))
    }

    /// Takes everything merged in this window out of the rows again.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn unmerge(
        store: &dyn KeyValueStore,
        batch: &mut Batch,
        window_start: u64,
    ) -> Result<(), StateError> {
        let undo = Range::prefix(&window_start.to_be_bytes());
        for (key, row) in store.range(tables::BUCKET_UNDO, &undo)? {
            let bucket = u16::from_be_bytes([key[8], key[9]]);
            let entries = overlay(&read_bucket(store, bucket)?, &decode_entries(&row)?);
            put_bucket(batch, bucket, &entries);
            batch.delete(tables::BUCKET_UNDO, key);
        }
        Ok(())
    }
}
