//! Accounts, undo, history and the commitment to them.
//!
//! Invariants:
//!
//! * **T1** Every key carries its space, so that a second space needs no migration.
//! * **T2** What is absent is not stored: no empty account, no zero slot.
//! * **T3** The change record of an epoch holds the old and the new value of every key it changed,
//!   each once, in key order; applied backwards it gives the state before, and the roots.
//! * **T4** A view never changes: it reads one snapshot of the store, and shares the cache of the
//!   latest values only while both speak of the same commit.

pub mod account;
pub mod bytes;
pub mod cache;
pub mod change;
pub mod commitment;
pub mod error;
pub mod key;
pub mod tables;
pub mod view;

pub use account::AccountRecord;
pub use cache::StateCache;
pub use change::{Change, ChangeRecord};
pub use error::StateError;
pub use key::{Space, StateKey};
pub use view::{Head, StateView};
