//! Traces: an epoch is run again up to a transaction, and that one under the eyes of a tracer.
//!
//! The tracers are revm-inspectors', so that their output is what tools made for geth expect.

use alloy_eip2930::{AccessList, AccessListItem};
use alloy_primitives::B256;
use alloy_rpc_types_trace::geth::{GethDebugTracingOptions, GethTrace};
use revm::context::result::{EVMError, ExecResultAndState};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::context_interface::JournalTr;
use revm::database::CacheDB;
use revm::{DatabaseCommit, DatabaseRef};
use revm_inspectors::access_list::AccessListInspector;
use revm_inspectors::tracing::{DebugInspector, TransactionContext};

use super::bounded::{Bounded, Recorded, TRACE_TOO_LARGE};
use super::call::{CallContext, CallRequest, CallResult, call_env, call_result, relax, words};
use super::database::ViewReader;
use super::environment::{BlockOverride, recorded_env, transaction_env};
use super::error::ExecutionError;
use super::executor::Executor;
use super::history;
use super::kept::Placed;
use super::machine;
use super::pretence;
use super::receipt::price_of;
use super::record::EpochRecord;
use super::run::{run, run_watched};
use crate::state::{Space, StateView};

/// Most steps that a trace of opcodes records: at about 1 KB each, 100 MB. A loop over a whole
/// block's gas would be ten million.
pub const STEPS_MAX: u64 = 100_000;
/// Most bytes that the steps or the calls of a trace may hold; as JSON about three times as much.
pub const TRACE_BYTES_MAX: usize = 64 << 20;

/// Most bytes that the traces of an epoch may fill as JSON: a few times what one may. What a node
/// answers is far less, so that nobody misses it.
const EPOCH_BYTES_MAX: usize = 3 * TRACE_BYTES_MAX;
/// The gas that all runs for one access list may burn, in calls of the most gas: a list settles with
/// the second or third run, unless the code is made to go on.
const RUNS_MAX: u64 = 4;

/// A call, and what it runs on.
struct Prepared<'a> {
    database: CacheDB<ViewReader<'a>>,
    cfg: CfgEnv,
    block: BlockEnv,
    transaction: TxEnv,
}

/// A traced transaction: its hash and its trace as JSON.
pub type Traced = (B256, Vec<u8>);

impl Executor {
    /// Traces the transactions of epoch `number`, or only the one at `index`.
    ///
    /// `options` is the JSON object of `debug_traceTransaction`.
    ///
    /// # Errors
    /// `MissingHistory` if the state before the epoch is not kept; `InvalidTracer` for options that
    /// no tracer takes, and for more than is held; `Store`, `Damaged`.
    pub fn trace_epoch(
        &self,
        number: u64,
        index: Option<u32>,
        options: &str,
    ) -> Result<Option<Vec<Traced>>, ExecutionError> {
        let options = parse_options(options)?;
        let Some(epoch) = self.kept(number)? else {
            return Ok(None);
        };
        let Some(before) = number.checked_sub(1) else {
            return Ok(Some(Vec::new()));
        };
        let view = self.view(Some(before))?;
        let mut reader = ViewReader::new(&view, &self.codes, Space::Ethereum);
        history::begin(&mut reader, number)?;
        let mut database = CacheDB::new(reader);
        let (mut traces, mut bytes) = (Vec::new(), 0);
        for placed in epoch.receipts()? {
            if index.is_some_and(|index| placed.index > index) {
                break;
            }
            let (block, transaction) = replay_env(&epoch.record, &placed)?;
            if index.is_none_or(|index| placed.index == index) {
                let context = TransactionContext::default()
                    .with_block_hash(epoch.record.pivot)
                    .with_tx_index(placed.index as usize)
                    .with_tx_hash(placed.receipt.transaction.hash);
                let trace = self.trace(&mut database, block, transaction, context, &options)?;
                let json = encode(&trace)?;
                bytes += json.len();
                traces.push((placed.receipt.transaction.hash, json));
                if index.is_none() && bytes > EPOCH_BYTES_MAX {
                    return Err(too_large(&epoch.record, traces.len()));
                }
            } else {
                self.replay(&mut database, block, transaction)?;
            }
        }
        Ok(Some(traces))
    }

