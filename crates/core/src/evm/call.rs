//! Calls that are tried and thrown away.

use alloy_eip2930::AccessList;
use alloy_eip7702::RecoveredAuthorization;
use alloy_primitives::{Address, Bytes, Log, TxKind, U256};
use revm::context::either::Either;
use revm::context::result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::context_interface::JournalTr;

use super::database::{StateDatabase, ViewReader};
use super::environment::{BlockOverride, recorded_env};
use super::error::ExecutionError;
use super::executor::Executor;
use super::history;
use super::machine::{self, Machine, MachineResult};
use super::params::ExecutionParams;
use super::pretence::{self, AccountOverride};
use super::run::{run, run_if_brief};
use crate::codec::INITCODE_BYTES_MAX;
use crate::state::{AccountRecord, Space, StateView};

/// A call to try.
#[derive(Clone, Debug, Default)]
pub struct CallRequest {
    /// Who calls.
    pub sender: Address,
    /// `None` runs `data` as init code.
    pub to: Option<Address>,
    /// `None`: the most there is.
    pub gas: Option<u64>,
    /// Price of a legacy call.
    pub gas_price: Option<u128>,
    /// Cap of a dynamic-fee call.
    pub max_fee_per_gas: Option<u128>,
    /// Tip of a dynamic-fee call.
    pub max_priority_fee_per_gas: Option<u128>,
    /// In drip.
    pub value: U256,
    /// Call data or init code.
    pub data: Bytes,
    /// `None`: the sender's own.
    pub nonce: Option<u64>,
    /// What it warms.
    pub access_list: AccessList,
    /// Recovered by the caller.
    pub authorizations: Vec<RecoveredAuthorization>,
}

impl CallRequest {
    /// The most it offers per unit of gas, zero if it names no price.
    #[must_use]
    pub fn price_cap(&self) -> u128 {
        self.gas_price.or(self.max_fee_per_gas).unwrap_or(0)
    }
}

