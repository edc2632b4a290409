//! Errors of execution as exceptions of `sogdia.ledger.execution.errors`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::super::convert::hash_to_py;
use crate::evm::ExecutionError;
use crate::state::StateError;

/// The Python exception for an execution error, from `sogdia.ledger.execution.errors`.
pub(super) fn to_python(py: Python<'_>, error: &ExecutionError) -> PyErr {
    if let ExecutionError::State(StateError::Store(error)) = error {
        return super::store::to_python(py, error);
    }
    build_exception(py, error).unwrap_or_else(|failure| failure)
}

fn build_exception(py: Python<'_>, error: &ExecutionError) -> PyResult<PyErr> {
    if let ExecutionError::InvalidParameter(words) = error {
        return Ok(PyValueError::new_err(words.clone()));
    }
    let fields = PyDict::new(py);
    let (name, numbers) = describe(error);
    for (field, number) in numbers {
        fields.set_item(field, number)?;
    }
    match error {
        ExecutionError::AlreadyInitialised { stored, given } => {
            fields.set_item("stored_root", hash_to_py(py, stored))?;
            fields.set_item("given_root", hash_to_py(py, given))?;
        }
        ExecutionError::InvalidCall { reason } | ExecutionError::InvalidTracer { reason } => {
            fields.set_item("reason", reason)?;
        }
        other if name == "DamagedState" => fields.set_item("detail", other.to_string())?,
        _ => {}
    }
    let class = py.import("sogdia.ledger.execution.errors")?.getattr(name)?;
    Ok(PyErr::from_value(class.call((), Some(&fields))?))
}

/// The name of the Python class, and those of its fields that are numbers.
fn describe(error: &ExecutionError) -> (&'static str, Vec<(&'static str, u64)>) {
    match *error {
        ExecutionError::State(StateError::NotInitialised) => ("NotInitialised", vec![]),
        ExecutionError::AlreadyInitialised { .. } => ("AlreadyInitialised", vec![]),
        ExecutionError::InvalidCall { .. } => ("InvalidCall", vec![]),
        ExecutionError::InvalidTracer { .. } => ("InvalidTracer", vec![]),
        ExecutionError::State(StateError::MissingHistory {
            epoch,
            oldest,
            newest,
        }) => (
            "MissingHistory",
            vec![("epoch", epoch), ("oldest", oldest), ("newest", newest)],
        ),
        ExecutionError::WrongEpoch { given, expected } => {
            ("WrongEpoch", vec![("given", given), ("expected", expected)])
        }
        ExecutionError::UndoTooDeep { epoch, oldest } => {
            ("UndoTooDeep", vec![("epoch", epoch), ("oldest", oldest)])
        }
        ExecutionError::TooManyLogs { limit, complete_to } => (
            "TooManyLogs",
            vec![("limit", limit), ("complete_to", complete_to)],
        ),
        _ => ("DamagedState", vec![]),
    }
}
