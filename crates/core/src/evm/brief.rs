//! Calls that end soon, run where others wait: they are given up when they prove to be long.

use super::call::{CallContext, CallRequest, CallResult, Trial};
use super::error::ExecutionError;
use super::executor::Executor;

impl Executor {
    /// Runs a call on the latest state; `None` if it is too long to be run here.
    ///
    /// # Errors
    /// As `call`.
    pub fn call_if_brief(
        &self,
        request: &CallRequest,
    ) -> Result<Option<CallResult>, ExecutionError> {
        let view = self.view(None)?;
        let mut trial = Trial::new(self, &view, request, &CallContext::default())?;
        trial.is_brief = true;
        let gas = trial.gas_for(request);
        match trial.run(gas) {
            Ok(result) => Ok(Some(result)),
            Err(ExecutionError::NotBrief) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
