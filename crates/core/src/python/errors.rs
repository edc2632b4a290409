//! `CoreError` to the Python exception tree, in one place.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::CoreError;

/// The Python exception for a core error.
pub(super) fn to_python(py: Python<'_>, error: &CoreError) -> PyErr {
    match error {
        CoreError::InvalidArgument(words) => PyValueError::new_err(words.clone()),
        CoreError::Store(error) => super::store::to_python(py, error),
    }
}
