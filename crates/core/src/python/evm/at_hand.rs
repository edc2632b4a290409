//! Exports that answer at once or not at all, without giving the GIL away: for the event loop.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::super::enter::enter_core_briefly;
use super::PyExecutor;
use super::results::{PyCallResult, PyJson, call_result};
use super::values::{Hash, PyAddress, PyCallRequest};
use crate::evm::logs::{LogQuery, LogsAtHand};

/// Runs a call on the latest state; `None` if it is too long for this thread.
#[pyfunction]
pub(super) fn call_if_brief<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    request: PyCallRequest,
) -> PyResult<Option<PyCallResult<'py>>> {
    let request = request.into_request()?;
    let inner = &executor.get().inner;
    let result = enter_core_briefly(py, || Ok(inner.call_if_brief(&request)?))?;
    Ok(result.map(|result| call_result(py, result)))
}

/// The logs that match as a JSON array, if those of all the epochs are held and these are few.
#[pyfunction]
pub(super) fn logs_json_at_hand<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    first: u64,
    last: u64,
    addresses: Vec<PyAddress>,
    topics: Vec<Vec<Hash>>,
    limit: usize,
) -> PyResult<PyJson<'py>> {
    let query = log_query(first, last, addresses, topics, limit);
    let inner = &executor.get().inner;
    let found = enter_core_briefly(py, || Ok(inner.logs_at_hand(&query)?))?;
    let write = |logs: LogsAtHand| {
        PyBytes::new_with(py, logs.length(), |out| {
            logs.write(out);
            Ok(())
        })
    };
    found.map(write).transpose()
}

/// A query as it crosses the boundary.
pub(super) fn log_query(
    first: u64,
    last: u64,
    addresses: Vec<PyAddress>,
    topics: Vec<Vec<Hash>>,
    limit: usize,
) -> LogQuery {
    let addresses = addresses.into_iter().map(|address| address.0).collect();
    let topics = topics
        .into_iter()
        .map(|allowed| allowed.into_iter().map(|topic| topic.0).collect())
        .collect();
    LogQuery::new((first, last), addresses, topics, limit)
}
