//! Exports of `evm` and `state`.

mod at_hand;
mod edit;
mod results;
mod simulate;
mod values;
mod views;

use std::collections::BTreeSet;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use self::at_hand::log_query;
use self::results::{
    PyCallResult, PyFeeShares, PyJson, PyOutcome, PySummary, Roots, call_result, context, roots_of,
};
use self::values::{
    Amount, Hash, PyAccountOverride, PyAddress, PyBlockInput, PyBlockOverride, PyCallRequest,
    PyGenesisAccount, block_inputs, genesis_account,
};
use super::codec::PyTransaction;
use super::enter::{enter_core, enter_core_briefly};
use super::store::PyStore;
use crate::evm::estimate::Estimate;
use crate::evm::input::EpochInput;
use crate::evm::params::spec_by_name;
use crate::evm::render::pending_json;
use crate::evm::{ExecutionParams, Executor};
use crate::state::commitment::WindowLimits;

/// Executes epochs over a store, and answers what they came to.
#[pyclass(frozen, name = "Executor", module = "sogdia._core")]
#[derive(Debug)]
pub(super) struct PyExecutor {
    inner: Executor,
}

#[pymethods]
impl PyExecutor {
    #[new]
    #[pyo3(signature = (store, *, spec, chain_id, kept_share, pay_author_at_once,
        transaction_gas_max, contracts_may_send, window_epochs, window_keys, history_epochs,
        cache_entries, call_gas_max, call_memory_max))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn new(
        py: Python<'_>,
        store: &Bound<'_, PyStore>,
        spec: &str,
        chain_id: u64,
        kept_share: Option<u64>,
        pay_author_at_once: bool,
        transaction_gas_max: Option<u64>,
        contracts_may_send: bool,
        window_epochs: u64,
        window_keys: usize,
        history_epochs: Option<u64>,
        cache_entries: usize,
        call_gas_max: u64,
        call_memory_max: u64,
    ) -> PyResult<Self> {
        let store = Arc::clone(&store.get().inner);
        let inner = enter_core(py, || {
            let params = ExecutionParams {
                spec: spec_by_name(spec)?,
                chain_id,
                kept_share,
                pay_author_at_once,
                transaction_gas_max,
                contracts_may_send,
                window: WindowLimits {
                    epochs: window_epochs,
                    keys: window_keys,
                },
                history_epochs,
                cache_entries,
                call_gas_max,
                call_memory_max,
            };
            Ok(Executor::open(store, params)?)
        })?;
        Ok(Self { inner })
    }

    /// Writes epoch 0 or checks it; state root, receipts root, hash of the logs' bloom.
    fn genesis(
        &self,
        py: Python<'_>,
        allocation: Vec<PyGenesisAccount>,
        pivot: Hash,
        timestamp: u64,
        gas_limit: u64,
        base_price: u64,
    ) -> PyResult<Roots> {
        let allocation: Vec<_> = allocation.into_iter().map(genesis_account).collect();
        enter_core(py, || {
            let record =
                self.inner
                    .genesis(&allocation, pivot.0, (timestamp, gas_limit, base_price))?;
            Ok(roots_of(&record))
        })
    }

    /// Executes and commits the epoch after the head.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call per epoch, from one place"
    )]
    fn execute_epoch(
        &self,
        py: Python<'_>,
        number: u64,
        pivot: Hash,
        base_price: u64,
        blocks: Vec<PyBlockInput<'_>>,
        rewards: Vec<(PyAddress, Amount)>,
        prev_randao: Option<Hash>,
    ) -> PyResult<PyOutcome> {
        let epoch = EpochInput {
            number,
            pivot: pivot.0,
            base_price,
            prev_randao: prev_randao.map(|hash| hash.0),
            blocks: block_inputs(blocks),
            rewards: rewards
                .into_iter()
                .map(|(who, drip)| (who.0, drip.0))
                .collect(),
        };
        enter_core(py, || {
            let out = self.inner.execute_epoch(&epoch)?;
            let unexecuted = out.unexecuted.into_iter();
            let senders = out.senders.into_iter();
            Ok((
                (
                    Hash(out.state_root),
                    Hash(out.receipts_root),
                    Hash(out.logs_bloom_hash),
                ),
                out.gas_used,
                out.executed,
                Amount(out.burnt),
                unexecuted
                    .map(|(hash, reason)| (Hash(hash), reason.name()))
                    .collect(),
                senders
                    .map(|(who, nonce, drip)| (PyAddress(who), nonce, Amount(drip)))
                    .collect(),
            ))
        })
    }

    /// Takes back all epochs above `number`; their numbers, newest first.
    fn undo_to(&self, py: Python<'_>, number: u64) -> PyResult<Vec<u64>> {
        enter_core(py, || Ok(self.inner.undo_to(number)?))
    }

    /// Says that nothing below `number` will be returned to.
    fn forget_before(&self, py: Python<'_>, number: u64) -> PyResult<()> {
        enter_core(py, || Ok(self.inner.forget_before(number)?))
    }

    /// Forgets up to `epochs` of history that is too old; the oldest kept, and how many are left.
    fn prune_backlog(&self, py: Python<'_>, epochs: u64) -> PyResult<(u64, u64)> {
        enter_core(py, || Ok(self.inner.prune_backlog(epochs)?))
    }

    /// Number and pivot of the last epoch, and the oldest whose state is kept.
    fn head(&self, py: Python<'_>) -> PyResult<(u64, Hash, u64)> {
        enter_core_briefly(py, || {
            let head = self.inner.head()?;
            Ok((head.number, Hash(head.pivot), head.oldest))
        })
    }

    /// What is kept of an epoch besides its transactions.
    fn summary(&self, py: Python<'_>, number: u64) -> PyResult<Option<PySummary>> {
        enter_core(py, || {
            Ok(self.inner.record(number)?.map(|record| {
                (
                    Hash(record.pivot),
                    roots_of(&record),
                    record.timestamp,
                    PyAddress(record.author()),
                    record.base_price,
                    record.gas_used,
                    record.gas_limit(),
                    record.transactions,
                    record.blocks.iter().map(|block| Hash(block.hash)).collect(),
                )
            }))
        })
    }

    /// Nonce, balance and code hash.
    #[pyo3(signature = (address, at = None))]
    fn account(
        &self,
        py: Python<'_>,
        address: PyAddress,
        at: Option<u64>,
    ) -> PyResult<(u64, Amount, Hash)> {
        let at_hand = match at {
            None => enter_core_briefly(py, || Ok(self.inner.account_at_hand(address.0)?))?,
            Some(_) => None,
        };
        let record = match at_hand {
            Some(record) => record,
            None => enter_core(py, || Ok(self.inner.account(address.0, at)?))?,
        };
        Ok((record.nonce, Amount(record.balance), Hash(record.code_hash)))
    }

    /// The code at `address`.
    #[pyo3(signature = (address, at = None))]
    fn code<'py>(
        &self,
        py: Python<'py>,
        address: PyAddress,
        at: Option<u64>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let code = enter_core(py, || Ok(self.inner.code(address.0, at)?))?;
        Ok(PyBytes::new(py, &code))
    }

    /// The value of a slot.
    #[pyo3(signature = (address, slot, at = None))]
    fn storage_at(
        &self,
        py: Python<'_>,
        address: PyAddress,
        slot: Amount,
        at: Option<u64>,
    ) -> PyResult<Amount> {
        enter_core(py, || {
            Ok(Amount(self.inner.storage_at(address.0, slot.0, at)?))
        })
    }

    /// Runs a call and throws its changes away.
    fn call<'py>(
        &self,
        py: Python<'py>,
        request: PyCallRequest,
        at: Option<u64>,
        accounts: Vec<PyAccountOverride>,
        block: Option<PyBlockOverride>,
    ) -> PyResult<PyCallResult<'py>> {
        let request = request.into_request()?;
        let context = context(at, accounts, block);
        let result = enter_core(py, || Ok(self.inner.call(&request, &context)?))?;
        Ok(call_result(py, result))
    }

    /// The least gas a call succeeds with, or how it fails.
    fn estimate_gas<'py>(
        &self,
        py: Python<'py>,
        request: PyCallRequest,
        at: Option<u64>,
        accounts: Vec<PyAccountOverride>,
        block: Option<PyBlockOverride>,
    ) -> PyResult<(Option<u64>, Option<PyCallResult<'py>>)> {
        let request = request.into_request()?;
        let context = context(at, accounts, block);
        match enter_core(py, || Ok(self.inner.estimate_gas(&request, &context)?))? {
            Estimate::Gas(gas) => Ok((Some(gas), None)),
            Estimate::Fails(result) => Ok((None, Some(call_result(py, result)))),
        }
    }

    /// Epoch, place and first block of an executed transaction.
    fn locate(&self, py: Python<'_>, hash: Hash) -> PyResult<Option<(u64, u32, Hash)>> {
        enter_core(py, || {
            let found = self.inner.find(&hash.0)?;
            Ok(found.map(|it| (it.location.epoch, it.location.index, Hash(it.block()))))
        })
    }

    /// The signed bytes of an executed transaction.
    fn raw_transaction<'py>(
        &self,
        py: Python<'py>,
        hash: Hash,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let found = enter_core(py, || Ok(self.inner.find(&hash.0)?.map(|it| it.raw)))?;
        Ok(found.map(|raw| PyBytes::new(py, &raw)))
    }

    /// An executed transaction as JSON.
    fn transaction_json<'py>(&self, py: Python<'py>, hash: Hash) -> PyResult<PyJson<'py>> {
        let json = enter_core(py, || Ok(self.inner.transaction_json(&hash.0)?))?;
        Ok(json.map(|json| PyBytes::new(py, &json)))
    }

    /// A receipt as JSON.
    fn receipt_json<'py>(&self, py: Python<'py>, hash: Hash) -> PyResult<PyJson<'py>> {
        let json = enter_core(py, || Ok(self.inner.receipt_json(&hash.0)?))?;
        Ok(json.map(|json| PyBytes::new(py, &json)))
    }

    /// An epoch as a JSON block, with whole transactions or their hashes.
    fn block_json<'py>(&self, py: Python<'py>, number: u64, full: bool) -> PyResult<PyJson<'py>> {
        if let Some(json) = self.inner.block_json_at_hand(number, full) {
            return Ok(Some(PyBytes::new(py, &json)));
        }
        let json = enter_core(py, || Ok(self.inner.block_json(number, full)?))?;
        Ok(json.map(|json| PyBytes::new(py, &json)))
    }

    /// All receipts of an epoch as a JSON array.
    fn receipts_json<'py>(&self, py: Python<'py>, number: u64) -> PyResult<PyJson<'py>> {
        let json = enter_core(py, || Ok(self.inner.receipts_json(number)?))?;
        Ok(json.map(|json| PyBytes::new(py, &json)))
    }

    /// The logs that match as a JSON array.
    fn logs_json<'py>(
        &self,
        py: Python<'py>,
        first: u64,
        last: u64,
        addresses: Vec<PyAddress>,
        topics: Vec<Vec<Hash>>,
        limit: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let query = log_query(first, last, addresses, topics, limit);
        let json = enter_core(py, || Ok(self.inner.logs_json(&query)?))?;
        Ok(PyBytes::new(py, &json))
    }

    /// Shares of the rewardable blocks in an epoch's fees, and what none may claim.
    fn fee_shares(
        &self,
        py: Python<'_>,
        number: u64,
        rewardable: Vec<Hash>,
    ) -> PyResult<Option<PyFeeShares>> {
        let rewardable: BTreeSet<_> = rewardable.into_iter().map(|hash| hash.0).collect();
        enter_core(py, || {
            Ok(self.inner.fee_shares(number, &rewardable)?.map(|fees| {
                let shares = fees.shares.into_iter();
                let shares = shares
                    .map(|(hash, drip)| (Hash(hash), Amount(drip)))
                    .collect();
                (shares, Amount(fees.unclaimed))
            }))
        })
    }
}

