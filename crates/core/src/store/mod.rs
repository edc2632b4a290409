//! The embedded key-value engine behind one small trait.
//!
//! Invariants that every engine keeps, and that `contract.rs` tests on each of them:
//!
//! * **S1** A batch is atomic over all its tables: after a crash all of it is there or none of it.
//! * **S2** Batches are ordered: when one is there, every batch committed before it is there too.
//! * **S3** Within a batch the last write of a key wins.
//! * **S4** A snapshot sees every batch whole or not at all, and never changes. A plain `get` or
//!   `range` may see one table of a batch that is just being applied; whoever reads two tables that
//!   must agree takes a snapshot.
//! * **S5** After the first failed write or sync nothing more is accepted: the page cache may have
//!   dropped what it could not write, so a retry that succeeds would prove nothing.

mod copy;
mod engine;
mod error;
mod head;
mod journal;
mod making;
mod manifest;
mod memory;
mod opening;
mod sync;
mod tables;
mod writing;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod damage;

use std::fmt::Debug;
use std::ops::Bound;

pub use copy::{TableSize, copy_to, measure};
pub use engine::{FjallStore, Options};
pub use error::{StoreError, StoreResult};
pub use memory::MemoryStore;
pub use sync::SyncMode;
pub use tables::{TableId, Tables};

/// The engine writes a key's length as 16 bits.
const KEY_BYTES_MAX: usize = 65_535;

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// What a commit must have survived when it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Handed to the operating system: a killed process loses nothing.
    Written,
    /// On the medium: a power cut loses nothing.
    Synced,
}

/// One change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The table it is in.
    pub table: TableId,
    /// At most 65,535 bytes, the engine's limit.
    pub key: Vec<u8>,
    /// The new value, or `None` to delete.
    pub value: Option<Vec<u8>>,
}

/// Changes to several tables that become visible and durable together, in order.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    changes: Vec<Change>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty batch with room for `changes`.
    #[must_use]
    pub fn with_capacity(changes: usize) -> Self {
        Self {
            changes: Vec::with_capacity(changes),
        }
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, table: TableId, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.changes.push(Change {
            table,
            key: key.into(),
            value: Some(value.into()),
        });
    }

    /// Deletes `key`; deleting what is not there is no error.
    pub fn delete(&mut self, table: TableId, key: impl Into<Vec<u8>>) {
        self.changes.push(Change {
            table,
            key: key.into(),
            value: None,
        });
    }

    /// How many changes were recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes sorted by table and key, the last one of each key only (S3).
    ///
    /// The engine gives all rows of a batch one sequence number, so that two of one key would be
    /// ordered by chance; sorted rows also enter its skip list faster.
    fn into_checked(self, tables: &Tables) -> StoreResult<Vec<Change>> {
        let mut changes = self.changes;
        for change in &changes {
            Tables::of(tables.names(), change.table)?;
            let length = change.key.len();
            if !(1..=KEY_BYTES_MAX).contains(&length) {
                return Err(StoreError::KeyLength { length });
            }
        }
        changes.reverse();
        changes.sort_by(|a, b| (a.table, &a.key).cmp(&(b.table, &b.key)));
        changes.dedup_by(|older, kept| (older.table, &older.key) == (kept.table, &kept.key));
        Ok(changes)
    }
}

/// Which rows of a table a range read returns.
#[derive(Clone, Debug)]
pub struct Range {
    /// First key, inclusive; empty for the first of the table.
    pub from: Vec<u8>,
    /// End, exclusive; `None` for the end of the table.
    pub to: Option<Vec<u8>>,
    /// From the end backwards.
    pub reverse: bool,
    /// At most this many rows.
    pub limit: usize,
}

impl Range {
    /// Every row whose key lies in `from..to`.
    #[must_use]
    pub fn between(from: impl Into<Vec<u8>>, to: impl Into<Vec<u8>>) -> Self {
        Self {
            from: from.into(),
            to: Some(to.into()),
            reverse: false,
            limit: usize::MAX,
        }
    }

