//! The executor: one writer, any number of readers, all over one store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alloy_primitives::{Address, B256, Bytes, U256};

use super::code::CodeCache;
use super::error::ExecutionError;
use super::fees::{FeeShares, fee_shares};
use super::params::ExecutionParams;
use super::record::EpochRecord;
use super::render::cache::RenderCache;
use crate::state::bytes::{Put, Take};
use crate::state::commitment::{Commitment, Roots};
use crate::state::{
    AccountRecord, Head, Space, StateCache, StateError, StateKey, StateView, tables,
};
use crate::store::KeyValueStore;

/// Executes epochs and answers what they came to.
#[derive(Debug)]
pub struct Executor {
    pub(super) store: Arc<dyn KeyValueStore>,
    pub(super) params: ExecutionParams,
    pub(super) cache: Arc<StateCache>,
    pub(super) codes: CodeCache,
    pub(super) rendered: RenderCache,
    /// `None` until it is needed, and after a commit that failed: it is then loaded anew.
    commitment: Mutex<Option<Commitment>>,
    /// Held by whatever changes the store, from its first read to its commit.
    writer: Mutex<()>,
}

/// Where a transaction was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The epoch.
    pub epoch: u64,
    /// Its place among the epoch's receipts.
    pub index: u32,
}

impl Location {
    pub(super) fn encode(self) -> Vec<u8> {
        let mut row = Vec::with_capacity(6);
        row.put_varint(self.epoch);
        row.put_varint(u64::from(self.index));
        row
    }

    pub(super) fn decode(row: &[u8]) -> Result<Self, ExecutionError> {
        let mut take = Take::new(row, "transaction location");
        let epoch = take.varint()?;
        let index = take.narrow()?;
        Ok(Self { epoch, index })
    }
}

impl Executor {
    /// An executor over `store`, which may hold an executed ledger or nothing.
    ///
    /// # Errors
    /// `Store`, `Damaged`; `RootMismatch` if the state is not the one that was recorded.
    pub fn open(
        store: Arc<dyn KeyValueStore>,
        params: ExecutionParams,
    ) -> Result<Self, ExecutionError> {
        let cache = Arc::new(StateCache::new(params.cache_entries));
        let executor = Self {
            store,
            params,
            cache,
            codes: CodeCache::default(),
            rendered: RenderCache::default(),
            commitment: Mutex::new(None),
            writer: Mutex::new(()),
        };
        if let Some(head) = executor.find_head()? {
            executor.cache.reset(head.commit);
            executor.with_commitment(|_| Ok(()))?;
        }
        Ok(executor)
    }

    /// The head record.
    ///
    /// # Errors
    /// `NotInitialised` before genesis, `Store`, `Damaged`.
    pub fn head(&self) -> Result<Head, ExecutionError> {
        Ok(self.find_head()?.ok_or(StateError::NotInitialised)?)
    }

