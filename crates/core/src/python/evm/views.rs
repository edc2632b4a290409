//! Exports that read through an executor: simulations, traces and proofs.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::super::enter::enter_core;
use super::PyExecutor;
use super::results::{PyCallResult, PyLog, call_result, context, logs_to_py};
use super::values::{Amount, Hash, PyAccountOverride, PyAddress, PyBlockOverride, PyCallRequest};
use crate::error::CoreError;
use crate::evm::ExecutionError;
use crate::evm::simulate::SimulatedCall;
use crate::state::account::decode_slot;
use crate::state::commitment::proof::{BucketProof, StateProof};
use crate::state::commitment::trie::Walk;
use crate::state::{AccountRecord, Change};

/// (result, logs, created address)
type PySimulatedCall<'py> = (PyCallResult<'py>, Vec<PyLog<'py>>, Option<PyAddress>);
/// (nonce, balance, code hash)
type PyAccount = (u64, Amount, Hash);
/// (address, slot or `None` for the account itself, account or `None`, value)
type PyChange = (PyAddress, Option<Amount>, Option<PyAccount>, Amount);
/// (calls, changes, new code by hash)
type PySimulation<'py> = (
    Vec<PySimulatedCall<'py>>,
    Vec<PyChange>,
    Vec<(Hash, Bound<'py, PyBytes>)>,
);

/// Runs calls one after the other on a pretended state.
#[pyfunction]
pub(super) fn simulate<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    requests: Vec<PyCallRequest>,
    at: Option<u64>,
    accounts: Vec<PyAccountOverride>,
    block: Option<PyBlockOverride>,
) -> PyResult<PySimulation<'py>> {
    let requests = requests
        .into_iter()
        .map(PyCallRequest::into_request)
        .collect::<PyResult<Vec<_>>>()?;
    let context = context(at, accounts, block);
    let inner = &executor.get().inner;
    let (calls, changes, codes) = enter_core(py, || {
        let simulation = inner.simulate(&requests, &context)?;
        let changes = simulation
            .set
            .changes
            .iter()
            .map(change)
            .collect::<Result<Vec<_>, _>>()?;
        Ok::<_, CoreError>((simulation.calls, changes, simulation.set.codes))
    })?;
    let calls = calls.into_iter().map(|call| simulated(py, call)).collect();
    let codes = codes
        .iter()
        .map(|(hash, code)| (Hash(*hash), PyBytes::new(py, code)))
        .collect();
    Ok((calls, changes, codes))
}

fn simulated(py: Python<'_>, call: SimulatedCall) -> PySimulatedCall<'_> {
    let logs = logs_to_py(py, &call.logs);
    (
        call_result(py, call.result),
        logs,
        call.created.map(PyAddress),
    )
}

fn change(change: &Change) -> Result<PyChange, ExecutionError> {
    let address = PyAddress(change.key.address());
    if change.key.is_slot() {
        let value = change
            .new
            .as_deref()
            .map(decode_slot)
            .transpose()?
            .unwrap_or_default();
        return Ok((
            address,
            Some(Amount(change.key.slot_number())),
            None,
            Amount(value),
        ));
    }
    let record = change
        .new
        .as_deref()
        .map(AccountRecord::decode)
        .transpose()?;
    let account =
        record.map(|record| (record.nonce, Amount(record.balance), Hash(record.code_hash)));
    Ok((address, None, account, Amount(alloy_primitives::U256::ZERO)))
}

/// (path of the leaf, value hash, [(bit, sibling)…] from the leaf up)
type PyWalk = (Hash, Hash, Vec<(u16, Hash)>);
/// ([(path, value hash)…], [sibling…] from the bucket up)
type PyBucketProof = (Vec<(Hash, Hash)>, Vec<Hash>);
/// (value or `None`, walk in D, walk in I, bucket of S)
type PyStateProof<'py> = (
    Option<Bound<'py, PyBytes>>,
    Option<PyWalk>,
    Option<PyWalk>,
    Option<PyBucketProof>,
);
/// (epoch, (S, I, D), one proof for the account and one for each slot)
type PyProofs<'py> = (u64, (Hash, Hash, Hash), Vec<PyStateProof<'py>>);

