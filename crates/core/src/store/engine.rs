//! The store on disk: fjall, a log-structured engine whose writes cost a journal append.
//!
//! On disk, in the directory it is given: `head` (see `head.rs`) and `engine/`. The number of the
//! last batch is a row of an engine table of its own, written with every batch.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use fjall::Readable;

use super::error::{Doing, from_engine, from_io};
use super::head::HeadRecord;
use super::making::sync_file;
use super::opening::{open_engine, verify_head};
use super::sync::Ticker;
use super::writing::{Shared, lock};
use super::{
    Batch, Durability, KeyValueStore, Range, Row, Snapshot, Stats, StoreError, StoreResult,
    SyncMode, TableId, Tables,
};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its directory, made when it is not there.
    pub path: PathBuf,
    /// Its tables; those that are new to it are made.
    pub tables: Tables,
    /// When commits reach the medium.
    pub sync: SyncMode,
    /// Memory for blocks read, in bytes.
    pub cache_bytes: u64,
}

/// A `KeyValueStore` on disk.
pub struct FjallStore {
    shared: Arc<Shared>,
    tables: Tables,
    sync: SyncMode,
    ticker: Mutex<Option<Ticker>>,
}

impl FjallStore {
    /// Opens the store, or makes it when the directory is empty or not there.
    ///
    /// # Errors
    /// `StoreError::Locked`, `EngineFormat`, `Damaged`, `Full`, `ReadFailed`, `WriteFailed`.
    pub fn open(options: Options) -> StoreResult<Self> {
        let Options {
            path,
            tables,
            sync,
            cache_bytes,
        } = options;
        let writing = |error| from_io(&error, &path, Doing::Writing);
        fs::create_dir_all(&path).map_err(writing)?;
        let record = if HeadRecord::path(&path).exists() {
            Some(HeadRecord::load(&path).map_err(|e| from_io(&e, &path, Doing::Reading))?)
        } else {
            // The name of the store's directory: nothing below it is certain without.
            sync_file(&path.join("..")).map_err(writing)?;
            None
        };
        // An unreadable record claims nothing, and is refused when the engine is open.
        let claimed = record.as_ref().map(|(_, claimed)| claimed.unwrap_or(0));
        let (engine, number) = open_engine(&path, &tables, cache_bytes, claimed)?;
        let record = verify_head(record, number, &path)?;
        let shared = Arc::new(Shared {
            path,
            process: std::process::id(),
            engine: RwLock::new(Some(engine)),
            written: Mutex::new(number),
            synced: Mutex::new(record),
            // The engine syncs its journal when it opens.
            synced_number: AtomicU64::new(number),
            failure: OnceLock::new(),
        });
        let ticker = match sync {
            SyncMode::Always => None,
            SyncMode::Interval(interval) => {
                let ticking = Arc::clone(&shared);
                let tick = move || ticking.sync_all_written().is_ok();
                let started = Ticker::start(interval, tick);
                Some(started.map_err(|e| from_io(&e, &shared.path, Doing::Writing))?)
            }
        };
        Ok(Self {
            shared,
            tables,
            sync,
            ticker: Mutex::new(ticker),
        })
    }
}

struct FjallSnapshot {
    view: fjall::Snapshot,
    shared: Arc<Shared>,
}

impl Snapshot for FjallSnapshot {
    fn get(&self, table: TableId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        self.shared.with_engine(|engine| {
            let found = self.view.get(Tables::of(&engine.tables, table)?, key);
            let found = found.map_err(|e| from_engine(&e, &self.shared.path, Doing::Reading))?;
            Ok(found.map(|value| value.to_vec()))
        })
    }

    fn range(&self, table: TableId, range: &Range) -> StoreResult<Vec<Row>> {
        self.shared.with_engine(|engine| {
            let table = Tables::of(&engine.tables, table)?;
            if range.is_empty() {
                return Ok(Vec::new());
            }
            let mut rows = self.view.range::<&[u8], _>(table, range.bounds());
            let mut found = Vec::new();
            while found.len() < range.limit {
                let next = if range.reverse {
                    rows.next_back()
                } else {
                    rows.next()
                };
                let Some(row) = next else { break };
                let (key, value) = row
                    .into_inner()
                    .map_err(|e| from_engine(&e, &self.shared.path, Doing::Reading))?;
                found.push((key.to_vec(), value.to_vec()));
            }
            Ok(found)
        })
    }
}

impl KeyValueStore for FjallStore {
    fn tables(&self) -> &Tables {
        &self.tables
    }