/// Where a call runs: the state of an epoch, and what is pretended over it.
#[derive(Clone, Debug, Default)]
pub struct CallContext {
    /// The epoch, `None` for the last.
    pub at: Option<u64>,
    /// Pretended accounts.
    pub accounts: Vec<AccountOverride>,
    /// Pretended block.
    pub block: BlockOverride,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallResult {
    /// 1 success, 0 reverted, 2 halted.
    pub status: u8,
    /// Return or revert data.
    pub output: Bytes,
    /// Gas charged.
    pub gas_used: u64,
    /// Gas needed before refunds.
    pub gas_spent: u64,
    /// Why it halted.
    pub halt: Option<HaltReason>,
}

impl Executor {
    /// Runs a call and throws its changes away.
    ///
    /// # Errors
    /// `InvalidCall` if it cannot be tried at all; `MissingHistory`, `Store`, `Damaged`.
    pub fn call(
        &self,
        request: &CallRequest,
        context: &CallContext,
    ) -> Result<CallResult, ExecutionError> {
        let view = self.view(context.at)?;
        let mut trial = Trial::new(self, &view, request, context)?;
        let gas = trial.gas_for(request);
        trial.run(gas)
    }
}

/// A call made ready to be run, once or with several gas limits.
pub(super) struct Trial<'a> {
    pub(super) machine: Machine<'a>,
    executor: &'a Executor,
    block: BlockEnv,
    transaction: TxEnv,
    /// The most gas that may be tried.
    pub(super) gas_max: u64,
    /// Whether it is given up when it proves to be long.
    pub(super) is_brief: bool,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        executor: &'a Executor,
        view: &'a StateView,
        request: &CallRequest,
        context: &CallContext,
    ) -> Result<Self, ExecutionError> {
        let record = executor.record(view.at())?.unwrap_or_default();
        let block = recorded_env(&record, view.at(), &context.block);
        let mut cfg = machine::configuration(&executor.params);
        relax(&mut cfg, &executor.params);
        let gas_max = block.gas_limit.min(executor.params.call_gas_max);
        let reader = ViewReader::new(view, &executor.codes, Space::Ethereum);
        let mut reader = pretence::pretend(reader, &context.accounts)?;
        if let Some(number) = context.block.number {
            history::begin(&mut reader, number)?;
        }
        let machine = machine::build(StateDatabase::new(reader), cfg);
        let mut trial = Self {
            machine,
            executor,
            block,
            transaction: TxEnv::default(),
            gas_max,
            is_brief: false,
        };
        trial.take(request)?;
        Ok(trial)
    }

    /// Makes `request` the call to run.
    pub(super) fn take(&mut self, request: &CallRequest) -> Result<(), ExecutionError> {
        // Where nothing is charged nothing may be asked of the price; BASEFEE shows zero, as geth.
        let is_free = request.price_cap() == 0;
        self.machine.ctx.cfg.disable_base_fee = is_free;
        let basefee = if is_free { 0 } else { self.block.basefee };
        let block = BlockEnv {
            basefee,
            ..self.block.clone()
        };
        machine::set_block(&mut self.machine, block);
        let nonce = match request.nonce {
            Some(nonce) => nonce,
            None => self.account(request.sender)?.nonce,
        };
        self.transaction = call_env(request, nonce);
        Ok(())
    }

    /// The gas a request is run with: what it asks for, as far as that is allowed.
    pub(super) fn gas_for(&self, request: &CallRequest) -> u64 {
        let limit = self.executor.params.call_gas_max;
        request.gas.map_or(self.gas_max, |gas| gas.min(limit))
    }

    fn account(&mut self, address: Address) -> Result<AccountRecord, ExecutionError> {
        let database = &mut self.machine.ctx.journaled_state.database;
        Ok(database.account_before(address)?.unwrap_or_default())
    }

    /// The sender's balance.
    pub(super) fn balance(&mut self, address: Address) -> Result<U256, ExecutionError> {
        Ok(self.account(address)?.balance)
    }

    /// Whether code stands at `address`.
    pub(super) fn has_code(&mut self, address: Address) -> Result<bool, ExecutionError> {
        Ok(self.account(address)?.code_hash != AccountRecord::default().code_hash)
    }

    /// Runs it with a gas limit, always on the state as it was.
    pub(super) fn run(&mut self, gas_limit: u64) -> Result<CallResult, ExecutionError> {
        let result = self.transact(gas_limit);
        let _changes = self.machine.ctx.journaled_state.finalize();
        match result {
            Ok(result) => Ok(call_result(result)),
            Err(EVMError::Transaction(error)) => Err(self.refusal(&error, gas_limit)),
            Err(error) => Err(machine::failure(error)),
        }
    }

    /// Runs it and leaves its changes in the journal.
    pub(super) fn transact(&mut self, gas_limit: u64) -> MachineResult {
        let mut transaction = self.transaction.clone();
        transaction.gas_limit = gas_limit;
        let (machine, params) = (&mut self.machine, &self.executor.params);
        if self.is_brief {
            run_if_brief(machine, params, transaction)
        } else {
            run(machine, params, transaction)
        }
    }

    /// Our error for a call that cannot be tried.
    pub(super) fn refusal(&self, error: &InvalidTransaction, gas_limit: u64) -> ExecutionError {
        let reason = words(error, &self.transaction, gas_limit);
        ExecutionError::InvalidCall { reason }
    }
}

/// A call is not a transaction: it needs no right nonce, no key, and no place in a block. Nobody
/// pays for its memory either, so that has a limit of its own.
pub(super) fn relax(cfg: &mut CfgEnv, params: &ExecutionParams) {
    cfg.memory_limit = params.call_memory_max;
    cfg.disable_nonce_check = true;
    cfg.disable_eip3607 = true;
    cfg.disable_block_gas_limit = true;
    cfg.tx_gas_limit_cap = Some(u64::MAX);
}

