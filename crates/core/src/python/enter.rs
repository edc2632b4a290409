//! The one way into the core: without the GIL, panics caught, errors mapped.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PySystemError;
use pyo3::prelude::*;

use super::errors::to_python;
use crate::error::CoreError;

/// Runs `work` with the GIL released.
///
/// # Errors
/// The mapped `CoreError`; a panic becomes `SystemError`, which stops the node: it is a bug, and
/// nothing above may catch it and go on.
pub(super) fn enter_core<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, CoreError> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    to_result(py, outcome)
}

/// Runs `work`, which takes a few microseconds, without releasing the GIL.
///
/// Who gives the lock away may wait a whole switch interval, 5 ms, to get it back: a thousand
/// times the work itself.
///
/// # Errors
/// As `enter_core`.
pub(super) fn enter_core_briefly<T>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, CoreError>,
) -> PyResult<T> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    to_result(py, outcome)
}

fn to_result<T>(py: Python<'_>, outcome: std::thread::Result<Result<T, CoreError>>) -> PyResult<T> {
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(to_python(py, &error)),
        Err(panic) => {
            let words = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "no message".to_owned());
            Err(PySystemError::new_err(format!(
                "the core panicked: {words}"
            )))
        }
    }
}
