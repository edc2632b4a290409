//! Why the state cannot be read.

use alloy_primitives::B256;
use thiserror::Error;

use super::bytes::DamagedRow;
use crate::store::StoreError;

/// What reading the state refuses, and how it fails.
#[derive(Clone, Debug, Error)]
pub enum StateError {
    /// Nothing was executed yet: genesis comes first.
    #[error("no genesis state is stored: write one before anything is executed or read")]
    NotInitialised,
    /// The state of an epoch that is not kept or not executed.
    #[error("the state of epoch {epoch} is not kept: epochs {oldest} to {newest} are")]
    MissingHistory {
        /// The epoch asked for.
        epoch: u64,
        /// The oldest that can be read.
        oldest: u64,
        /// The newest.
        newest: u64,
    },
    /// An account names code that is not stored.
    #[error("the store is damaged: code {code_hash} is missing")]
    MissingCode {
        /// Its hash.
        code_hash: B256,
    },
    /// The change record of an epoch is missing.
    #[error("the store is damaged: the changes of epoch {epoch} are missing")]
    MissingChanges {
        /// The epoch.
        epoch: u64,
    },
    /// A row that this build did not write.
    #[error("the store is damaged: {0}")]
    Damaged(#[from] DamagedRow),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
