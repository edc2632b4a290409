//! What execution refuses, and how it fails.

use alloy_primitives::B256;
use thiserror::Error;

use crate::state::StateError;
use crate::state::bytes::DamagedRow;
use crate::store::StoreError;

/// Why execution refused or failed.
#[derive(Clone, Debug, Error)]
pub enum ExecutionError {
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store holds another genesis.
    #[error("the store holds genesis state root {stored}, the given allocation has {given}")]
    AlreadyInitialised {
        /// The root of epoch 0 in the store.
        stored: B256,
        /// The root of the given allocation.
        given: B256,
    },
    /// An epoch that does not follow the head.
    #[error("epoch {given} cannot be executed: the next one is {expected}")]
    WrongEpoch {
        /// The number given.
        given: u64,
        /// The only number that can follow.
        expected: u64,
    },
    /// An undo past the change records.
    #[error("epoch {epoch} cannot be returned to: undo reaches back to {oldest}")]
    UndoTooDeep {
        /// The epoch asked for.
        epoch: u64,
        /// The oldest that can be returned to.
        oldest: u64,
    },
    /// A call that no epoch could contain, in the words Ethereum clients use.
    #[error("{reason}")]
    InvalidCall {
        /// Why.
        reason: String,
    },
    /// A call that is too long to be run where others wait; it never leaves the core.
    #[error("the call is too long to be run at once")]
    NotBrief,
    /// Options that no tracer takes.
    #[error("{reason}")]
    InvalidTracer {
        /// Why.
        reason: String,
    },
    /// A log query with more results than its limit.
    #[error("query returned more than {limit} results; epochs up to {complete_to} fit")]
    TooManyLogs {
        /// The limit.
        limit: u64,
        /// The last epoch whose logs were all within the limit.
        complete_to: u64,
    },
    /// The rebuilt commitment differs from the recorded one.
    #[error("the store is damaged: epoch {epoch} has state root {recorded}, its state {rebuilt}")]
    RootMismatch {
        /// The epoch.
        epoch: u64,
        /// The root recorded when it was executed.
        recorded: B256,
        /// The root of what the store holds.
        rebuilt: B256,
    },
    /// An amount grew beyond 256 bits.
    #[error("the balance of {address} would exceed 256 bits")]
    BalanceOverflow {
        /// Whose.
        address: alloy_primitives::Address,
    },
    /// A parameter that no network may have.
    #[error("{0}")]
    InvalidParameter(String),
    /// A stored transaction no longer decodes.
    #[error("the store is damaged: a stored transaction is refused: {0}")]
    DamagedTransaction(#[from] crate::codec::CodecError),
    /// revm reports what no input should bring about.
    #[error("the virtual machine failed: {0}")]
    Machine(String),
}

impl From<DamagedRow> for ExecutionError {
    fn from(error: DamagedRow) -> Self {
        Self::State(error.into())
    }
}

impl From<StoreError> for ExecutionError {
    fn from(error: StoreError) -> Self {
        Self::State(error.into())
    }
}

impl revm::database_interface::DBErrorMarker for ExecutionError {}
