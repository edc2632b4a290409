//! The virtual machine: revm with our database, as a network's parameters set it up.

use revm::context::result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction};
use revm::context::{BlockEnv, CfgEnv, Context, ContextSetters, Evm};
use revm::handler::instructions::EthInstructions;
use revm::handler::{EthFrame, EthPrecompiles, MainBuilder, MainnetContext};
use revm::inspector::NoOpInspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::{Database, MainContext};

use super::bounded::TRACE_TOO_LARGE;
use super::database::StateDatabase;
use super::error::ExecutionError;
use super::params::ExecutionParams;

/// The machine over a database, with an inspector that watches it or not.
pub type MachineOver<D, I = NoOpInspector, P = EthPrecompiles> = Evm<
    MainnetContext<D>,
    I,
    EthInstructions<EthInterpreter, MainnetContext<D>>,
    P,
    EthFrame<EthInterpreter>,
>;
/// The machine that runs epochs and calls.
pub type Machine<'a> = MachineOver<StateDatabase<'a>>;
/// Why a transaction could not run.
pub type MachineError = EVMError<ExecutionError, InvalidTransaction>;
/// How a transaction ended.
pub type MachineResult = Result<ExecutionResult<HaltReason>, MachineError>;

/// The configuration that the parameters of a network amount to.
#[must_use]
pub fn configuration(params: &ExecutionParams) -> CfgEnv {
    let mut cfg = CfgEnv::new_with_spec(params.spec);
    cfg.chain_id = params.chain_id;
    cfg.tx_gas_limit_cap = params.transaction_gas_max;
    cfg.disable_eip3607 = params.contracts_may_send;
    // The decoder has judged the chain id; transactions without one are valid on every chain.
    cfg.tx_chain_id_check = false;
    // Gas bounds the memory of a transaction; a second bound would be a rule of its own.
    cfg.memory_limit = u64::MAX;
    cfg
}

/// A machine for one epoch or one call: it is not `Send`, so it lives inside one call of the core.
#[must_use]
pub fn build<D: Database<Error = ExecutionError>>(database: D, cfg: CfgEnv) -> MachineOver<D> {
    build_watched(database, cfg, NoOpInspector)
}

/// A machine that `inspector` watches.
#[must_use]
pub fn build_watched<D: Database<Error = ExecutionError>, I>(
    database: D,
    cfg: CfgEnv,
    inspector: I,
) -> MachineOver<D, I> {
    let context = Context::mainnet().with_db(database).with_cfg(cfg);
    context.build_mainnet_with_inspector(inspector)
}

/// Sets the block that the next transactions run in.
pub fn set_block<D: Database<Error = ExecutionError>, I, P>(
    machine: &mut MachineOver<D, I, P>,
    block: BlockEnv,
) {
    machine.ctx.set_block(block);
}

/// The machine's error without its transaction part, which the caller has dealt with.
#[must_use]
pub fn failure(error: MachineError) -> ExecutionError {
    match error {
        EVMError::Database(error) => error,
        EVMError::Custom(reason) if reason.starts_with(TRACE_TOO_LARGE) => {
            ExecutionError::InvalidTracer { reason }
        }
        other => ExecutionError::Machine(other.to_string()),
    }
}