    /// Traces a call.
    ///
    /// # Errors
    /// As `call`; `InvalidTracer`.
    pub fn trace_call(
        &self,
        request: &CallRequest,
        context: &CallContext,
        options: &str,
    ) -> Result<Vec<u8>, ExecutionError> {
        let options = parse_options(options)?;
        let view = self.view(context.at)?;
        let prepared = self.prepare(&view, request, context)?;
        let (cfg, block, transaction) = (prepared.cfg, prepared.block, prepared.transaction);
        let mut database = prepared.database;
        let mut inspector = inspector(&options)?;
        let mut machine = machine::build_watched(&mut database, cfg, &mut inspector);
        machine::set_block(&mut machine, block.clone());
        let result = run_watched(&mut machine, &self.params, transaction.clone());
        let state = machine.ctx.journaled_state.finalize();
        drop(machine);
        let result = result.map_err(|error| refusal(error, &transaction))?;
        let outcome = ExecResultAndState { result, state };
        let trace = inspector
            .inner
            .get_result(None, &transaction, &block, &outcome, &mut database)
            .map_err(|error| ExecutionError::Machine(error.to_string()))?;
        encode(&trace)
    }

    /// The accounts and slots that a call touches, and how it ends with them warmed.
    ///
    /// # Errors
    /// As `call`; `InvalidCall` also if the list grows with every run.
    pub fn access_list(
        &self,
        request: &CallRequest,
        context: &CallContext,
    ) -> Result<(CallRequest, CallResult), ExecutionError> {
        let view = self.view(context.at)?;
        let mut request = request.clone();
        let (mut burnt, burnt_max) = (0_u64, self.params.call_gas_max.saturating_mul(RUNS_MAX));
        // A warmed slot may change the way the code takes: repeat until the list stays the same.
        while burnt <= burnt_max {
            let prepared = self.prepare(&view, &request, context)?;
            let transaction = prepared.transaction;
            let mut inspector = AccessListInspector::new(request.access_list.clone());
            let mut machine =
                machine::build_watched(prepared.database, prepared.cfg, &mut inspector);
            machine::set_block(&mut machine, prepared.block);
            let result = run_watched(&mut machine, &self.params, transaction.clone());
            drop(machine);
            let result = result.map_err(|error| refusal(error, &transaction))?;
            let mut list = inspector.into_access_list();
            keep_slots(&mut list, &request.access_list);
            if list == request.access_list {
                return Ok((request, call_result(result)));
            }
            request.access_list = list;
            burnt = burnt.saturating_add(result.tx_gas_used());
        }
        let reason = format!(
            "the access list still grows after {burnt} gas: give the call less gas, or a longer list"
        );
        Err(ExecutionError::InvalidCall { reason })
    }

    /// Makes a call ready to be run under the eyes of an inspector.
    fn prepare<'a>(
        &'a self,
        view: &'a StateView,
        request: &CallRequest,
        context: &CallContext,
    ) -> Result<Prepared<'a>, ExecutionError> {
        let reader = ViewReader::new(view, &self.codes, Space::Ethereum);
        let mut reader = pretence::pretend(reader, &context.accounts)?;
        if let Some(number) = context.block.number {
            history::begin(&mut reader, number)?;
        }
        let database = CacheDB::new(reader);
        let mut cfg = machine::configuration(&self.params);
        relax(&mut cfg, &self.params);
        let record = self.record(view.at())?.unwrap_or_default();
        let mut block = recorded_env(&record, view.at(), &context.block);
        cfg.disable_base_fee = request.price_cap() == 0;
        if cfg.disable_base_fee {
            block.basefee = 0;
        }
        let limit = self.params.call_gas_max;
        let nonce = match request.nonce {
            Some(nonce) => nonce,
            None => {
                database
                    .basic_ref(request.sender)?
                    .unwrap_or_default()
                    .nonce
            }
        };
        let mut transaction = call_env(request, nonce);
        transaction.gas_limit = request
            .gas
            .map_or(block.gas_limit.min(limit), |gas| gas.min(limit));
        Ok(Prepared {
            database,
            cfg,
            block,
            transaction,
        })
    }

    fn trace(
        &self,
        database: &mut CacheDB<ViewReader<'_>>,
        block: BlockEnv,
        transaction: TxEnv,
        context: TransactionContext,
        options: &GethDebugTracingOptions,
    ) -> Result<GethTrace, ExecutionError> {
        let mut inspector = inspector(options)?;
        let cfg = machine::configuration(&self.params);
        let mut machine = machine::build_watched(&mut *database, cfg, &mut inspector);
        machine::set_block(&mut machine, block.clone());
        let result = run_watched(&mut machine, &self.params, transaction.clone());
        let state = machine.ctx.journaled_state.finalize();
        drop(machine);
        let outcome = ExecResultAndState {
            result: result.map_err(machine::failure)?,
            state,
        };
        let trace = inspector
            .inner
            .get_result(Some(context), &transaction, &block, &outcome, database)
            .map_err(|error| ExecutionError::Machine(error.to_string()))?;
        database.commit(outcome.state);
        Ok(trace)
    }

    fn replay(
        &self,
        database: &mut CacheDB<ViewReader<'_>>,
        block: BlockEnv,
        transaction: TxEnv,
    ) -> Result<(), ExecutionError> {
        let cfg = machine::configuration(&self.params);
        let mut machine = machine::build(&mut *database, cfg);
        machine::set_block(&mut machine, block);
        run(&mut machine, &self.params, transaction).map_err(machine::failure)?;
        let state = machine.ctx.journaled_state.finalize();
        drop(machine);
        database.commit(state);
        Ok(())
    }
}

