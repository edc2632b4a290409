//! The store on disk: fjall, a log-structured engine whose writes cost a journal append.
//!
//! On disk, in the directory it is given: `head` (see `head.rs`) and `engine/`. The number of the
//! last batch is a row of an engine table of its own, written with every batch.

use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use super::error::{Doing, from_engine, from_io};
use super::head::HeadRecord;
use super::sync::Ticker;
use super::{
    Batch, Durability, KeyValueStore, Range, Row, Snapshot, Stats, StoreError, StoreResult,
    SyncMode, TableId, Tables,
};

/// Flushed beyond this. A dozen tables are written at once, and a node promises to stay small.
const MEMTABLE_BYTES: u64 = 16 * 1024 * 1024;
/// The engine's least. What lies in the journal is replayed at start, and a start has 1.5 s.
const JOURNAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// One flushes while the other compacts.
const WORKERS: usize = 2;
/// The engine's table of the last batch's number; the underscore keeps it apart from ours.
const NUMBER_TABLE: &str = "_number";
const NUMBER_KEY: &[u8] = b"last";
/// The engine writes this file last when it makes a database.
const ENGINE_MARKER: &str = "version";

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

struct Engine {
    database: Database,
    tables: Vec<Keyspace>,
    number: Keyspace,
}

struct Shared {
    path: PathBuf,
    process: u32,
    engine: RwLock<Option<Engine>>,
    /// The last batch written. Held while one is written, so that numbers follow the journal.
    written: Mutex<u64>,
    /// The last batch synced, and the record of it. Held during a sync: who waits here finds that
    /// the sync before covered it, or leads the next for everyone who came meanwhile.
    synced: Mutex<HeadRecord>,
    synced_number: AtomicU64,
    failure: OnceLock<StoreError>,
}

/// A `KeyValueStore` on disk.
pub struct FjallStore {
    shared: Arc<Shared>,
    tables: Tables,
    sync: SyncMode,
    ticker: Mutex<Option<Ticker>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            remove_unfinished(&path).map_err(writing)?;
            None
        };
        if record.is_some() && !path.join("engine").join(ENGINE_MARKER).exists() {
            let detail = "engine/version is missing".to_owned();
            return Err(StoreError::Damaged { path, detail });
        }
        let (engine, number) = open_engine(&path, &tables, cache_bytes)?;
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

/// Removes what is left of a database whose making was cut short: without its last file the engine
/// refuses to open it, and nothing was ever committed to it.
fn remove_unfinished(path: &Path) -> std::io::Result<()> {
    let engine = path.join("engine");
    if engine.exists() && !engine.join(ENGINE_MARKER).exists() {
        fs::remove_dir_all(engine)?;
    }
    Ok(())
}

fn open_engine(path: &Path, tables: &Tables, cache_bytes: u64) -> StoreResult<(Engine, u64)> {
    let reading = |error: fjall::Error| from_engine(&error, path, Doing::Reading);
    let database = Database::builder(path.join("engine"))
        .cache_size(cache_bytes)
        .max_journaling_size(JOURNAL_BYTES_MAX)
        .worker_threads(WORKERS)
        .open()
        .map_err(reading)?;
    let table = |name: &str| {
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
        database.keyspace(name, options).map_err(reading)
    };
    let number = table(NUMBER_TABLE)?;
    let last = match number.get(NUMBER_KEY).map_err(reading)? {
        None => 0,
        Some(bytes) => u64::from_be_bytes(bytes.as_ref().try_into().map_err(|_| {
            let detail = format!("the number of the last batch has {} bytes", bytes.len());
            StoreError::Damaged {
                path: path.to_path_buf(),
                detail,
            }
        })?),
    };
    let tables = tables
        .names()
        .iter()
        .map(|name| table(name))
        .collect::<StoreResult<_>>()?;
    Ok((
        Engine {
            database,
            tables,
            number,
        },
        last,
    ))
}

