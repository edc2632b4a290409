//! Arguments and results of execution on their way across the boundary.

use std::sync::Arc;

use alloy_eip2930::{AccessList, AccessListItem};
use alloy_eip7702::{Authorization, RecoveredAuthorization};
use alloy_primitives::{Address, B256, Bytes, U256};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::super::codec::PyTransaction;
use super::super::convert::{address_to_py, fixed, hash_to_py, u256_from_py, u256_to_py};
use crate::codec::SetCodeAuthorization;
use crate::evm::call::CallRequest;
use crate::evm::environment::BlockOverride;
use crate::evm::input::{BlockInput, GenesisAccount};
use crate::evm::pretence::AccountOverride;

/// A 256-bit amount, slot or value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount(pub(super) U256);

impl<'a, 'py> FromPyObject<'a, 'py> for Amount {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        u256_from_py(&value).map(Self)
    }
}

impl<'py> IntoPyObject<'py> for Amount {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        u256_to_py(py, &self.0)
    }
}

/// A hash of 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(pub(super) B256);

impl<'a, 'py> FromPyObject<'a, 'py> for Hash {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let bytes: PyBackedBytes = value.extract()?;
        fixed::<32>(&bytes, "a hash").map(|bytes| Self(bytes.into()))
    }
}

impl<'py> IntoPyObject<'py> for Hash {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        Ok(hash_to_py(py, &self.0))
    }
}

/// An address of 20 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PyAddress(pub(super) Address);

impl<'a, 'py> FromPyObject<'a, 'py> for PyAddress {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let bytes: PyBackedBytes = value.extract()?;
        fixed::<20>(&bytes, "an address").map(|bytes| Self(bytes.into()))
    }
}

impl<'py> IntoPyObject<'py> for PyAddress {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        Ok(address_to_py(py, &self.0))
    }
}

/// The bytes of a Python `bytes`.
fn owned(bytes: &PyBackedBytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

fn pairs(slots: Vec<(Amount, Amount)>) -> Vec<(U256, U256)> {
    slots
        .into_iter()
        .map(|(slot, value)| (slot.0, value.0))
        .collect()
}

/// (address, balance, nonce, code, [(slot, value)…])
pub(super) type PyGenesisAccount = (PyAddress, Amount, u64, PyBackedBytes, Vec<(Amount, Amount)>);

pub(super) fn genesis_account(account: PyGenesisAccount) -> GenesisAccount {
    let (address, balance, nonce, code, storage) = account;
    GenesisAccount {
        address: address.0,
        balance: balance.0,
        nonce,
        code: owned(&code),
        storage: pairs(storage),
    }
}

/// (hash, author, timestamp, difficulty, gas limit, nonce, size, transactions root, transactions)
pub(super) type PyBlockInput<'py> = (
    Hash,
    PyAddress,
    u64,
    Amount,
    u64,
    Amount,
    u64,
    Hash,
    Vec<Bound<'py, PyTransaction>>,
);

pub(super) fn block_inputs(blocks: Vec<PyBlockInput<'_>>) -> Vec<BlockInput> {
    let last = blocks.len().saturating_sub(1);
    let convert = |(place, block): (usize, PyBlockInput<'_>)| {
        let (hash, author, timestamp, difficulty, gas_limit, nonce, size, root, transactions) =
            block;
        let transactions = transactions
            .iter()
            .map(|entry| Arc::clone(&entry.get().inner));
        BlockInput {
            hash: hash.0,
            author: author.0,
            timestamp,
            difficulty: difficulty.0,
            gas_limit,
            nonce: nonce.0,
            size,
            transactions_root: root.0,
            is_pivot: place == last,
            transactions: transactions.collect(),
        }
    };
    blocks.into_iter().enumerate().map(convert).collect()
}

/// A call, as `sogdia.ledger.execution.api.CallRequest` has it.
#[derive(FromPyObject)]
pub(super) struct PyCallRequest {
    sender: PyAddress,
    to: Option<PyAddress>,
    gas: Option<u64>,
    gas_price: Option<Amount>,
    max_fee_per_gas: Option<Amount>,
    max_priority_fee_per_gas: Option<Amount>,
    value: Amount,
    data: PyBackedBytes,
    nonce: Option<u64>,
    access_list: Vec<(PyAddress, Vec<Hash>)>,
    authorizations: Vec<(Amount, PyAddress, u64, u8, Amount, Amount)>,
}

impl PyCallRequest {
    pub(super) fn into_request(self) -> PyResult<CallRequest> {
        let price = |value: Option<Amount>, name: &str| {
            value
                .map(|value| u128::try_from(value.0))
                .transpose()
                .map_err(|_| PyValueError::new_err(format!("{name} does not fit 128 bits")))
        };
        Ok(CallRequest {
            sender: self.sender.0,
            to: self.to.map(|to| to.0),
            gas: self.gas,
            gas_price: price(self.gas_price, "gas_price")?,
            max_fee_per_gas: price(self.max_fee_per_gas, "max_fee_per_gas")?,
            max_priority_fee_per_gas: price(
                self.max_priority_fee_per_gas,
                "max_priority_fee_per_gas",
            )?,
            value: self.value.0,
            data: owned(&self.data),
            nonce: self.nonce,
            access_list: AccessList(self.access_list.into_iter().map(access_item).collect()),
            authorizations: self.authorizations.into_iter().map(authorization).collect(),
        })
    }
}

fn access_item((address, keys): (PyAddress, Vec<Hash>)) -> AccessListItem {
    AccessListItem {
        address: address.0,
        storage_keys: keys.into_iter().map(|key| key.0).collect(),
    }
}

fn authorization(
    (chain_id, address, nonce, y_parity, r, s): (Amount, PyAddress, u64, u8, Amount, Amount),
) -> RecoveredAuthorization {
    SetCodeAuthorization::from_parts(
        Authorization {
            chain_id: chain_id.0,
            address: address.0,
            nonce,
        },
        y_parity,
        r.0,
        s.0,
    )
    .recovered()
}

/// (balance, nonce, code, storage, storage diff) by address.
pub(super) type PyAccountOverride = (
    PyAddress,
    Option<Amount>,
    Option<u64>,
    Option<PyBackedBytes>,
    Option<Vec<(Amount, Amount)>>,
    Vec<(Amount, Amount)>,
);

pub(super) fn account_override(change: PyAccountOverride) -> AccountOverride {
    let (address, balance, nonce, code, storage, storage_diff) = change;
    AccountOverride {
        address: address.0,
        balance: balance.map(|balance| balance.0),
        nonce,
        code: code.as_ref().map(owned),
        storage: storage.map(pairs),
        storage_diff: pairs(storage_diff),
    }
}

/// A block override, as `sogdia.ledger.execution.api.BlockOverride` has it.
#[derive(FromPyObject)]
pub(super) struct PyBlockOverride {
    number: Option<u64>,
    timestamp: Option<u64>,
    author: Option<PyAddress>,
    gas_limit: Option<u64>,
    base_price: Option<u64>,
    prev_randao: Option<Hash>,
    difficulty: Option<Amount>,
}

impl From<PyBlockOverride> for BlockOverride {
    fn from(change: PyBlockOverride) -> Self {
        Self {
            number: change.number,
            timestamp: change.timestamp,
            author: change.author.map(|author| author.0),
            gas_limit: change.gas_limit,
            base_price: change.base_price,
            prev_randao: change.prev_randao.map(|hash| hash.0),
            difficulty: change.difficulty.map(|amount| amount.0),
        }
    }
}
