//! Several calls in a row on one pretended state: what they return, log and change.

use alloy_primitives::{Address, Log};
use revm::context::result::EVMError;
use revm::context_interface::JournalTr;

use super::call::{CallContext, CallRequest, CallResult, Trial, call_result, logs_of};
use super::changes::{ChangeSet, collect};
use super::error::ExecutionError;
use super::executor::Executor;
use super::machine;

/// One call of a simulation.
#[derive(Clone, Debug)]
pub struct SimulatedCall {
    /// How it ended.
    pub result: CallResult,
    /// What it logged; nothing if it failed.
    pub logs: Vec<Log>,
    /// The contract it created.
    pub created: Option<Address>,
}

/// A simulation.
#[derive(Debug)]
pub struct Simulation {
    /// The calls, in order.
    pub calls: Vec<SimulatedCall>,
    /// What they changed together, against the pretended state.
    pub set: ChangeSet,
}

impl Executor {
    /// Runs `requests` one after the other, each on what the ones before left, and throws all
    /// away.
    ///
    /// # Errors
    /// As `call`; the first call that cannot be tried ends it.
    pub fn simulate(
        &self,
        requests: &[CallRequest],
        context: &CallContext,
    ) -> Result<Simulation, ExecutionError> {
        let view = self.view(context.at)?;
        let first = requests.first().cloned().unwrap_or_default();
        let mut trial = Trial::new(self, &view, &first, context)?;
        let mut calls = Vec::with_capacity(requests.len());
        for request in requests {
            trial.take(request)?;
            calls.push(trial.run_and_keep(trial.gas_for(request))?);
        }
        let set = trial.into_changes()?;
        Ok(Simulation { calls, set })
    }
}

impl Trial<'_> {
    /// Runs the call on what earlier ones left, and leaves its own changes in the journal.
    fn run_and_keep(&mut self, gas_limit: u64) -> Result<SimulatedCall, ExecutionError> {
        match self.transact(gas_limit) {
            Ok(result) => {
                let (created, logs) = (result.created_address(), logs_of(&result));
                Ok(SimulatedCall {
                    result: call_result(result),
                    logs,
                    created,
                })
            }
            Err(EVMError::Transaction(error)) => Err(self.refusal(&error, gas_limit)),
            Err(error) => Err(machine::failure(error)),
        }
    }

    fn into_changes(mut self) -> Result<ChangeSet, ExecutionError> {
        let journal = self.machine.ctx.journaled_state.finalize();
        collect(journal, &mut self.machine.ctx.journaled_state.database, &[])
    }
}
