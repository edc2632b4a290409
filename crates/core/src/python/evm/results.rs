//! What execution hands back across the boundary.

use alloy_primitives::Log;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::values::{
    Amount, Hash, PyAccountOverride, PyAddress, PyBlockOverride, account_override,
};
use crate::evm::call::{CallContext, CallResult};
use crate::evm::record::EpochRecord;

/// JSON text, `None` if there is no such thing.
pub(super) type PyJson<'py> = Option<Bound<'py, PyBytes>>;
pub(super) type Roots = (Hash, Hash, Hash);
/// (status, output, gas used, gas spent before refunds, why it halted)
pub(super) type PyCallResult<'py> = (u8, Bound<'py, PyBytes>, u64, u64, Option<String>);
/// (address, topics, data)
pub(super) type PyLog<'py> = (PyAddress, Vec<Hash>, Bound<'py, PyBytes>);
/// (roots, gas used, executed, burnt, unexecuted, senders)
pub(super) type PyOutcome = (
    Roots,
    u64,
    u64,
    Amount,
    Vec<(Hash, &'static str)>,
    Vec<(PyAddress, u64, Amount)>,
);
/// (pivot, roots, timestamp, author, base price, gas used, gas limit, transactions, blocks)
pub(super) type PySummary = (Hash, Roots, u64, PyAddress, u64, u64, u64, u32, Vec<Hash>);

/// (block, drip) of each rewardable block, and what none may claim.
pub(super) type PyFeeShares = (Vec<(Hash, Amount)>, Amount);

pub(super) fn call_result(py: Python<'_>, result: CallResult) -> PyCallResult<'_> {
    let output = PyBytes::new(py, &result.output);
    (
        result.status,
        output,
        result.gas_used,
        result.gas_spent,
        result.halt.map(|reason| reason.to_string()),
    )
}

pub(super) fn logs_to_py<'py>(py: Python<'py>, logs: &[Log]) -> Vec<PyLog<'py>> {
    let convert = |log: &Log| {
        let topics = log.topics().iter().map(|topic| Hash(*topic)).collect();
        let data = PyBytes::new(py, &log.data.data);
        (PyAddress(log.address), topics, data)
    };
    logs.iter().map(convert).collect()
}

pub(super) fn context(
    at: Option<u64>,
    accounts: Vec<PyAccountOverride>,
    block: Option<PyBlockOverride>,
) -> CallContext {
    CallContext {
        at,
        accounts: accounts.into_iter().map(account_override).collect(),
        block: block.map(Into::into).unwrap_or_default(),
    }
}

pub(super) fn roots_of(record: &EpochRecord) -> Roots {
    (
        Hash(record.roots.state_root()),
        Hash(record.receipts_root),
        Hash(record.logs_bloom_hash()),
    )
}