/// What an executed transaction saw when it was executed.
fn replay_env(
    record: &EpochRecord,
    placed: &Placed<'_>,
) -> Result<(BlockEnv, TxEnv), ExecutionError> {
    let container = record.blocks.get(placed.receipt.block as usize);
    let change = BlockOverride {
        author: container.map(|block| block.author),
        gas_limit: container.map(|block| block.gas_limit),
        ..BlockOverride::default()
    };
    let mut block = recorded_env(record, placed.epoch, &change);
    let transaction = &placed.receipt.transaction;
    let price = price_of(transaction, record.base_price);
    block.basefee = u64::try_from(price).map_or(block.basefee, |price| block.basefee.min(price));
    let unpayable = || ExecutionError::Machine("an executed transaction has no price".to_owned());
    Ok((block, transaction_env(transaction).ok_or_else(unpayable)?))
}

/// Keeps the slots of `earlier` in `list`: the inspector drops those of the sender and of the callee,
/// which are warm without a list, and a run that does not come to them again would drop them, too.
/// Two lists could then follow each other without end.
fn keep_slots(list: &mut AccessList, earlier: &AccessList) {
    let has_slots = |entry: &&AccessListItem| !entry.storage_keys.is_empty();
    list.0.extend(earlier.0.iter().filter(has_slots).cloned());
    list.normalize();
}

fn too_large(record: &EpochRecord, traced: usize) -> ExecutionError {
    ExecutionError::InvalidTracer {
        reason: format!(
            "{TRACE_TOO_LARGE}: the first {traced} of the epoch's {} transactions fill more than \
             {EPOCH_BYTES_MAX} bytes: trace them one by one",
            record.transactions
        ),
    }
}

fn parse_options(options: &str) -> Result<GethDebugTracingOptions, ExecutionError> {
    let mut options: GethDebugTracingOptions =
        serde_json::from_str(options).map_err(|error| ExecutionError::InvalidTracer {
            reason: error.to_string(),
        })?;
    let asked = options
        .config
        .limit
        .filter(|limit| *limit > 0)
        .unwrap_or(STEPS_MAX);
    options.config.limit = Some(asked.min(STEPS_MAX));
    Ok(options)
}

fn inspector(options: &GethDebugTracingOptions) -> Result<Bounded<DebugInspector>, ExecutionError> {
    let inner = DebugInspector::new(options.clone()).map_err(|error| {
        let reason = error.to_string();
        ExecutionError::InvalidTracer { reason }
    })?;
    let steps_max = options.config.limit.unwrap_or(STEPS_MAX);
    let (records, steps_max) = match &inner {
        DebugInspector::Default(_, config) => {
            let records = Recorded {
                stack: config.is_stack_enabled(),
                memory: config.is_memory_enabled(),
                return_data: config.is_return_data_enabled(),
                calls: false,
            };
            (records, steps_max)
        }
        // It knows no limit of steps.
        DebugInspector::Erc7562Tracer(..) => (Recorded::ALL, u64::MAX),
        _ => (Recorded::CALLS, 0),
    };
    Ok(Bounded::new(inner, records, steps_max, TRACE_BYTES_MAX))
}

fn encode(trace: &GethTrace) -> Result<Vec<u8>, ExecutionError> {
    serde_json::to_vec(trace).map_err(|error| ExecutionError::Machine(error.to_string()))
}

fn refusal(error: machine::MachineError, transaction: &TxEnv) -> ExecutionError {
    match error {
        EVMError::Transaction(error) => ExecutionError::InvalidCall {
            reason: words(&error, transaction, transaction.gas_limit),
        },
        error => machine::failure(error),
    }
}
