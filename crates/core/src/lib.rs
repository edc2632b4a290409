//! The compiled core of Sogdia.
//!
//! Work that is done per transaction, per graph edge or per state key lives here; the rules that a
//! reader wants to see are Python. Everything is plain Rust; `python` holds the bindings and no logic.

pub mod codec;
pub mod crypto;
pub mod error;
pub mod evm;
pub mod graph;
#[cfg(feature = "python")]
mod python;
pub mod state;
pub mod store;