/// Refuses a store that has lost what was synced, and returns its head record.
fn verify_head(
    record: Option<(HeadRecord, Option<u64>)>,
    number: u64,
    path: &Path,
) -> StoreResult<HeadRecord> {
    let damaged = |detail| StoreError::Damaged {
        path: path.to_path_buf(),
        detail,
    };
    match record {
        None if number > 0 => Err(damaged("the head record is missing".to_owned())),
        None => HeadRecord::create(path).map_err(|e| from_io(&e, path, Doing::Writing)),
        Some((_, None)) => Err(damaged("the head record is unreadable".to_owned())),
        Some((_, Some(claimed))) if claimed > number => Err(damaged(format!(
            "commits {} to {claimed} were on the medium and are gone",
            number + 1
        ))),
        Some((record, Some(_))) => Ok(record),
    }
}

impl Shared {
    fn with_engine<T>(&self, work: impl FnOnce(&Engine) -> StoreResult<T>) -> StoreResult<T> {
        let used_by = std::process::id();
        if used_by != self.process {
            return Err(StoreError::ForeignProcess {
                opened_by: self.process,
                used_by,
            });
        }
        let guard: RwLockReadGuard<'_, _> =
            self.engine.read().unwrap_or_else(PoisonError::into_inner);
        work(guard.as_ref().ok_or(StoreError::Closed)?)
    }

    fn check_failure(&self) -> StoreResult<()> {
        self.failure
            .get()
            .map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Keeps the first failure for every later caller (S5), and returns it.
    fn fail(&self, error: &fjall::Error) -> StoreError {
        let failure = match error {
            fjall::Error::Poisoned => self.background_failure(),
            other => from_engine(other, &self.path, Doing::Writing),
        };
        self.failure.get_or_init(|| failure).clone()
    }

    /// The engine does not say why its background work failed; a full medium is told by a probe.
    fn background_failure(&self) -> StoreError {
        let probe = self.path.join("probe");
        let result = fs::write(&probe, vec![0_u8; 1024 * 1024]);
        // Best effort: the next probe overwrites what this one could not remove.
        let _ = fs::remove_file(&probe);
        match result {
            Err(cause) => from_io(&cause, &self.path, Doing::Writing),
            Ok(()) => from_engine(&fjall::Error::Poisoned, &self.path, Doing::Writing),
        }
    }

    fn write(&self, batch: Batch, tables: &Tables) -> StoreResult<u64> {
        let changes = batch.into_checked(tables)?;
        self.with_engine(|engine| {
            let mut written = lock(&self.written);
            self.check_failure()?;
            if changes.is_empty() {
                return Ok(*written);
            }
            let next = *written + 1;
            let mut rows =
                fjall::OwnedWriteBatch::with_capacity(engine.database.clone(), changes.len() + 1)
                    .durability(Some(PersistMode::Buffer));
            for change in changes {
                let table = Tables::of(&engine.tables, change.table)?;
                match change.value {
                    Some(value) => rows.insert(table, change.key, value),
                    None => rows.remove(table, change.key),
                }
            }
            rows.insert(&engine.number, NUMBER_KEY, next.to_be_bytes());
            rows.commit().map_err(|error| self.fail(&error))?;
            *written = next;
            Ok(next)
        })
    }

    fn sync_all_written(&self) -> StoreResult<()> {
        let number = *lock(&self.written);
        self.sync_up_to(number)
    }

    fn sync_up_to(&self, number: u64) -> StoreResult<()> {
        self.with_engine(|engine| {
            let mut record = lock(&self.synced);
            self.check_failure()?;
            if self.synced_number.load(Ordering::Acquire) >= number {
                return Ok(());
            }
            let covered = *lock(&self.written);
            engine
                .database
                .persist(PersistMode::SyncData)
                .map_err(|error| self.fail(&error))?;
            self.synced_number.store(covered, Ordering::Release);
            record
                .save(covered)
                .map_err(|error| self.fail(&fjall::Error::Io(error)))
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
            let from = Bound::Included(range.from.as_slice());
            let to = range
                .to
                .as_deref()
                .map_or(Bound::Unbounded, Bound::Excluded);
            let mut rows = self.view.range::<&[u8], _>(table, (from, to));
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
                tables: self.tables.names().iter().cloned().zip(lengths).collect(),
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
