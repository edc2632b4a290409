//! Exports of `codec`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList, PyTuple};

use super::convert::{address_to_py, fixed, hash_to_py, u256_from_py, u256_to_py};
use super::enter::enter_core;
use super::errors::transaction_error;
use crate::codec::{SignedTransaction, decode_known, decode_transactions};

/// A signed transaction that passed every check which needs no state.
#[pyclass(frozen, name = "Transaction", module = "sogdia._core")]
pub(super) struct PyTransaction {
    pub(super) inner: Arc<SignedTransaction>,
}

#[pymethods]
impl PyTransaction {
    #[getter]
    fn hash<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        hash_to_py(py, &self.inner.hash)
    }

    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.raw)
    }

    #[getter]
    fn size(&self) -> usize {
        self.inner.raw.len()
    }

    #[getter]
    fn kind(&self) -> u8 {
        self.inner.kind as u8
    }

    #[getter]
    fn chain_id(&self) -> Option<u64> {
        self.inner.chain_id
    }

    #[getter]
    fn nonce(&self) -> u64 {
        self.inner.nonce
    }

    #[getter]
    fn gas_limit(&self) -> u64 {
        self.inner.gas_limit
    }

    #[getter]
    fn to<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner
            .to
            .as_ref()
            .map(|address| address_to_py(py, address))
    }

    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u256_to_py(py, &self.inner.value)
    }

    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.data)
    }

    #[getter]
    fn gas_price<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u256_to_py(py, &self.inner.max_fee_per_gas)
    }

    #[getter]
    fn max_fee_per_gas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u256_to_py(py, &self.inner.max_fee_per_gas)
    }

    #[getter]
    fn max_priority_fee_per_gas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u256_to_py(py, &self.inner.max_priority_fee_per_gas)
    }

    #[getter]
    fn access_list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let entries = self.inner.access_list.0.iter().map(|entry| {
            let keys = entry.storage_keys.iter().map(|key| hash_to_py(py, key));
            Ok((
                address_to_py(py, &entry.address),
                PyTuple::new(py, keys.collect::<Vec<_>>())?,
            ))
        });
        PyTuple::new(py, entries.collect::<PyResult<Vec<_>>>()?)
    }

    #[getter]
    fn authorizations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let entries = self.inner.authorizations.iter().map(|entry| {
            Ok((
                u256_to_py(py, &entry.content.chain_id)?,
                address_to_py(py, &entry.content.address),
                entry.content.nonce,
                entry.y_parity,
                u256_to_py(py, &entry.r)?,
                u256_to_py(py, &entry.s)?,
                entry
                    .authority
                    .as_ref()
                    .map(|address| address_to_py(py, address)),
            ))
        });
        PyTuple::new(py, entries.collect::<PyResult<Vec<_>>>()?)
    }

    #[getter]
    fn y_parity(&self) -> u8 {
        u8::from(self.inner.signature.y_parity)
    }

    #[getter]
    fn r<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u256_to_py(py, &self.inner.signature.r)
    }

    #[getter]
    fn s<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u256_to_py(py, &self.inner.signature.s)
    }

    #[getter]
    fn sender<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        address_to_py(py, &self.inner.sender)
    }

    #[getter]
    fn intrinsic_gas(&self) -> u64 {
        self.inner.intrinsic_gas()
    }

    #[getter]
    fn floor_gas(&self) -> u64 {
        self.inner.floor_gas()
    }

    fn effective_gas_price<'py>(
        &self,
        py: Python<'py>,
        base_price: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let price = self.inner.effective_gas_price(u256_from_py(base_price)?);
        price.map(|price| u256_to_py(py, &price)).transpose()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<PyTransaction>()
            .is_ok_and(|other| other.get().inner.hash == self.inner.hash)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.inner.hash.hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!(
            "<Transaction {} from {}>",
            self.inner.hash, self.inner.sender
        )
    }
}

/// Decodes, checks and recovers a batch; a refusal stands in the place of its transaction.
#[pyfunction]
#[pyo3(name = "decode_transactions", signature = (raws, chain_id, threads = 1))]
fn decode_transactions_py<'py>(
    py: Python<'py>,
    raws: Vec<PyBackedBytes>,
    chain_id: u64,
    threads: usize,
) -> PyResult<Bound<'py, PyList>> {
    let decoded = enter_core(py, || Ok(decode_transactions(&raws, chain_id, threads)))?;
    let list = PyList::empty(py);
    for result in decoded {
        match result {
            Ok(inner) => list.append(Bound::new(py, PyTransaction { inner })?)?,
            Err(error) => list.append(transaction_error(py, &error)?)?,
        }
    }
    Ok(list)
}

/// Decodes a transaction whose signature nobody made: a development chain says whose it is.
#[pyfunction]
fn decode_impersonated<'py>(
    py: Python<'py>,
    raw: PyBackedBytes,
    chain_id: u64,
    sender: PyBackedBytes,
) -> PyResult<Bound<'py, PyAny>> {
    let sender = fixed::<20>(&sender, "an address")?.into();
    let raw = alloy_primitives::Bytes::copy_from_slice(&raw);
    match enter_core(py, || Ok(decode_known(raw, chain_id, sender)))? {
        Ok(decoded) => {
            let inner = Arc::new(decoded);
            Ok(Bound::new(py, PyTransaction { inner })?.into_any())
        }
        Err(error) => transaction_error(py, &error),
    }
}

/// Adds this part's exports to the module.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTransaction>()?;
    module.add_function(wrap_pyfunction!(decode_transactions_py, module)?)?;
    module.add_function(wrap_pyfunction!(decode_impersonated, module)?)?;
    Ok(())
}
