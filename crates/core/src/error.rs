//! One error enum for the whole core.
//!
//! Every part has its own enum beside its code; this one joins them, and the bindings turn it into
//! the Python exception tree in one place (`python/errors`).

use thiserror::Error;

use crate::codec::CodecError;

/// What the core reports when it refuses or fails.
#[derive(Debug, Error)]
pub enum CoreError {
    /// A caller passed something that no caller may pass: a bug on the other side of the boundary.
    #[error("{0}")]
    InvalidArgument(String),
    /// The graph kernel was asked something that it cannot answer.
    #[error(transparent)]
    Graph(#[from] crate::graph::GraphError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// Bytes that break a rule of their format.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Execution refused or failed.
    #[error(transparent)]
    Execution(#[from] crate::evm::ExecutionError),
}