    /// Every row whose key begins with `prefix`.
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while end.last() == Some(&u8::MAX) {
            end.pop();
        }
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        let to = (!end.is_empty()).then_some(end);
        Self {
            from: prefix.to_vec(),
            to,
            reverse: false,
            limit: usize::MAX,
        }
    }

    /// The same rows from the last to the first.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// The first `limit` of the rows.
    #[must_use]
    pub fn limited(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Where it begins and ends.
    fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let to = self.to.as_deref();
        let to = to.map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(&self.from), to)
    }

    /// Whether no key can lie in it; engines panic on a range that ends before it begins.
    fn is_empty(&self) -> bool {
        self.limit == 0 || self.to.as_ref().is_some_and(|to| *to <= self.from)
    }
}

/// What an engine reports about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Batches committed since the store was made, over all its openings.
    pub commits: u64,
    /// The last of these that is known to be on the medium.
    pub synced_commits: u64,
    /// Bytes on disk, journal included; 0 in memory.
    pub disk_bytes: u64,
    /// Bytes waiting in memory to be flushed into sorted files.
    pub write_buffer_bytes: u64,
    /// Bytes held by the cache of blocks read.
    pub cache_bytes: u64,
    /// Journal files not yet flushed and removed.
    pub journals: u64,
    /// Compactions running now.
    pub compactions: u64,
    /// Bytes of journal files on disk, as long as they are kept; what they hold is flushed later.
    pub journal_bytes: u64,
    /// Rows in each table, by name, approximate.
    pub tables: Vec<(String, u64)>,
    /// Bytes of each table's files on disk, by name; rows still in memory are in the journal alone.
    pub table_bytes: Vec<(String, u64)>,
}

/// Reads of one moment (S4).
pub trait Snapshot: Send + Sync {
    /// The value of `key`.
    ///
    /// # Errors
    /// `StoreError` when the engine cannot read.
    fn get(&self, table: TableId, key: &[u8]) -> StoreResult<Option<Vec<u8>>>;

    /// Rows in key order.
    ///
    /// # Errors
    /// `StoreError` when the engine cannot read.
    fn range(&self, table: TableId, range: &Range) -> StoreResult<Vec<Row>>;
}

/// An embedded, ordered, transactional key-value store.
pub trait KeyValueStore: Send + Sync + Debug {
    /// The tables it was opened with.
    fn tables(&self) -> &Tables;

    /// The value of `key`.
    ///
    /// # Errors
    /// `StoreError` when the engine cannot read, is closed, or belongs to another process.
    fn get(&self, table: TableId, key: &[u8]) -> StoreResult<Option<Vec<u8>>>;

    /// Rows in key order.
    ///
    /// # Errors
    /// As `get`.
    fn range(&self, table: TableId, range: &Range) -> StoreResult<Vec<Row>>;

    /// A view of this moment.
    ///
    /// # Errors
    /// As `get`.
    fn snapshot(&self) -> StoreResult<Box<dyn Snapshot>>;

    /// Applies `batch` atomically (S1, S2) and returns when `durability` holds; a store whose mode
    /// is `SyncMode::Always` syncs every commit.
    ///
    /// # Errors
    /// `StoreError`; after a write that failed, every later commit repeats the failure (S5).
    fn commit(&self, batch: Batch, durability: Durability) -> StoreResult<()>;

    /// Fills an empty table from rows in strictly ascending key order, past the journal: for
    /// imports and rebuilt indices. The rows are on the medium when it returns.
    ///
    /// # Errors
    /// `StoreError::Unsorted` for rows out of order; the table is then unchanged.
    fn ingest_sorted(&self, table: TableId, rows: &mut dyn Iterator<Item = Row>)
    -> StoreResult<()>;

    /// Brings every commit so far to the medium.
    ///
    /// # Errors
    /// `StoreError`; a failed sync is never retried (S5).
    fn sync(&self) -> StoreResult<()>;

    /// The failure that stopped the store, when one did (S5).
    fn failure(&self) -> Option<StoreError>;

    /// What the engine reports about itself.
    ///
    /// # Errors
    /// As `get`.
    fn stats(&self) -> StoreResult<Stats>;

    /// Syncs and lets the directory go; later calls return `StoreError::Closed`.
    ///
    /// # Errors
    /// `StoreError` when the last sync fails. Closing twice is no error.
    fn close(&self) -> StoreResult<()>;
}
