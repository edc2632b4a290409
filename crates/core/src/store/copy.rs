//! Whole-table work on a snapshot: copying a store that is in use, and measuring its tables.
//!
//! * **C1** A copy holds exactly the batches committed before it began: it reads one snapshot (S4).
//! * **C2** A copy is on the medium, and opens as any store, when `copy_to` returns.

use std::path::{Path, PathBuf};

use super::{
    FjallStore, KeyValueStore, Options, Range, Row, Snapshot, StoreError, StoreResult, SyncMode,
    TableId,
};

/// Rows read from the snapshot at once: a few hundred KiB of state rows.
const PAGE_ROWS: usize = 4_096;
/// The copy is written past the cache of blocks, so a small one will do.
const COPY_CACHE_BYTES: u64 = 1 << 20;

/// What a table holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Rows.
    pub rows: u64,
    /// Bytes of all keys, before compression.
    pub key_bytes: u64,
    /// Bytes of all values, before compression.
    pub value_bytes: u64,
}

/// Copies every table of `source`, as it is at this moment, into a new store at `path`.
///
/// # Errors
/// `StoreError::DestinationNotEmpty`; otherwise as reading and writing.
pub fn copy_to(source: &dyn KeyValueStore, path: &Path) -> StoreResult<()> {
    if path
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_some())
    {
        return Err(StoreError::DestinationNotEmpty {
            path: path.to_path_buf(),
        });
    }
    let view = source.snapshot()?;
    let copy = FjallStore::open(Options {
        path: PathBuf::from(path),
        tables: source.tables().clone(),
        sync: SyncMode::Always,
        cache_bytes: COPY_CACHE_BYTES,
    })?;
    for table in table_ids(source) {
        let mut rows = Rows::new(&*view, table);
        copy.ingest_sorted(table, &mut rows)?;
        // An iterator cannot return the error of a read: it ends, and says so afterwards.
        rows.failure.map_or(Ok(()), Err)?;
    }
    copy.close()
}

/// Counts the rows and bytes of `table`.
///
/// # Errors
/// `StoreError` when the engine cannot read.
pub fn measure(source: &dyn KeyValueStore, table: TableId) -> StoreResult<TableSize> {
    let view = source.snapshot()?;
    let mut rows = Rows::new(&*view, table);
    let mut size = TableSize::default();
    for (key, value) in rows.by_ref() {
        size.rows += 1;
        size.key_bytes += key.len() as u64;
        size.value_bytes += value.len() as u64;
    }
    rows.failure.map_or(Ok(size), Err)
}

fn table_ids(store: &dyn KeyValueStore) -> impl Iterator<Item = TableId> {
    let count = store.tables().names().len();
    (0..u16::try_from(count).expect("a table's number is a u16")).map(TableId::new)
}

/// All rows of a table in key order, read page by page.
struct Rows<'a> {
    view: &'a dyn Snapshot,
    table: TableId,
    page: std::vec::IntoIter<Row>,
    /// Where the next page begins; `None` after the last.
    next: Option<Vec<u8>>,
    failure: Option<StoreError>,
}

impl<'a> Rows<'a> {
    fn new(view: &'a dyn Snapshot, table: TableId) -> Self {
        Self {
            view,
            table,
            page: Vec::new().into_iter(),
            next: Some(Vec::new()),
            failure: None,
        }
    }

    fn turn(&mut self) -> Option<Row> {
        let mut range = Range::prefix(b"").limited(PAGE_ROWS);
        range.from = self.next.take()?;
        match self.view.range(self.table, &range) {
            Ok(rows) => {
                if rows.len() == PAGE_ROWS {
                    let mut after = rows[rows.len() - 1].0.clone();
                    after.push(0);
                    self.next = Some(after);
                }
                self.page = rows.into_iter();
                self.page.next()
            }
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        self.page.next().or_else(|| self.turn())
    }
}