/// A call as the machine takes it; the gas limit is set when it is run.
pub(super) fn call_env(request: &CallRequest, nonce: u64) -> TxEnv {
    let is_dynamic =
        request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some();
    let tx_type = if !request.authorizations.is_empty() {
        4
    } else if is_dynamic {
        2
    } else {
        u8::from(!request.access_list.0.is_empty())
    };
    TxEnv {
        tx_type,
        caller: request.sender,
        gas_limit: 0,
        gas_price: request.price_cap(),
        kind: request.to.map_or(TxKind::Create, TxKind::Call),
        value: request.value,
        data: request.data.clone(),
        nonce,
        chain_id: None,
        access_list: request.access_list.clone(),
        gas_priority_fee: (tx_type == 2 || tx_type == 4)
            .then_some(request.max_priority_fee_per_gas.unwrap_or(0)),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: request
            .authorizations
            .iter()
            .cloned()
            .map(Either::Right)
            .collect(),
    }
}

/// What a call logged; nothing if it failed.
pub(super) fn logs_of(result: &ExecutionResult<HaltReason>) -> Vec<Log> {
    if result.is_success() {
        result.logs().to_vec()
    } else {
        Vec::new()
    }
}

pub(super) fn call_result(result: ExecutionResult<HaltReason>) -> CallResult {
    let gas = *result.gas();
    let (status, output, halt) = match result {
        ExecutionResult::Success { output, .. } => (1, output.into_data(), None),
        ExecutionResult::Revert { output, .. } => (0, output, None),
        ExecutionResult::Halt { reason, .. } => (2, Bytes::new(), Some(reason)),
    };
    CallResult {
        status,
        output,
        gas_used: gas.tx_gas_used(),
        gas_spent: gas.total_gas_spent().max(gas.floor_gas()),
        halt,
    }
}

/// Geth's words for why a call cannot be tried: tools look for them.
pub(super) fn words(error: &InvalidTransaction, transaction: &TxEnv, gas_limit: u64) -> String {
    let sender = transaction.caller;
    match error {
        InvalidTransaction::LackOfFundForMaxFee { fee, balance } if transaction.gas_price > 0 => {
            format!(
                "insufficient funds for gas * price + value: address {sender} have {balance} want {fee}"
            )
        }
        InvalidTransaction::LackOfFundForMaxFee { .. } => {
            format!("insufficient funds for transfer: address {sender}")
        }
        InvalidTransaction::GasPriceLessThanBasefee => format!(
            "max fee per gas less than block base fee: address {sender}, maxFeePerGas: {}",
            transaction.gas_price
        ),
        InvalidTransaction::PriorityFeeGreaterThanMaxFee => format!(
            "max priority fee per gas higher than max fee per gas: address {sender}, \
             maxPriorityFeePerGas: {}, maxFeePerGas: {}",
            transaction.gas_priority_fee.unwrap_or(0),
            transaction.gas_price
        ),
        InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, .. } => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        InvalidTransaction::GasFloorMoreThanGasLimit { gas_floor, .. } => {
            format!("insufficient gas for floor data gas cost: have {gas_limit}, want {gas_floor}")
        }
        InvalidTransaction::CreateInitCodeSizeLimit => format!(
            "max initcode size exceeded: code size {} limit {INITCODE_BYTES_MAX}",
            transaction.data.len()
        ),
        InvalidTransaction::NonceTooLow { tx, state } => {
            format!("nonce too low: address {sender}, tx: {tx} state: {state}")
        }
        InvalidTransaction::NonceTooHigh { tx, state } => {
            format!("nonce too high: address {sender}, tx: {tx} state: {state}")
        }
        InvalidTransaction::NonceOverflowInTransaction => {
            format!(
                "nonce has max value: address {sender}, nonce: {}",
                transaction.nonce
            )
        }
        other => other.to_string(),
    }
}
