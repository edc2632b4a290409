//! The export that edits a development chain's state.

use pyo3::prelude::*;

use super::super::enter::enter_core;
use super::PyExecutor;
use super::results::{Roots, roots_of};
use super::values::{PyAccountOverride, account_override};

/// Changes accounts of the latest state as if the head epoch had done so last; the head's roots.
#[pyfunction]
pub(super) fn edit_accounts(
    py: Python<'_>,
    executor: &Bound<'_, PyExecutor>,
    accounts: Vec<PyAccountOverride>,
) -> PyResult<Roots> {
    let accounts: Vec<_> = accounts.into_iter().map(account_override).collect();
    let inner = &executor.get().inner;
    enter_core(py, || Ok(roots_of(&inner.edit(&accounts)?)))
}
