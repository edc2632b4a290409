//! Bindings only: conversion of arguments and results, no logic.
//!
//! Each part registers its own exports, so that a new one touches one file here.

mod codec;
mod convert;
mod crypto;
mod enter;
mod errors;
mod evm;
mod graph;
mod store;

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How this binary was built: `version`, `profile`, `commit`.
#[pyfunction]
fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("profile", env!("SOGDIA_PROFILE"))?;
    info.set_item("commit", env!("SOGDIA_COMMIT"))?;
    Ok(info)
}

/// The native module, imported as `sogdia._core`.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(build_info, module)?)?;
    codec::register(module)?;
    crypto::register(module)?;
    graph::register(module)?;
    evm::register(module)?;
    store::register(module)?;
    Ok(())
}
