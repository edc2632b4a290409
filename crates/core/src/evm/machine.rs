//! The virtual machine: revm with our database, and a handler that pays tips or keeps them.

use revm::context::result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction};
use revm::context::{BlockEnv, CfgEnv, Context, ContextSetters, Evm, TxEnv};
use revm::handler::instructions::EthInstructions;
use revm::handler::{
    EthFrame, EthPrecompiles, EvmTr, FrameResult, Handler, ItemOrResult, MainBuilder,
    MainnetContext, PrecompileProvider,
};
use revm::inspector::{Inspector, InspectorHandler, NoOpInspector};
use revm::interpreter::InterpreterResult;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::{Database, MainContext};

use super::bounded::TRACE_TOO_LARGE;
use super::brief::{self, Allowance};
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

/// The rules of a transaction's life that differ from Ethereum's: who receives its tip.
struct TransactionHandler<E> {
    pay_author_at_once: bool,
    /// What a call may do that must be brief.
    allowance: Option<Allowance>,
    machine: std::marker::PhantomData<E>,
}

impl<D, I, P> Handler for TransactionHandler<MachineOver<D, I, P>>
where
    D: Database<Error = ExecutionError>,
    P: PrecompileProvider<MainnetContext<D>, Output = InterpreterResult>,
{
    type Evm = MachineOver<D, I, P>;
    type Error = MachineError;
    type HaltReason = HaltReason;

    fn run_exec_loop(
        &mut self,
        evm: &mut Self::Evm,
        first: FrameInit,
    ) -> Result<FrameResult, Self::Error> {
        if let Some(allowance) = &mut self.allowance {
            return brief::run_frames(evm, first, allowance);
        }
        // As the trait's own, which is hidden by this one.
        if let ItemOrResult::Result(result) = evm.frame_init(first)? {
            return Ok(result);
        }
        loop {
            let result = match evm.frame_run()? {
                ItemOrResult::Item(frame) => match evm.frame_init(frame)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                },
                ItemOrResult::Result(result) => result,
            };
            if let Some(result) = evm.frame_return_result(result)? {
                return Ok(result);
            }
        }
    }

    fn reward_beneficiary(
        &self,
        evm: &mut Self::Evm,
        exec_result: &mut FrameResult,
    ) -> Result<(), Self::Error> {
        if self.pay_author_at_once {
            revm::handler::post_execution::reward_beneficiary(&mut evm.ctx, exec_result.gas())
                .map_err(MachineError::from)
        } else {
            // Fees are recorded with the receipts and shared 12 epochs later (protocol §3.7).
            Ok(())
        }
    }
}

impl<D, I, P> InspectorHandler for TransactionHandler<MachineOver<D, I, P>>
where
    D: Database<Error = ExecutionError>,
    P: PrecompileProvider<MainnetContext<D>, Output = InterpreterResult>,
    I: Inspector<MainnetContext<D>, EthInterpreter>,
{
    type IT = EthInterpreter;
}

/// The configuration that the parameters of a network amount to.
#[must_use]
pub fn configuration(params: &ExecutionParams) -> CfgEnv {
    let mut cfg = CfgEnv::new_with_spec(params.spec);
    cfg.chain_id = params.chain_id;
    cfg.tx_gas_limit_cap = params.transaction_gas_max;
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

/// Runs one transaction in `block`; its changes stay in the machine's journal.
///
/// # Errors
/// `EVMError::Transaction` if it cannot be charged; the journal is then as before.
pub fn run<D: Database<Error = ExecutionError>, I>(
    machine: &mut MachineOver<D, I>,
    params: &ExecutionParams,
    transaction: TxEnv,
) -> MachineResult {
    machine.ctx.set_tx(transaction);
    handler(params).run(machine)
}

/// Runs one transaction if it is brief.
///
/// # Errors
/// As `run`; `NotBrief`.
pub(super) fn run_if_brief<D: Database<Error = ExecutionError>, I>(
    machine: &mut MachineOver<D, I>,
    params: &ExecutionParams,
    transaction: TxEnv,
) -> MachineResult {
    machine.ctx.set_tx(transaction);
    let mut handler = handler(params);
    handler.allowance = Some(Allowance::new());
    handler.run(machine)
}

/// Runs one transaction under the eyes of the machine's inspector.
///
/// # Errors
/// As `run`.
pub fn run_watched<D, I, P>(
    machine: &mut MachineOver<D, I, P>,
    params: &ExecutionParams,
    transaction: TxEnv,
) -> MachineResult
where
    D: Database<Error = ExecutionError>,
    P: PrecompileProvider<MainnetContext<D>, Output = InterpreterResult>,
    I: Inspector<MainnetContext<D>, EthInterpreter>,
{
    machine.ctx.set_tx(transaction);
    handler(params).inspect_run(machine)
}

fn handler<E>(params: &ExecutionParams) -> TransactionHandler<E> {
    TransactionHandler {
        pay_author_at_once: params.pay_author_at_once,
        allowance: None,
        machine: std::marker::PhantomData,
    }
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
