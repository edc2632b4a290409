//! Epochs executed on revm, which only this folder imports.
//!
//! * **E1** One virtual machine and one journal run a whole epoch; its changes are taken out once.
//! * **E2** What a transaction may see of its block is decided in `environment` alone.
//! * **E3** A transaction that cannot be charged leaves no receipt and no trace in the state.

mod allowance;
pub mod body;
mod bounded;
pub mod brief;
pub mod call;
pub mod changes;
pub mod code;
pub mod commit;
pub mod database;
pub mod edit;
pub mod environment;
pub mod epoch;
pub mod error;
pub mod estimate;
pub mod executor;
pub mod fees;
pub mod genesis;
pub mod history;
pub mod input;
pub mod kept;
pub mod logs;
pub mod machine;
pub mod params;
pub mod pretence;
pub mod prove;
pub mod prune;
pub mod receipt;
pub mod record;
pub mod render;
pub mod run;
pub mod simulate;
pub mod simulate_blocks;
pub mod simulate_watch;
pub mod trace;

pub use error::ExecutionError;
pub use executor::Executor;
pub use params::ExecutionParams;
