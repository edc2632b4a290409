//! Blocks of calls on one pretended state that lives between them: `eth_simulateV1`.
//!
//! * **SB1** What a block's calls leave, the next block finds; nothing of it is ever stored.
//! * **SB2** A block fails at the first call that it could not contain; what came before stays.

use std::sync::{Mutex, PoisonError};

use alloy_primitives::{Address, B256, Log, U256};
use revm::context::result::{EVMError, InvalidTransaction};
use revm::context::{BlockEnv, TxEnv};
use revm::context_interface::JournalTr;
use revm::database::{Cache, CacheDB};
use revm::{Database, DatabaseCommit};

use super::call::{CallRequest, CallResult, call_env, call_result, logs_of, relax, words};
use super::code::analyse;
use super::database::ViewReader;
use super::environment::{BlockOverride, recorded_env};
use super::error::ExecutionError;
use super::executor::Executor;
use super::history;
use super::machine;
use super::pretence::AccountOverride;
use super::record::EpochRecord;
use super::run::run_watched;
use super::simulate_watch::{Precompiles, TransferLogs};
use crate::crypto::keccak256;
use crate::state::{Space, StateView};

/// A pretended state between two blocks.
pub struct SimulatedState {
    view: StateView,
    record: EpochRecord,
    cache: Mutex<Cache>,
}

impl std::fmt::Debug for SimulatedState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulatedState")
            .field("at", &self.view.at())
            .finish_non_exhaustive()
    }
}

/// One block to simulate.
#[derive(Clone, Debug, Default)]
pub struct BlockPlan {
    /// Its environment; what it leaves open is the base epoch's.
    pub block: BlockOverride,
    /// What is pretended before its calls.
    pub accounts: Vec<AccountOverride>,
    /// Precompiles that answer at another address: (from, to).
    pub moved: Vec<(Address, Address)>,
    /// Number and hash of simulated blocks before it, for BLOCKHASH.
    pub hashes: Vec<(u64, B256)>,
    /// Its calls.
    pub calls: Vec<CallRequest>,
    /// Gas that all its calls together may burn, whatever the block's limit.
    pub gas_budget: u64,
    /// Whether nonces and the base price are judged as a real block judges them.
    pub validates: bool,
    /// Whether a transfer of value is logged as an ERC-20 transfer.
    pub logs_transfers: bool,
}

/// One call of a simulated block.
#[derive(Clone, Debug)]
pub struct BlockCall {
    /// How it ended.
    pub result: CallResult,
    /// What it logged; nothing if it failed.
    pub logs: Vec<Log>,
    /// The nonce it was run with.
    pub nonce: u64,
    /// The gas limit it was run with.
    pub gas_limit: u64,
}

type Layered<'a> = CacheDB<ViewReader<'a>>;

impl Executor {
    /// The state of epoch `at`, or of the last one, to simulate on.
    ///
    /// # Errors
    /// `MissingHistory`, `Store`, `Damaged`.
    pub fn simulated_state(&self, at: Option<u64>) -> Result<SimulatedState, ExecutionError> {
        let view = self.view(at)?;
        let record = self.record(view.at())?.unwrap_or_default();
        Ok(SimulatedState {
            view,
            record,
            cache: Mutex::new(Cache::default()),
        })
    }

    /// Runs one block on what earlier ones left in `state`.
    ///
    /// # Errors
    /// `InvalidCall` for a call that the block could not contain; `Store`, `Damaged`.
    pub fn simulate_block(
        &self,
        state: &SimulatedState,
        plan: &BlockPlan,
    ) -> Result<Vec<BlockCall>, ExecutionError> {
        let mut cache = state.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let mut database = CacheDB {
            cache: std::mem::take(&mut *cache),
            db: ViewReader::new(&state.view, &self.codes, Space::Ethereum),
        };
        let hashes = plan.hashes.iter();
        let hashes = hashes.map(|(number, hash)| (U256::from(*number), *hash));
        database.cache.block_hashes.extend(hashes);
        let block = recorded_env(&state.record, state.view.at(), &plan.block);
        let outcome = self.run_block(&mut database, &block, plan);
        *cache = database.cache;
        outcome
    }