/// Proves an account and some of its slots against the state root of epoch `at`, or the latest.
#[pyfunction]
#[pyo3(signature = (executor, address, slots, at=None))]
pub(super) fn prove<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    address: PyAddress,
    slots: Vec<Amount>,
    at: Option<u64>,
) -> PyResult<PyProofs<'py>> {
    let slots: Vec<_> = slots.into_iter().map(|slot| slot.0).collect();
    let inner = &executor.get().inner;
    let (epoch, roots, proofs) = enter_core(py, || Ok(inner.prove(address.0, &slots, at)?))?;
    let proofs = proofs
        .into_iter()
        .map(|proof| state_proof(py, proof))
        .collect();
    Ok((
        epoch,
        (
            Hash(roots.snapshot),
            Hash(roots.intermediate),
            Hash(roots.delta),
        ),
        proofs,
    ))
}

fn state_proof(py: Python<'_>, proof: StateProof) -> PyStateProof<'_> {
    (
        proof.value.map(|value| PyBytes::new(py, &value)),
        proof.delta.map(walk),
        proof.intermediate.map(walk),
        proof.snapshot.map(bucket),
    )
}

fn walk(walk: Walk) -> PyWalk {
    let steps = walk
        .steps
        .into_iter()
        .map(|step| (step.bit, Hash(step.sibling)));
    (Hash(walk.path), Hash(walk.value), steps.collect())
}

fn bucket(proof: BucketProof) -> PyBucketProof {
    let entries = proof
        .entries
        .into_iter()
        .map(|(path, value)| (Hash(path), Hash(value)));
    (
        entries.collect(),
        proof.siblings.into_iter().map(Hash).collect(),
    )
}

/// (hash, trace as JSON) of each transaction.
type PyTraces<'py> = Vec<(Hash, Bound<'py, PyBytes>)>;
/// ([(address, [slot…])…], how the call ends)
type PyAccessList<'py> = (Vec<(PyAddress, Vec<Hash>)>, PyCallResult<'py>);

/// Traces an epoch's transactions, or only the one at `index`; `None` if it is not executed.
#[pyfunction]
pub(super) fn trace_epoch<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    number: u64,
    index: Option<u32>,
    options: &str,
) -> PyResult<Option<PyTraces<'py>>> {
    let inner = &executor.get().inner;
    let traces = enter_core(py, || Ok(inner.trace_epoch(number, index, options)?))?;
    let convert = |(hash, json): (_, Vec<u8>)| (Hash(hash), PyBytes::new(py, &json));
    Ok(traces.map(|traces| traces.into_iter().map(convert).collect()))
}

/// Traces a call.
#[pyfunction]
pub(super) fn trace_call<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    request: PyCallRequest,
    at: Option<u64>,
    accounts: Vec<PyAccountOverride>,
    block: Option<PyBlockOverride>,
    options: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let request = request.into_request()?;
    let context = context(at, accounts, block);
    let inner = &executor.get().inner;
    let trace = enter_core(py, || Ok(inner.trace_call(&request, &context, options)?))?;
    Ok(PyBytes::new(py, &trace))
}

/// The accounts and slots that a call touches, and how it ends with them warmed.
#[pyfunction]
pub(super) fn access_list<'py>(
    py: Python<'py>,
    executor: &Bound<'py, PyExecutor>,
    request: PyCallRequest,
    at: Option<u64>,
    accounts: Vec<PyAccountOverride>,
    block: Option<PyBlockOverride>,
) -> PyResult<PyAccessList<'py>> {
    let request = request.into_request()?;
    let context = context(at, accounts, block);
    let inner = &executor.get().inner;
    let (request, result) = enter_core(py, || Ok(inner.access_list(&request, &context)?))?;
    let entries = request.access_list.0.into_iter().map(|entry| {
        (
            PyAddress(entry.address),
            entry.storage_keys.into_iter().map(Hash).collect(),
        )
    });
    Ok((entries.collect(), call_result(py, result)))
}
