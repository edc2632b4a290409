//! Exports of `evm`.

use pyo3::prelude::*;

/// Adds this part's exports to the module.
pub(super) fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
