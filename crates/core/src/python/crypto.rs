//! Exports of `crypto`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::convert::{fixed, hash_from_py, hash_to_py, u256_from_py, u256_to_py};
use super::enter::enter_core;
use crate::crypto::{self, recovery, simple_mpt, work};

/// Keccak-256 of `data`.
#[pyfunction]
fn keccak256<'py>(py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
    hash_to_py(py, &crypto::keccak256(data))
}

/// Root of the simple MPT over `values`.
#[pyfunction]
fn merkle_root<'py>(py: Python<'py>, values: Vec<PyBackedBytes>) -> PyResult<Bound<'py, PyBytes>> {
    let root = enter_core(py, || Ok(simple_mpt::merkle_root(&values)))?;
    Ok(hash_to_py(py, &root))
}

/// The 64-byte public key that signed `digest`; `None` if there is none.
#[pyfunction]
fn recover_public_key<'py>(
    py: Python<'py>,
    digest: &[u8],
    y_parity: bool,
    r: &[u8],
    s: &[u8],
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let (r, s) = (fixed::<32>(r, "r")?, fixed::<32>(s, "s")?);
    let key = recovery::recover_public_key(&hash_from_py(digest)?, y_parity, &r, &s);
    Ok(key.map(|key| PyBytes::new(py, &key)))
}

/// Hash of `nonce` for a problem hash.
#[pyfunction]
fn pow_hash<'py>(
    py: Python<'py>,
    problem_hash: &[u8],
    nonce: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let hash = work::pow_hash(&hash_from_py(problem_hash)?, u256_from_py(nonce)?);
    Ok(hash_to_py(py, &hash))
}

/// Quality of a work hash.
#[pyfunction]
fn pow_quality<'py>(
    py: Python<'py>,
    pow_hash: &[u8],
    nonce: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    u256_to_py(
        py,
        &work::pow_quality(&hash_from_py(pow_hash)?, u256_from_py(nonce)?),
    )
}

/// A flag by which another thread ends a search.
#[pyclass(frozen, module = "sogdia._core")]
#[derive(Default)]
struct StopFlag {
    inner: Arc<AtomicBool>,
}

#[pymethods]
impl StopFlag {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Ends every search that was given this flag.
    fn set(&self) {
        self.inner.store(true, Ordering::Relaxed);
    }

    /// Whether it was set.
    fn is_set(&self) -> bool {
        self.inner.load(Ordering::Relaxed)
    }
}

/// First nonce from `start_nonce` on that meets `difficulty`; `None` after `attempts` or a stop.
#[pyfunction]
#[pyo3(signature = (problem_hash, difficulty, start_nonce, attempts, stop = None))]
fn search_work<'py>(
    py: Python<'py>,
    problem_hash: &[u8],
    difficulty: &Bound<'py, PyAny>,
    start_nonce: &Bound<'py, PyAny>,
    attempts: u64,
    stop: Option<&Bound<'py, StopFlag>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let problem = hash_from_py(problem_hash)?;
    let (difficulty, start) = (u256_from_py(difficulty)?, u256_from_py(start_nonce)?);
    let flag = stop.map(|stop| Arc::clone(&stop.get().inner));
    let nonce = enter_core(py, || {
        Ok(work::search(
            &problem,
            difficulty,
            start,
            attempts,
            flag.as_deref(),
        ))
    })?;
    nonce.map(|nonce| u256_to_py(py, &nonce)).transpose()
}

/// Adds this part's exports to the module.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(keccak256, module)?)?;
    module.add_function(wrap_pyfunction!(merkle_root, module)?)?;
    module.add_function(wrap_pyfunction!(recover_public_key, module)?)?;
    module.add_function(wrap_pyfunction!(pow_hash, module)?)?;
    module.add_function(wrap_pyfunction!(pow_quality, module)?)?;
    module.add_class::<StopFlag>()?;
    module.add_function(wrap_pyfunction!(search_work, module)?)?;
    Ok(())
}