    /// The head record, `None` before genesis.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn find_head(&self) -> Result<Option<Head>, ExecutionError> {
        let row = self.store.get(tables::HEAD, Head::KEY)?;
        Ok(row.map(|row| Head::decode(&row)).transpose()?)
    }

    /// Waits until nobody else changes the store.
    pub(super) fn write(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the commitment that belongs to the store's head, loading it if need be. If
    /// `work` fails, the commitment is dropped: it may have taken in what was never committed.
    pub(super) fn with_commitment<T>(
        &self,
        work: impl FnOnce(&mut Commitment) -> Result<T, ExecutionError>,
    ) -> Result<T, ExecutionError> {
        let mut slot = self
            .commitment
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut commitment = match slot.take() {
            Some(commitment) => commitment,
            None => self.load_commitment(&self.head()?)?,
        };
        let result = work(&mut commitment)?;
        *slot = Some(commitment);
        Ok(result)
    }

    /// Runs `work`, which moves the store's head past what the commitment can follow.
    pub(super) fn dropping_commitment<T>(
        &self,
        work: impl FnOnce() -> Result<T, ExecutionError>,
    ) -> Result<T, ExecutionError> {
        let mut slot = self
            .commitment
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = None;
        work()
    }

    fn load_commitment(&self, head: &Head) -> Result<Commitment, ExecutionError> {
        let mut commitment = Commitment::load(&*self.store, head)?;
        self.verify_roots(head.number, commitment.roots())?;
        Ok(commitment)
    }

    /// Compares the roots that were rebuilt for an epoch with the recorded ones.
    pub(super) fn verify_roots(&self, epoch: u64, rebuilt: Roots) -> Result<(), ExecutionError> {
        let rebuilt = rebuilt.state_root();
        let recorded = self
            .record(epoch)?
            .map_or(B256::ZERO, |r| r.roots.state_root());
        if rebuilt == recorded {
            return Ok(());
        }
        Err(ExecutionError::RootMismatch {
            epoch,
            recorded,
            rebuilt,
        })
    }

    /// The state after epoch `at`, or after the last one.
    ///
    /// # Errors
    /// `MissingHistory`, `NotInitialised`, `Store`.
    pub fn view(&self, at: Option<u64>) -> Result<StateView, ExecutionError> {
        Ok(StateView::open(&*self.store, &self.cache, at)?)
    }

    /// The account at `address`, an empty one if there is none.
    ///
    /// # Errors
    /// As `view`; `Damaged`.
    pub fn account(
        &self,
        address: Address,
        at: Option<u64>,
    ) -> Result<AccountRecord, ExecutionError> {
        Ok(self
            .view(at)?
            .account(Space::Ethereum, address)?
            .unwrap_or_default())
    }

    /// What `account` gives for the latest state, if it is at hand.
    ///
    /// # Errors
    /// `NotInitialised`, `Store`, `Damaged`.
    pub fn account_at_hand(
        &self,
        address: Address,
    ) -> Result<Option<AccountRecord>, ExecutionError> {
        let commit = self.head()?.commit;
        let key = StateKey::account(Space::Ethereum, address);
        match self.cache.get(commit, &key) {
            None => Ok(None),
            Some(None) => Ok(Some(AccountRecord::default())),
            Some(Some(row)) => Ok(Some(AccountRecord::decode(&row)?)),
        }
    }

    /// The code at `address`.
    ///
    /// # Errors
    /// As `account`.
    pub fn code(&self, address: Address, at: Option<u64>) -> Result<Bytes, ExecutionError> {
        let view = self.view(at)?;
        let record = view.account(Space::Ethereum, address)?.unwrap_or_default();
        if record.code_hash == AccountRecord::default().code_hash {
            return Ok(Bytes::new());
        }
        let code = self
            .codes
            .get(record.code_hash, || Ok(view.code(record.code_hash)?))?;
        Ok(code.original_bytes())
    }

    /// The value of a slot.
    ///
    /// # Errors
    /// As `account`.
    pub fn storage_at(
        &self,
        address: Address,
        slot: U256,
        at: Option<u64>,
    ) -> Result<U256, ExecutionError> {
        Ok(self.view(at)?.storage(Space::Ethereum, address, slot)?)
    }

    /// What is kept of epoch `number`, `None` if it is not executed.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn record(&self, number: u64) -> Result<Option<EpochRecord>, ExecutionError> {
        let row = self.store.get(tables::EPOCHS, &number.to_be_bytes())?;
        Ok(row.map(|row| EpochRecord::decode(&row)).transpose()?)
    }

    /// The shares of an epoch's blocks in its fees; `None` if it is not executed.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn fee_shares(
        &self,
        number: u64,
        rewardable: &std::collections::BTreeSet<B256>,
    ) -> Result<Option<FeeShares>, ExecutionError> {
        Ok(self
            .record(number)?
            .map(|record| fee_shares(&record, rewardable)))
    }
}
