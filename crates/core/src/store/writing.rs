//! Writing and syncing: numbered batches, syncs shared by those who wait, and the first failure.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use fjall::PersistMode;

use super::error::{Doing, from_engine, from_io};
use super::head::HeadRecord;
use super::journal::NUMBER_KEY;
use super::opening::Engine;
use super::{Batch, StoreError, StoreResult, Tables};

pub(super) struct Shared {
    pub(super) path: PathBuf,
    pub(super) process: u32,
    pub(super) engine: RwLock<Option<Engine>>,
    /// The last batch written. Held while one is written, so that numbers follow the journal.
    pub(super) written: Mutex<u64>,
    /// The last batch synced, and the record of it. Held during a sync: who waits here finds that
    /// the sync before covered it, or leads the next for everyone who came meanwhile.
    pub(super) synced: Mutex<HeadRecord>,
    pub(super) synced_number: AtomicU64,
    pub(super) failure: OnceLock<StoreError>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn with_engine<T>(
        &self,
        work: impl FnOnce(&Engine) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let used_by = std::process::id();
        if used_by != self.process {
            return Err(StoreError::ForeignProcess {
                opened_by: self.process,
                used_by,
            });
        }
        let guard = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        work(guard.as_ref().ok_or(StoreError::Closed)?)
    }

    pub(super) fn check_failure(&self) -> StoreResult<()> {
        self.failure
            .get()
            .map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Keeps the first failure for every later caller (S5), and returns it.
    pub(super) fn fail(&self, error: &fjall::Error) -> StoreError {
        let failure = match error {
            fjall::Error::Poisoned => self.background_failure(),
            other => from_engine(other, &self.path, Doing::Writing),
        };
        self.failure.get_or_init(|| failure).clone()
    }

    /// The engine does not say why its background work failed; a full medium is told by a probe.
    pub(super) fn background_failure(&self) -> StoreError {
        let probe = self.path.join("probe");
        let result = fs::write(&probe, vec![0_u8; 1024 * 1024]);
        // Best effort: the next probe overwrites what this one could not remove.
        let _ = fs::remove_file(&probe);
        match result {
            Err(cause) => from_io(&cause, &self.path, Doing::Writing),
            Ok(()) => from_engine(&fjall::Error::Poisoned, &self.path, Doing::Writing),
        }
    }

    pub(super) fn write(&self, batch: Batch, tables: &Tables) -> StoreResult<u64> {
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

    pub(super) fn sync_all_written(&self) -> StoreResult<()> {
        let number = *lock(&self.written);
        self.sync_up_to(number)
    }

    pub(super) fn sync_up_to(&self, number: u64) -> StoreResult<()> {
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
