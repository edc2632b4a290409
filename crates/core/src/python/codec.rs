//! Exports of `codec`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList, PyTuple};

use super::convert::{address_to_py, fixed, hash_to_py, u256_from_py, u256_to_py};
use super::enter::{enter_core, enter_core_briefly};
use super::errors::transaction_error;
use crate::codec::batch::Decoded;
use crate::codec::submissions::decode_submissions;
use crate::codec::{
    SignedTransaction, decode_known, decode_transactions, encode_body, measure_body,
};
use crate::crypto::simple_mpt::merkle_root;

/// Hash, sender, nonce, gas limit, size, cap, tip, value.
type Facts<'py> = (
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    u64,
    u64,
    usize,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
);

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

    /// What the pool keeps beside it, in one crossing.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Facts<'py>> {
        let transaction = &*self.inner;
        Ok((
            hash_to_py(py, &transaction.hash),
            address_to_py(py, &transaction.sender),
            transaction.nonce,
            transaction.gas_limit,
            transaction.raw.len(),
            u256_to_py(py, &transaction.max_fee_per_gas)?,
            u256_to_py(py, &transaction.max_priority_fee_per_gas)?,
            u256_to_py(py, &transaction.value)?,
        ))
    }

    fn keeps_limits(&self, gas_limit_max: Option<u64>, takes_core_space: bool) -> bool {
        self.inner.keeps_limits(gas_limit_max, takes_core_space)
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
    decoded_to_py(py, decoded)
}

fn decoded_to_py(py: Python<'_>, decoded: Vec<Decoded>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for result in decoded {
        match result {
            Ok(inner) => list.append(Bound::new(py, PyTransaction { inner })?)?,
            Err(error) => list.append(transaction_error(py, &error)?)?,
        }
    }
    Ok(list)
}

type PySubmission<'py> = (Bound<'py, PyList>, Option<Bound<'py, PyBytes>>);

/// Reads and decodes request bodies that hold nothing but submissions; `None` for any other.
#[pyfunction]
#[pyo3(name = "decode_submissions")]
fn decode_submissions_py<'py>(
    py: Python<'py>,
    bodies: Vec<PyBackedBytes>,
    chain_id: u64,
    threads: usize,
    calls_max: usize,
) -> PyResult<Vec<Option<PySubmission<'py>>>> {
    let found = enter_core(py, || {
        Ok(decode_submissions(&bodies, chain_id, threads, calls_max))
    })?;
    found
        .into_iter()
        .map(|found| {
            let Some(found) = found else { return Ok(None) };
            let answer = found.answer.map(|text| PyBytes::new(py, &text));
            Ok(Some((decoded_to_py(py, found.decoded)?, answer)))
        })
        .collect()
}

fn inner_of(transactions: &[Bound<'_, PyTransaction>]) -> Vec<Arc<SignedTransaction>> {
    let inner = |each: &Bound<'_, PyTransaction>| Arc::clone(&each.get().inner);
    transactions.iter().map(inner).collect()
}

/// Bytes and gas of a block's transactions, and the place of the first that breaks a bound.
#[pyfunction]
#[pyo3(name = "measure_body")]
fn measure_body_py(
    py: Python<'_>,
    transactions: Vec<Bound<'_, PyTransaction>>,
    gas_limit_max: Option<u64>,
    takes_core_space: bool,
) -> PyResult<(usize, u128, Option<usize>)> {
    let inner = inner_of(&transactions);
    let measure = enter_core_briefly(py, || {
        Ok(measure_body(&inner, gas_limit_max, takes_core_space))
    })?;
    Ok((measure.size, measure.gas, measure.breach))
}

/// The RLP list of the raw transactions.
#[pyfunction]
#[pyo3(name = "encode_body")]
fn encode_body_py<'py>(
    py: Python<'py>,
    transactions: Vec<Bound<'py, PyTransaction>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let inner = inner_of(&transactions);
    let body = enter_core_briefly(py, || Ok(encode_body(&inner)))?;
    Ok(PyBytes::new(py, &body))
}

/// The simple-MPT root over the transactions' hashes.
#[pyfunction]
fn transactions_root<'py>(
    py: Python<'py>,
    transactions: Vec<Bound<'py, PyTransaction>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let inner = inner_of(&transactions);
    let root = enter_core(py, || {
        let hashes: Vec<_> = inner.iter().map(|each| each.hash).collect();
        Ok(merkle_root(&hashes))
    })?;
    Ok(hash_to_py(py, &root))
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
    module.add_function(wrap_pyfunction!(decode_submissions_py, module)?)?;
    module.add_function(wrap_pyfunction!(measure_body_py, module)?)?;
    module.add_function(wrap_pyfunction!(encode_body_py, module)?)?;
    module.add_function(wrap_pyfunction!(transactions_root, module)?)?;
    Ok(())
}
