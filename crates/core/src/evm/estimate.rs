//! The least gas a call succeeds with.

use alloy_primitives::U256;
use revm::context::result::HaltReason;

use super::call::{CallContext, CallRequest, CallResult, Trial};
use super::error::ExecutionError;
use super::executor::Executor;

/// A transfer to an account without code.
const TRANSFER_GAS: u64 = 21_000;
/// What a call with value gives its callee on top (yellow paper, G_callstipend).
const CALL_STIPEND: u64 = 2_300;
/// The search ends when the bounds are this close, in thousandths of the upper one; geth's figure.
const TOLERANCE_PER_MILLE: u64 = 15;

/// An estimate, or how the call fails with any gas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// A gas limit that suffices, at most 1.5 % above the least that does.
    Gas(u64),
    /// It reverts or halts whatever the gas.
    Fails(CallResult),
}

impl Executor {
    /// Searches the least gas limit by bisection, as geth does.
    ///
    /// # Errors
    /// `InvalidCall` if the sender cannot pay for any gas, or none suffices; as `call`.
    pub fn estimate_gas(
        &self,
        request: &CallRequest,
        context: &CallContext,
    ) -> Result<Estimate, ExecutionError> {
        let view = self.view(context.at)?;
        let mut trial = Trial::new(self, &view, request, context)?;
        let mut high = highest(&mut trial, request)?;
        if is_plain_transfer(&mut trial, request)?
            && let Ok(CallResult { status: 1, .. }) = trial.run(TRANSFER_GAS.min(high))
        {
            return Ok(Estimate::Gas(TRANSFER_GAS));
        }
        let first = trial.run(high)?;
        if first.status != 1 {
            return failed(first, high);
        }
        // No less than it spent can suffice. What it kept back for calls (63/64) and their stipend
        // is the usual difference: one try around that saves most of the search.
        let mut low = first.gas_spent.saturating_sub(1);
        let guess = (first.gas_spent + CALL_STIPEND).saturating_mul(64) / 63;
        if guess < high {
            if suffices(&mut trial, guess)? {
                high = guess
            } else {
                low = guess
            }
        }
        while low + 1 < high && (high - low) > high / 1000 * TOLERANCE_PER_MILLE {
            // Most calls need little more than they spend: the middle is not above twice the low.
            let middle = (low + (high - low) / 2).min(low.saturating_mul(2));
            if suffices(&mut trial, middle)? {
                high = middle
            } else {
                low = middle
            }
        }
        Ok(Estimate::Gas(high))
    }
}

/// The upper bound: what is asked for, what the epoch allows, what the sender can pay.
fn highest(trial: &mut Trial<'_>, request: &CallRequest) -> Result<u64, ExecutionError> {
    let asked = request.gas.filter(|gas| *gas >= TRANSFER_GAS);
    let mut high = asked.map_or(trial.gas_max, |_| trial.gas_for(request));
    let price = request.price_cap();
    if price > 0 {
        let balance = trial.balance(request.sender)?;
        let rest = balance.checked_sub(request.value).ok_or_else(|| {
            let reason = "insufficient funds for transfer".to_owned();
            ExecutionError::InvalidCall { reason }
        })?;
        let payable = rest / U256::from(price);
        high = u64::try_from(payable).map_or(high, |payable| payable.min(high));
    }
    Ok(high)
}

fn is_plain_transfer(trial: &mut Trial<'_>, request: &CallRequest) -> Result<bool, ExecutionError> {
    let has_extras = !request.data.is_empty()
        || !request.access_list.0.is_empty()
        || !request.authorizations.is_empty();
    match request.to {
        Some(to) if !has_extras => Ok(!trial.has_code(to)?),
        _ => Ok(false),
    }
}

fn suffices(trial: &mut Trial<'_>, gas: u64) -> Result<bool, ExecutionError> {
    match trial.run(gas) {
        Ok(result) => Ok(result.status == 1),
        // Below the intrinsic gas it cannot even be tried.
        Err(ExecutionError::InvalidCall { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn failed(result: CallResult, allowance: u64) -> Result<Estimate, ExecutionError> {
    if matches!(result.halt, Some(HaltReason::OutOfGas(_))) {
        let reason = format!("gas required exceeds allowance ({allowance})");
        return Err(ExecutionError::InvalidCall { reason });
    }
    Ok(Estimate::Fails(result))
}