    fn get(&self, table: TableId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        self.shared.with_engine(|engine| {
            let found = Tables::of(&engine.tables, table)?.get(key);
            let found = found.map_err(|e| from_engine(&e, &self.shared.path, Doing::Reading))?;
            Ok(found.map(|value| value.to_vec()))
        })
    }

    fn range(&self, table: TableId, range: &Range) -> StoreResult<Vec<Row>> {
        self.snapshot()?.range(table, range)
    }

    fn snapshot(&self) -> StoreResult<Box<dyn Snapshot>> {
        let view = self
            .shared
            .with_engine(|engine| Ok(engine.database.snapshot()))?;
        Ok(Box::new(FjallSnapshot {
            view,
            shared: Arc::clone(&self.shared),
        }))
    }

    fn commit(&self, batch: Batch, durability: Durability) -> StoreResult<()> {
        let number = self.shared.write(batch, &self.tables)?;
        if durability == Durability::Synced || self.sync == SyncMode::Always {
            self.shared.sync_up_to(number)?;
        }
        Ok(())
    }

    fn ingest_sorted(
        &self,
        table: TableId,
        rows: &mut dyn Iterator<Item = Row>,
    ) -> StoreResult<()> {
        let name = Tables::of(self.tables.names(), table)?.clone();
        let unsorted = |detail: String| StoreError::Unsorted {
            table: name.clone(),
            detail,
        };
        self.shared.with_engine(|engine| {
            self.shared.check_failure()?;
            let table = Tables::of(&engine.tables, table)?;
            if table.first_key_value().is_some() {
                return Err(unsorted("it holds rows already".to_owned()));
            }
            let failed = |error| self.shared.fail(&error);
            let mut ingestion = table.start_ingestion().map_err(failed)?;
            let mut last: Option<Vec<u8>> = None;
            for (count, (key, value)) in rows.enumerate() {
                if last.as_ref().is_some_and(|last| *last >= key) {
                    return Err(unsorted(format!("row {count} is out of order")));
                }
                ingestion.write(key.clone(), value).map_err(failed)?;
                last = Some(key);
            }
            ingestion.finish().map_err(failed)
        })
    }

    fn sync(&self) -> StoreResult<()> {
        self.shared.sync_all_written()
    }

    fn failure(&self) -> Option<StoreError> {
        self.shared.failure.get().cloned()
    }

    fn stats(&self) -> StoreResult<Stats> {
        self.shared.with_engine(|engine| {
            let database = &engine.database;
            let disk_bytes = database
                .disk_space()
                .map_err(|e| from_engine(&e, &self.shared.path, Doing::Reading))?;
            let journal_bytes = database
                .journal_disk_space()
                .map_err(|e| from_engine(&e, &self.shared.path, Doing::Reading))?;
            let names = self.tables.names().iter().cloned();
            let sizes = engine.tables.iter().map(|table| table.disk_space());
            let lengths = engine
                .tables
                .iter()
                .map(|table| table.approximate_len() as u64);
            Ok(Stats {
                commits: *lock(&self.shared.written),
                synced_commits: self.shared.synced_number.load(Ordering::Acquire),
                disk_bytes,
                write_buffer_bytes: database.write_buffer_size(),
                cache_bytes: database.cache_size(),
                journals: database.journal_count() as u64,
                compactions: database.active_compactions() as u64,
                journal_bytes,
                tables: names.clone().zip(lengths).collect(),
                table_bytes: names.zip(sizes).collect(),
            })
        })
    }

    fn close(&self) -> StoreResult<()> {
        // The thread of the ticker must be gone before the engine is.
        drop(lock(&self.ticker).take());
        let synced = match self.sync() {
            Err(StoreError::Closed) => return Ok(()),
            other => other,
        };
        if !matches!(synced, Err(StoreError::ForeignProcess { .. })) {
            self.shared
                .engine
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
        }
        synced
    }
}

impl Drop for FjallStore {
    fn drop(&mut self) {
        if std::process::id() == self.shared.process {
            // A failure has been kept and reported by the call that met it.
            let _ = self.close();
        } else {
            // After a fork the engine's threads are not there, and its destructor waits for them.
            std::mem::forget(lock(&self.ticker).take());
            std::mem::forget(Arc::clone(&self.shared));
        }
    }
}

impl std::fmt::Debug for FjallStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FjallStore")
            .field("path", &self.shared.path)
            .finish_non_exhaustive()
    }
}
