//! Accounts, undo, history and the commitment to them.

pub mod tables;
