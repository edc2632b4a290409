//! Running the transactions of one epoch, in order, on one machine.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use alloy_primitives::{Address, B256, U256};
use revm::context::BlockEnv;
use revm::context::result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction};
use revm::context_interface::JournalTr;

use super::changes::{ChangeSet, collect};
use super::code::CodeCache;
use super::database::{StateDatabase, ViewReader};
use super::environment::{block_env, transaction_env};
use super::error::ExecutionError;
use super::history::{self, Beginning};
use super::input::{BlockInput, EpochInput, Unexecuted};
use super::machine::{self, Machine};
use super::params::ExecutionParams;
use super::receipt::{Receipt, price_of, receipt_leaf};
use super::record::{BlockRecord, SharedFee};
use super::run::run;
use crate::codec::SignedTransaction;
use crate::crypto::simple_mpt::merkle_root;
use crate::state::{Space, StateView};

/// What running an epoch came to, before anything is committed.
#[derive(Debug, Default)]
pub struct Executed {
    /// In execution order.
    pub receipts: Vec<Receipt>,
    /// Transactions without a receipt, each once.
    pub unexecuted: Vec<(B256, Unexecuted)>,
    /// What the state changed by.
    pub set: ChangeSet,
    /// Gas of all receipts.
    pub gas_used: u64,
    /// Fees that nobody receives.
    pub burnt: U256,
    /// The blocks with the fees that they alone may claim.
    pub blocks: Vec<BlockRecord>,
    /// Fees of transactions in several blocks.
    pub shared_fees: Vec<SharedFee>,
    /// Root over the receipts: the simple MPT over the roots of the blocks (protocol §3.10).
    pub receipts_root: B256,
    /// Senders with nonce and balance after the epoch.
    pub senders: Vec<(Address, u64, U256)>,
}

/// Runs `epoch` on the state before it.
///
/// # Errors
/// `Store`, `Damaged`, `Machine`, `BalanceOverflow`: nothing that a transaction can bring about.
pub fn run_epoch(
    params: &ExecutionParams,
    view: &StateView,
    codes: &CodeCache,
    epoch: &EpochInput,
) -> Result<Executed, ExecutionError> {
    let mut reader = ViewReader::new(view, codes, Space::Ethereum);
    let beginning = history::begin(&mut reader, epoch.number)?;
    let machine = machine::build(StateDatabase::new(reader), machine::configuration(params));
    let mut runner = Runner {
        params,
        epoch,
        machine,
        out: Executed::default(),
        seen: HashMap::new(),
        left_out: HashMap::new(),
        containers: Vec::new(),
        fees: Vec::new(),
        leaves: Vec::new(),
        beginning,
    };
    let mut roots = Vec::with_capacity(epoch.blocks.len());
    for (place, block) in epoch.blocks.iter().enumerate() {
        runner.run_block(place as u32, block)?;
        roots.push(merkle_root(&std::mem::take(&mut runner.leaves)));
    }
    runner.out.receipts_root = merkle_root(&roots);
    runner.finish()
}

struct Runner<'a> {
    params: &'a ExecutionParams,
    epoch: &'a EpochInput,
    machine: Machine<'a>,
    out: Executed,
    /// Executed transactions of the epoch.
    seen: HashMap<B256, Seen>,
    /// Transactions left out so far: their places in that list, and the blocks that hold them.
    left_out: HashMap<B256, (usize, Vec<u32>)>,
    /// For transactions in several blocks: place of the receipt, and the other blocks.
    containers: Vec<(usize, u32)>,
    /// The fee less the burnt part, of each receipt.
    fees: Vec<U256>,
    /// Receipt leaves of the present block.
    leaves: Vec<Vec<u8>>,
    /// What the epoch began with.
    beginning: Option<Beginning>,
}

/// Where an executed transaction was met.
struct Seen {
    /// Place of its receipt.
    receipt: usize,
    /// The last block so far that contains it.
    block: u32,
}