    fn run_block(
        &self,
        database: &mut Layered<'_>,
        block: &BlockEnv,
        plan: &BlockPlan,
    ) -> Result<Vec<BlockCall>, ExecutionError> {
        let precompiles = Precompiles::new(self.params.spec, &plan.moved, &plan.accounts)?;
        pretend(database, &plan.accounts)?;
        if let Ok(number) = u64::try_from(block.number) {
            history::begin_simulated(database, number)?;
        }
        let (mut gas_used, mut budget) = (0_u64, plan.gas_budget);
        let mut calls = Vec::with_capacity(plan.calls.len());
        for request in &plan.calls {
            let asked = request.gas.unwrap_or(block.gas_limit - gas_used);
            if gas_used.saturating_add(asked) > block.gas_limit {
                let reason = format!("block gas limit reached: {gas_used} >= {}", block.gas_limit);
                return Err(ExecutionError::InvalidCall { reason });
            }
            let gas_limit = asked.min(budget);
            let call = self.run_one(database, block, &precompiles, plan, (request, gas_limit))?;
            gas_used += call.result.gas_used;
            budget = budget.saturating_sub(call.result.gas_used);
            calls.push(call);
        }
        Ok(calls)
    }

    fn run_one(
        &self,
        database: &mut Layered<'_>,
        block: &BlockEnv,
        precompiles: &Precompiles,
        plan: &BlockPlan,
        (request, gas_limit): (&CallRequest, u64),
    ) -> Result<BlockCall, ExecutionError> {
        let nonce = match request.nonce {
            Some(nonce) => nonce,
            None => database.basic(request.sender)?.unwrap_or_default().nonce,
        };
        let mut transaction = call_env(request, nonce);
        transaction.gas_limit = gas_limit;
        if nonce == u64::MAX {
            // Ethereum judges it before the price, and revm after.
            let error = InvalidTransaction::NonceOverflowInTransaction;
            return Err(refusal(&error, &transaction, block.basefee));
        }
        let mut cfg = machine::configuration(&self.params);
        relax(&mut cfg, &self.params);
        cfg.disable_nonce_check = !plan.validates;
        cfg.disable_base_fee = !plan.validates && request.price_cap() == 0;
        let watcher = TransferLogs::new(plan.logs_transfers);
        let plain = machine::build_watched(&mut *database, cfg, watcher);
        let mut machine = plain.with_precompiles(precompiles.clone());
        machine::set_block(&mut machine, block.clone());
        let result = run_watched(&mut machine, &self.params, transaction.clone());
        let state = machine.ctx.journaled_state.finalize();
        drop(machine);
        let result = result.map_err(|error| match error {
            EVMError::Transaction(error) => refusal(&error, &transaction, block.basefee),
            error => machine::failure(error),
        })?;
        database.commit(state);
        Ok(BlockCall {
            logs: logs_of(&result),
            result: call_result(result),
            nonce,
            gas_limit,
        })
    }
}

/// Geth's words in full: a simulation's caller sees them as they are.
fn refusal(error: &InvalidTransaction, transaction: &TxEnv, base_price: u64) -> ExecutionError {
    let gas_limit = transaction.gas_limit;
    let told = match error {
        InvalidTransaction::LackOfFundForMaxFee { fee, balance } => format!(
            "insufficient funds for gas * price + value: address {} have {balance} want {fee}",
            transaction.caller
        ),
        InvalidTransaction::GasPriceLessThanBasefee => {
            let told = words(error, transaction, gas_limit);
            format!("{told}, baseFee: {base_price}")
        }
        other => words(other, transaction, gas_limit),
    };
    ExecutionError::InvalidCall {
        reason: format!("err: {told} (supplied gas {gas_limit})"),
    }
}

/// Lays `overrides` over what earlier blocks left.
fn pretend(
    database: &mut Layered<'_>,
    overrides: &[AccountOverride],
) -> Result<(), ExecutionError> {
    for change in overrides {
        let address = change.address;
        let mut info = database.load_account(address)?.info.clone();
        info.balance = change.balance.unwrap_or(info.balance);
        info.nonce = change.nonce.unwrap_or(info.nonce);
        if let Some(code) = &change.code {
            info.code_hash = keccak256(code);
            info.code = Some(analyse(code.clone()));
        }
        database.insert_account_info(address, info);
        if let Some(storage) = &change.storage {
            database.replace_account_storage(address, storage.iter().copied().collect())?;
        }
        for (slot, value) in &change.storage_diff {
            database.insert_account_storage(address, *slot, *value)?;
        }
    }
    Ok(())
}
