//! One transaction on the machine, by a handler that pays tips or keeps them.

use revm::Database;
use revm::context::result::HaltReason;
use revm::context::{ContextSetters, TxEnv};
use revm::handler::{
    EvmTr, FrameResult, Handler, ItemOrResult, MainnetContext, PrecompileProvider,
};
use revm::inspector::{Inspector, InspectorHandler};
use revm::interpreter::InterpreterResult;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;

use super::allowance::{Allowance, run_frame};
use super::error::ExecutionError;
use super::machine::{MachineError, MachineOver, MachineResult};
use super::params::ExecutionParams;

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
        // As the trait's own, which is hidden by this one, but for the allowance.
        if let Some(allowance) = &mut self.allowance {
            allowance.take_frame(&first)?;
        }
        if let ItemOrResult::Result(result) = evm.frame_init(first)? {
            return Ok(result);
        }
        loop {
            let next = match &mut self.allowance {
                Some(allowance) => run_frame(evm, allowance)?,
                None => evm.frame_run()?,
            };
            let result = match next {
                ItemOrResult::Item(frame) => {
                    if let Some(allowance) = &mut self.allowance {
                        allowance.take_frame(&frame)?;
                    }
                    match evm.frame_init(frame)? {
                        ItemOrResult::Item(_) => continue,
                        ItemOrResult::Result(result) => result,
                    }
                }
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
