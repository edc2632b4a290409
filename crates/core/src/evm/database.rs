//! What the machine reads: a state view, and what is pretended over it.

use std::collections::{HashMap, HashSet};

use alloy_primitives::{Address, B256, U256};
use revm::bytecode::Bytecode;
use revm::state::AccountInfo;
use revm::{Database, DatabaseRef};

use super::code::CodeCache;
use super::error::ExecutionError;
use crate::state::{AccountRecord, Space, StateView};

/// One space of a state view, and what is pretended over it; nothing is remembered.
pub struct ViewReader<'a> {
    view: &'a StateView,
    codes: &'a CodeCache,
    space: Space,
    /// What a call pretends of the state.
    pub(super) pretended: Pretended,
}

/// What a call pretends of the state.
#[derive(Debug, Default)]
pub(super) struct Pretended {
    /// Accounts, whole.
    pub(super) accounts: HashMap<Address, AccountRecord>,
    /// Code that is not stored, by hash.
    pub(super) codes: HashMap<B256, Bytecode>,
    /// Slots.
    pub(super) slots: HashMap<(Address, U256), U256>,
    /// Accounts whose other slots are all zero.
    pub(super) cleared: HashSet<Address>,
}

impl<'a> ViewReader<'a> {
    /// Reads `space` of `view`.
    #[must_use]
    pub fn new(view: &'a StateView, codes: &'a CodeCache, space: Space) -> Self {
        Self {
            view,
            codes,
            space,
            pretended: Pretended::default(),
        }
    }

    /// The view it reads.
    pub(super) const fn view(&self) -> &'a StateView {
        self.view
    }

    /// The account at `address`, `None` if there is none.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn account(&self, address: Address) -> Result<Option<AccountRecord>, ExecutionError> {
        match self.pretended.accounts.get(&address) {
            Some(record) => Ok(Some(*record)),
            None => Ok(self.view.account(self.space, address)?),
        }
    }
}

impl DatabaseRef for ViewReader<'_> {
    type Error = ExecutionError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, ExecutionError> {
        Ok(self.account(address)?.map(account_info))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, ExecutionError> {
        match self.pretended.codes.get(&code_hash) {
            Some(code) => Ok(code.clone()),
            None => self.codes.get(code_hash, || Ok(self.view.code(code_hash)?)),
        }
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, ExecutionError> {
        if let Some(value) = self.pretended.slots.get(&(address, slot)) {
            return Ok(*value);
        }
        if self.pretended.cleared.contains(&address) {
            return Ok(U256::ZERO);
        }
        Ok(self.view.storage(self.space, address, slot)?)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, ExecutionError> {
        Ok(self.view.pivot(number)?.unwrap_or_default())
    }
}

fn account_info(record: AccountRecord) -> AccountInfo {
    AccountInfo {
        balance: record.balance,
        nonce: record.nonce,
        code_hash: record.code_hash,
        ..AccountInfo::default()
    }
    .without_code()
}

/// What a reader reads, and every value it gave out: they are the values before.
pub struct StateDatabase<'a> {
    reader: ViewReader<'a>,
    accounts: HashMap<Address, Option<AccountRecord>>,
    slots: HashMap<(Address, U256), U256>,
}

impl<'a> StateDatabase<'a> {
    /// Reads by `reader`.
    #[must_use]
    pub fn new(reader: ViewReader<'a>) -> Self {
        Self {
            reader,
            accounts: HashMap::new(),
            slots: HashMap::new(),
        }
    }

    /// The view it reads.
    #[must_use]
    pub const fn view(&self) -> &'a StateView {
        self.reader.view
    }

    /// The space it reads.
    #[must_use]
    pub const fn space(&self) -> Space {
        self.reader.space
    }

    /// The account as it was before, read at most once.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn account_before(
        &mut self,
        address: Address,
    ) -> Result<Option<AccountRecord>, ExecutionError> {
        if let Some(known) = self.accounts.get(&address) {
            return Ok(*known);
        }
        let found = self.reader.account(address)?;
        self.accounts.insert(address, found);
        Ok(found)
    }

    /// The slot as it was before; zero if nobody asked, as then the account was new.
    #[must_use]
    pub fn slot_before(&self, address: Address, slot: U256) -> U256 {
        self.slots
            .get(&(address, slot))
            .copied()
            .unwrap_or_default()
    }
}

impl Database for StateDatabase<'_> {
    type Error = ExecutionError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, ExecutionError> {
        Ok(self.account_before(address)?.map(account_info))
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, ExecutionError> {
        self.reader.code_by_hash_ref(code_hash)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, ExecutionError> {
        let key = (address, slot);
        if let Some(known) = self.slots.get(&key) {
            return Ok(*known);
        }
        let value = self.reader.storage_ref(address, slot)?;
        self.slots.insert(key, value);
        Ok(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, ExecutionError> {
        self.reader.block_hash_ref(number)
    }
}
