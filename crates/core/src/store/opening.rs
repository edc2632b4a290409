//! Opening the engine: its settings, and what is verified before anything is read.

use std::path::Path;

use fjall::config::CompressionPolicy;
use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions};

use super::error::{Doing, from_engine, from_io};
use super::head::HeadRecord;
use super::journal::{NUMBER_KEY, Tail};
use super::making::make_whole;
use super::{StoreError, StoreResult, Tables, manifest};

/// Flushed beyond this. A dozen tables are written at once, and a node promises to stay small.
pub(super) const MEMTABLE_BYTES: u64 = 8 * 1024 * 1024;
/// The engine's least. What lies in the journal is replayed at start, and a start has 1.5 s.
pub(super) const JOURNAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// One flushes while the other compacts.
pub(super) const WORKERS: usize = 2;
/// The engine's table of the last batch's number; the underscore keeps it apart from ours.
pub(super) const NUMBER_TABLE: &str = "_number";
/// Without this file the engine takes a directory for an empty one.
pub(super) const ENGINE_MARKER: &str = "version";
const ENGINE: &str = "engine";
const ENGINE_DRAFT: &str = "engine.new";

pub(super) struct Engine {
    pub(super) database: Database,
    pub(super) tables: Vec<Keyspace>,
    pub(super) number: Keyspace,
}

/// Makes an engine with its tables (M1, M2).
fn make_engine(path: &Path, tables: &Tables, cache_bytes: u64) -> StoreResult<()> {
    make_whole(
        &path.join(ENGINE_DRAFT),
        &path.join(ENGINE),
        // Its threads end with it; what they write is theirs no more when the files are copied.
        |draft| open_at(draft, path, tables, cache_bytes).map(drop),
        |error| from_io(&error, path, Doing::Writing),
    )
}

/// Opens the engine and returns the number of the last batch.
///
/// `claimed` is what the head record says was synced; without one no store has been there, and the
/// engine is made.
pub(super) fn open_engine(
    path: &Path,
    tables: &Tables,
    cache_bytes: u64,
    claimed: Option<u64>,
) -> StoreResult<(Engine, u64)> {
    let engine = path.join(ENGINE);
    if claimed.is_none() && !engine.exists() {
        make_engine(path, tables, cache_bytes)?;
    }
    if !engine.join(ENGINE_MARKER).exists() {
        return Err(StoreError::Damaged {
            path: path.to_path_buf(),
            detail: "engine/version is missing".to_owned(),
        });
    }
    manifest::verify(path)?;
    if let Some(tail) = Tail::read(&engine).map_err(|e| from_io(&e, path, Doing::Reading))? {
        if let (Some(claimed), Some(number)) = (claimed, tail.number) {
            verify_number(claimed, number, path)?;
        }
        tail.cut().map_err(|e| from_io(&e, path, Doing::Writing))?;
    }
    let opened = open_at(&engine, path, tables, cache_bytes)?;
    manifest::list(path).map_err(|e| from_io(&e, path, Doing::Writing))?;
    Ok(opened)
}

fn open_at(
    engine: &Path,
    path: &Path,
    tables: &Tables,
    cache_bytes: u64,
) -> StoreResult<(Engine, u64)> {
    let reading = |error: fjall::Error| from_engine(&error, path, Doing::Reading);
    let database = Database::builder(engine)
        .cache_size(cache_bytes)
        .max_journaling_size(JOURNAL_BYTES_MAX)
        .worker_threads(WORKERS)
        .open()
        .map_err(reading)?;
    let table = |name: &str| {
        // The engine's default compresses from the third level on, where little of ours ever gets.
        let compression = || CompressionPolicy::all(CompressionType::Lz4);
        let options = || {
            KeyspaceCreateOptions::default()
                .max_memtable_size(MEMTABLE_BYTES)
                .data_block_compression_policy(compression())
        };
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
pub(super) fn verify_head(
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
        Some((record, Some(claimed))) => verify_number(claimed, number, path).map(|()| record),
    }
}

fn verify_number(claimed: u64, number: u64, path: &Path) -> StoreResult<()> {
    if claimed <= number {
        return Ok(());
    }
    Err(StoreError::Damaged {
        path: path.to_path_buf(),
        detail: format!(
            "commits {} to {claimed} were on the medium and are gone",
            number + 1
        ),
    })
}