impl Runner<'_> {
    fn run_block(&mut self, place: u32, block: &BlockInput) -> Result<(), ExecutionError> {
        let env = block_env(self.epoch, block);
        machine::set_block(&mut self.machine, env.clone());
        for (index, transaction) in block.transactions.iter().enumerate() {
            if let Some(seen) = self.seen.get_mut(&transaction.hash) {
                // Two copies in one block are one: the block may claim the fee once.
                if std::mem::replace(&mut seen.block, place) != place {
                    self.containers.push((seen.receipt, place));
                }
                continue;
            }
            self.run_transaction((place, index as u32), block, &env, transaction)?;
        }
        self.out.blocks.push(BlockRecord {
            hash: block.hash,
            author: block.author,
            gas_limit: block.gas_limit,
            fees: U256::ZERO,
        });
        Ok(())
    }

    /// `place` is that of the block in the epoch, and of the transaction in the block.
    fn run_transaction(
        &mut self,
        place: (u32, u32),
        block: &BlockInput,
        env: &BlockEnv,
        transaction: &Arc<SignedTransaction>,
    ) -> Result<(), ExecutionError> {
        let base_price = U256::from(env.basefee);
        let Some(tx_env) = transaction_env(transaction) else {
            return self.leave_out(place.0, transaction, Unexecuted::InsufficientFunds);
        };
        let price = price_of(transaction, env.basefee);
        let is_cheap = price < base_price;
        if is_cheap {
            // Its miner did not know the pivot's price: it pays what it offered, if that covers
            // the burnt part, and sees its own cap as the base price (protocol §3.11).
            if block.is_pivot || price < self.params.burnt_price(base_price) {
                return self.leave_out(place.0, transaction, Unexecuted::FeeBelowBase);
            }
            let basefee = tx_env.gas_price as u64;
            machine::set_block(
                &mut self.machine,
                BlockEnv {
                    basefee,
                    ..env.clone()
                },
            );
        }
        let result = run(&mut self.machine, self.params, tx_env);
        if is_cheap {
            machine::set_block(&mut self.machine, env.clone());
        }
        match result {
            Ok(result) => self.add_receipt(place, transaction, price, result),
            Err(EVMError::Transaction(error)) => {
                self.leave_out(place.0, transaction, reason(&error))
            }
            Err(error) => Err(machine::failure(error)),
        }
    }

    fn leave_out(
        &mut self,
        block: u32,
        transaction: &SignedTransaction,
        reason: Unexecuted,
    ) -> Result<(), ExecutionError> {
        let (place, blocks) = self.left_out.entry(transaction.hash).or_insert_with(|| {
            self.out.unexecuted.push((transaction.hash, reason));
            (self.out.unexecuted.len() - 1, Vec::new())
        });
        self.out.unexecuted[*place].1 = reason;
        if blocks.last() != Some(&block) {
            blocks.push(block);
        }
        Ok(())
    }

    fn add_receipt(
        &mut self,
        (block, place): (u32, u32),
        transaction: &Arc<SignedTransaction>,
        price: U256,
        result: ExecutionResult<HaltReason>,
    ) -> Result<(), ExecutionError> {
        let is_success = result.is_success();
        let gas_used = result.tx_gas_used();
        let overflow = || ExecutionError::Machine("gas of an epoch exceeds 64 bits".to_owned());
        self.out.gas_used = self
            .out
            .gas_used
            .checked_add(gas_used)
            .ok_or_else(overflow)?;
        let base_price = U256::from(self.epoch.base_price);
        let burnt_price = self.params.burnt_price(base_price).min(price);
        self.out.burnt += burnt_price * U256::from(gas_used);
        self.fees.push((price - burnt_price) * U256::from(gas_used));
        let receipt = Receipt {
            transaction: Arc::clone(transaction),
            block,
            place,
            is_success,
            gas_used,
            logs: if is_success {
                result.into_logs()
            } else {
                Vec::new()
            },
        };
        self.leaves
            .push(receipt_leaf(&receipt, self.out.gas_used, price));
        // Who packed it before it could run contains it as well, and may claim its share.
        if let Some((_, earlier)) = self.left_out.get(&transaction.hash) {
            let others = earlier.iter().filter(|other| **other != block);
            let entries = others.map(|other| (self.out.receipts.len(), *other));
            self.containers.extend(entries);
        }
        let seen = Seen {
            receipt: self.out.receipts.len(),
            block,
        };
        self.seen.insert(transaction.hash, seen);
        self.out.receipts.push(receipt);
        Ok(())
    }

    fn finish(mut self) -> Result<Executed, ExecutionError> {
        self.share_fees();
        let seen = std::mem::take(&mut self.seen);
        self.out
            .unexecuted
            .retain(|(hash, _)| !seen.contains_key(hash));
        let journal = self.machine.ctx.journaled_state.finalize();
        let mut known = HashSet::with_capacity(self.out.receipts.len());
        for receipt in &self.out.receipts {
            let sender = receipt.transaction.sender;
            if let (true, Some(account)) = (known.insert(sender), journal.get(&sender)) {
                let info = &account.info;
                self.out.senders.push((sender, info.nonce, info.balance));
            }
        }
        let database = &mut self.machine.ctx.journaled_state.database;
        self.out.set = collect(journal, database, &self.epoch.rewards)?;
        if let Some(beginning) = self.beginning {
            beginning.add_to(&mut self.out.set);
        }
        Ok(self.out)
    }

    /// Books each fee: to its only block, or to the list of those in several.
    fn share_fees(&mut self) {
        if self.params.pay_author_at_once {
            return;
        }
        self.containers.sort_unstable();
        let mut shared = self.containers.iter().peekable();
        for (place, fee) in self.fees.iter().enumerate() {
            let first = self.out.receipts[place].block;
            let mut blocks = vec![];
            while let Some((_, block)) = shared.next_if(|entry| entry.0 == place) {
                blocks.push(*block);
            }
            if blocks.is_empty() {
                self.out.blocks[first as usize].fees += *fee;
            } else {
                blocks.push(first);
                blocks.sort_unstable();
                self.out.shared_fees.push(SharedFee { fee: *fee, blocks });
            }
        }
    }
}

/// Our word for what revm refused.
fn reason(error: &InvalidTransaction) -> Unexecuted {
    match error {
        InvalidTransaction::NonceTooLow { .. } => Unexecuted::NonceTooLow,
        InvalidTransaction::NonceTooHigh { .. } => Unexecuted::NonceTooHigh,
        InvalidTransaction::LackOfFundForMaxFee { .. }
        | InvalidTransaction::OverflowPaymentInTransaction => Unexecuted::InsufficientFunds,
        InvalidTransaction::GasPriceLessThanBasefee => Unexecuted::FeeBelowBase,
        InvalidTransaction::RejectCallerWithCode => Unexecuted::SenderNotEoa,
        InvalidTransaction::CallerGasLimitMoreThanBlock
        | InvalidTransaction::TxGasLimitGreaterThanCap { .. } => Unexecuted::GasLimitExceeded,
        _ => Unexecuted::Invalid,
    }
}
