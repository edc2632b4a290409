//! Hashes and addresses cross as `bytes`, amounts as `int`; conversions happen here, once.

use alloy_primitives::{Address, B256, U256};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyInt, PyType};

/// `bytes` of a hash.
pub(super) fn hash_to_py<'py>(py: Python<'py>, hash: &B256) -> Bound<'py, PyBytes> {
    PyBytes::new(py, hash.as_slice())
}

/// `bytes` of an address.
pub(super) fn address_to_py<'py>(py: Python<'py>, address: &Address) -> Bound<'py, PyBytes> {
    PyBytes::new(py, address.as_slice())
}

/// `int` of an amount.
pub(super) fn u256_to_py<'py>(py: Python<'py>, value: &U256) -> PyResult<Bound<'py, PyAny>> {
    static FROM_BYTES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Ok(small) = u64::try_from(*value) {
        return Ok(small.into_pyobject(py)?.into_any());
    }
    let from_bytes = FROM_BYTES.get_or_try_init(py, || {
        let int: Bound<'_, PyType> = py.get_type::<PyInt>();
        int.getattr("from_bytes").map(Bound::unbind)
    })?;
    from_bytes
        .bind(py)
        .call1((PyBytes::new(py, &value.to_be_bytes::<32>()), "big"))
}

/// An `int` of 0 to 2^256 - 1.
///
/// # Errors
/// `OverflowError` of Python if it does not fit.
pub(super) fn u256_from_py(value: &Bound<'_, PyAny>) -> PyResult<U256> {
    if let Ok(small) = value.extract::<u64>() {
        return Ok(U256::from(small));
    }
    let bytes = value.call_method1("to_bytes", (32, "big"))?;
    let bytes = bytes
        .cast::<PyBytes>()
        .map_err(|_| PyTypeError::new_err("int.to_bytes gave no bytes"))?;
    Ok(U256::from_be_slice(bytes.as_bytes()))
}

/// 32 bytes.
///
/// # Errors
/// `ValueError` with the size found.
pub(super) fn hash_from_py(bytes: &[u8]) -> PyResult<B256> {
    fixed::<32>(bytes, "a hash").map(B256::from)
}

/// Exactly `N` bytes.
///
/// # Errors
/// `ValueError` with the size found.
pub(super) fn fixed<const N: usize>(bytes: &[u8], what: &str) -> PyResult<[u8; N]> {
    bytes
        .try_into()
        .map_err(|_| PyValueError::new_err(format!("{what} has {N} bytes, not {}", bytes.len())))
}