/// A transaction that is not executed yet as `eth_getTransactionByHash` shows it.
#[pyfunction]
fn pending_transaction_json<'py>(
    py: Python<'py>,
    transaction: &Bound<'py, PyTransaction>,
) -> PyResult<Bound<'py, PyBytes>> {
    let transaction = Arc::clone(&transaction.get().inner);
    let json = enter_core(py, || Ok(pending_json(&transaction)))?;
    Ok(PyBytes::new(py, &json))
}

/// Adds this part's exports to the module.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pending_transaction_json, module)?)?;
    module.add_function(wrap_pyfunction!(at_hand::call_if_brief, module)?)?;
    module.add_function(wrap_pyfunction!(at_hand::logs_json_at_hand, module)?)?;
    module.add_function(wrap_pyfunction!(edit::edit_accounts, module)?)?;
    module.add_function(wrap_pyfunction!(views::simulate, module)?)?;
    module.add_function(wrap_pyfunction!(views::prove, module)?)?;
    module.add_function(wrap_pyfunction!(views::trace_epoch, module)?)?;
    module.add_function(wrap_pyfunction!(views::trace_call, module)?)?;
    module.add_function(wrap_pyfunction!(views::access_list, module)?)?;
    module.add_class::<simulate::PySimulatedState>()?;
    module.add_class::<PyExecutor>()
}
