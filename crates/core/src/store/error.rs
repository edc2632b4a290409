//! What the store reports when it refuses or fails.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A result of the store.
pub type StoreResult<T> = Result<T, StoreError>;

/// Why the store refused or failed.
///
/// It is `Clone`, because a failed store repeats its first failure to every later caller.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoreError {
    /// Another process has the directory open.
    #[error("{} is in use by another process", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The engine's files are of another format than this build reads.
    #[error("{} holds engine format {found}, this build reads {expected}", path.display())]
    EngineFormat {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: String,
        /// The format this build reads.
        expected: String,
    },
    /// The files contradict themselves, or acknowledged commits are missing.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// What contradicts what.
        detail: String,
    },
    /// No room is left on the medium, in the quota, or under the limit on file sizes.
    #[error("no room left to write {}: {detail}", path.display())]
    Full {
        /// The directory.
        path: PathBuf,
        /// The operating system's words.
        detail: String,
    },
    /// A write or sync failed for another reason than room.
    #[error("{} cannot be written: {detail}", path.display())]
    WriteFailed {
        /// The directory.
        path: PathBuf,
        /// The operating system's words.
        detail: String,
    },
    /// A read failed.
    #[error("{} cannot be read: {detail}", path.display())]
    ReadFailed {
        /// The directory.
        path: PathBuf,
        /// The operating system's words.
        detail: String,
    },
    /// A copy was asked for in a directory that holds something.
    #[error("{} is not empty", path.display())]
    DestinationNotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The store was opened by another process: it does not survive a fork.
    #[error("the store was opened by process {opened_by} and is used by process {used_by}")]
    ForeignProcess {
        /// Who opened it.
        opened_by: u32,
        /// Who called.
        used_by: u32,
    },
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// No such table.
    #[error("there is no table {name}")]
    UnknownTable {
        /// The name asked for.
        name: String,
    },
    /// A list of tables with a repeated or malformed name.
    #[error("table name {name:?} is repeated or not of the form [a-z0-9_]{{1,64}}")]
    InvalidTables {
        /// The name at fault.
        name: String,
    },
    /// A key is empty or longer than the engine can hold.
    #[error("a key of {length} bytes; keys have 1 to 65,535")]
    KeyLength {
        /// Its length in bytes.
        length: usize,
    },
    /// Rows to ingest were not in strictly ascending key order, or the table was not empty.
    #[error("table {table} takes rows in ascending order while it is empty: {detail}")]
    Unsorted {
        /// The table.
        table: String,
        /// What was wrong.
        detail: String,
    },
}

/// What the store was doing when the engine failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Reading,
    Writing,
}

/// The store's word for an engine's error at `path`.
pub(super) fn from_engine(error: &fjall::Error, path: &Path, doing: Doing) -> StoreError {
    let path = path.to_path_buf();
    match error {
        fjall::Error::Locked => StoreError::Locked { path },
        fjall::Error::InvalidVersion(found) => StoreError::EngineFormat {
            path,
            found: found.map_or_else(|| "unknown".to_owned(), |version| format!("{version:?}")),
            expected: "V3".to_owned(),
        },
        fjall::Error::Io(cause) | fjall::Error::Storage(fjall::LsmError::Io(cause)) => {
            from_io(cause, &path, doing)
        }
        fjall::Error::Poisoned => StoreError::WriteFailed {
            path,
            detail: "an earlier write in the background failed".to_owned(),
        },
        other => StoreError::Damaged {
            path,
            detail: format!("{other:?}"),
        },
    }
}

/// The store's word for an operating system's error at `path`.
pub(super) fn from_io(cause: &io::Error, path: &Path, doing: Doing) -> StoreError {
    let path = path.to_path_buf();
    let detail = cause.to_string();
    match (cause.kind(), doing) {
        (
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge,
            _,
        ) => StoreError::Full { path, detail },
        (io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData, Doing::Reading) => {
            StoreError::Damaged { path, detail }
        }
        (_, Doing::Reading) => StoreError::ReadFailed { path, detail },
        (_, Doing::Writing) => StoreError::WriteFailed { path, detail },
    }
}
