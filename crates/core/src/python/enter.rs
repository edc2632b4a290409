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
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
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
