//! Simulated blocks on their way across the boundary.

use pyo3::prelude::*;

use super::super::enter::enter_core;
use super::PyExecutor;
use super::results::{PyCallResult, PyLog, call_result, logs_to_py};
use super::values::{
    Hash, PyAccountOverride, PyAddress, PyBlockOverride, PyCallRequest, account_override,
};
use crate::evm::simulate_blocks::{BlockCall, BlockPlan, SimulatedState};

/// (result, logs, nonce, gas limit)
type PyBlockCall<'py> = (PyCallResult<'py>, Vec<PyLog<'py>>, u64, u64);

/// A pretended state that lives between simulated blocks.
#[pyclass(frozen, name = "SimulatedState", module = "sogdia._core")]
#[derive(Debug)]
pub(super) struct PySimulatedState {
    inner: SimulatedState,
}

#[pymethods]
impl PySimulatedState {
    #[new]
    #[pyo3(signature = (executor, at = None))]
    fn new(py: Python<'_>, executor: &Bound<'_, PyExecutor>, at: Option<u64>) -> PyResult<Self> {
        let executor = &executor.get().inner;
        let inner = enter_core(py, || Ok(executor.simulated_state(at)?))?;
        Ok(Self { inner })
    }

    /// Runs one block on what earlier ones left.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call per simulated block, from one place"
    )]
    fn run_block<'py>(
        &self,
        py: Python<'py>,
        executor: &Bound<'py, PyExecutor>,
        block: PyBlockOverride,
        accounts: Vec<PyAccountOverride>,
        moved: Vec<(PyAddress, PyAddress)>,
        hashes: Vec<(u64, Hash)>,
        calls: Vec<PyCallRequest>,
        gas_budget: u64,
        validates: bool,
        logs_transfers: bool,
    ) -> PyResult<Vec<PyBlockCall<'py>>> {
        let calls = calls
            .into_iter()
            .map(PyCallRequest::into_request)
            .collect::<PyResult<Vec<_>>>()?;
        let plan = BlockPlan {
            block: block.into(),
            accounts: accounts.into_iter().map(account_override).collect(),
            moved: moved.into_iter().map(|(from, to)| (from.0, to.0)).collect(),
            hashes: hashes.into_iter().map(|(n, hash)| (n, hash.0)).collect(),
            calls,
            gas_budget,
            validates,
            logs_transfers,
        };
        let executor = &executor.get().inner;
        let calls = enter_core(py, || Ok(executor.simulate_block(&self.inner, &plan)?))?;
        Ok(calls.into_iter().map(|call| simulated(py, call)).collect())
    }
}

fn simulated(py: Python<'_>, call: BlockCall) -> PyBlockCall<'_> {
    (
        call_result(py, call.result),
        logs_to_py(py, &call.logs),
        call.nonce,
        call.gas_limit,
    )
}
