//! Reading the state as it was after one epoch.

use std::sync::Arc;

use alloy_primitives::{Address, B256, U256};

use super::account::{AccountRecord, decode_slot};
use super::bytes::{DamagedRow, Put, Take};
use super::cache::StateCache;
use super::error::StateError;
use super::key::{Space, StateKey};
use super::tables;
use crate::store::{KeyValueStore, Range, Snapshot};

/// The head record: which epoch the tables hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last executed epoch.
    pub number: u64,
    /// Its pivot block.
    pub pivot: B256,
    /// Counts commits and undos: what the cache of latest values belongs to.
    pub commit: u64,
    /// The oldest epoch whose state can be read.
    pub oldest: u64,
    /// The oldest epoch an undo can return to.
    pub undo_floor: u64,
    /// The oldest change record that is still stored.
    pub records_from: u64,
    /// The oldest change record that an undo to the floor needs: it rebuilds two windows.
    pub records_needed: u64,
    /// First epoch of the commitment's current window.
    pub window_start: u64,
    /// First epoch of the window before; equal to `window_start` in the first window.
    pub frozen_start: u64,
    /// Buckets of the snapshot that the frozen window is already merged into, of 65,536.
    pub merged_buckets: u32,
}

impl Head {
    /// The key of its only row.
    pub const KEY: &'static [u8] = b"head";

    /// The row.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(64);
        row.extend_from_slice(self.pivot.as_slice());
        for number in [
            self.number,
            self.commit,
            self.oldest,
            self.undo_floor,
            self.records_from,
            self.records_needed,
            self.window_start,
            self.frozen_start,
            u64::from(self.merged_buckets),
        ] {
            row.put_varint(number);
        }
        row
    }

    /// Reads what `encode` wrote.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn decode(row: &[u8]) -> Result<Self, DamagedRow> {
        let mut take = Take::new(row, "execution head");
        Ok(Self {
            pivot: take.hash()?,
            number: take.varint()?,
            commit: take.varint()?,
            oldest: take.varint()?,
            undo_floor: take.varint()?,
            records_from: take.varint()?,
            records_needed: take.varint()?,
            window_start: take.varint()?,
            frozen_start: take.varint()?,
            merged_buckets: take.narrow()?,
        })
    }
}

/// The state after epoch `at`, which never changes (T4).
pub struct StateView {
    snapshot: Box<dyn Snapshot>,
    cache: Arc<StateCache>,
    head: Head,
    at: u64,
}

impl StateView {
    /// Opens the state after epoch `at`, or after the last one.
    ///
    /// # Errors
    /// `MissingHistory` if it is not kept, `NotInitialised` before genesis, `Store`.
    pub fn open(
        store: &dyn KeyValueStore,
        cache: &Arc<StateCache>,
        at: Option<u64>,
    ) -> Result<Self, StateError> {
        let snapshot = store.snapshot()?;
        let row = snapshot
            .get(tables::HEAD, Head::KEY)?
            .ok_or(StateError::NotInitialised)?;
        let head = Head::decode(&row)?;
        let at = at.unwrap_or(head.number);
        if at > head.number || at < head.oldest {
            return Err(StateError::MissingHistory {
                epoch: at,
                oldest: head.oldest,
                newest: head.number,
            });
        }
        Ok(Self {
            snapshot,
            cache: Arc::clone(cache),
            head,
            at,
        })
    }

    /// The epoch it shows.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// The stored value of `key`.
    ///
    /// # Errors
    /// `Store`.
    pub fn value(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        if self.at < self.head.number {
            return self.value_in_history(key);
        }
        if let Some(found) = self.cache.get(self.head.commit, key) {
            return Ok(found);
        }
        let value = self.snapshot.get(tables::STATE, key.as_slice())?;
        self.cache
            .remember(self.head.commit, *key, value.as_deref());
        Ok(value)
    }

    /// The first change after `at` holds the value at `at`; without one the latest value does.
    fn value_in_history(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        let mut end = key.history(u64::MAX);
        end.push(0);
        let range = Range::between(key.history(self.at + 1), end).limited(1);
        match self.snapshot.range(tables::HISTORY, &range)?.pop() {
            Some((_, value)) => Ok((!value.is_empty()).then_some(value)),
            None => Ok(self.snapshot.get(tables::STATE, key.as_slice())?),
        }
    }

    /// The account at `address`, `None` if there is none.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn account(
        &self,
        space: Space,
        address: Address,
    ) -> Result<Option<AccountRecord>, StateError> {
        match self.value(&StateKey::account(space, address))? {
            Some(row) => Ok(Some(AccountRecord::decode(&row)?)),
            None => Ok(None),
        }
    }

    /// The value of a slot, zero if it was never written.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn storage(&self, space: Space, address: Address, slot: U256) -> Result<U256, StateError> {
        match self.value(&StateKey::slot(space, address, slot))? {
            Some(row) => Ok(decode_slot(&row)?),
            None => Ok(U256::ZERO),
        }
    }

    /// The code with this hash.
    ///
    /// # Errors
    /// `Store`; `MissingCode` if an account names code that is not there.
    pub fn code(&self, code_hash: B256) -> Result<Vec<u8>, StateError> {
        self.snapshot
            .get(tables::CODE, code_hash.as_slice())?
            .ok_or(StateError::MissingCode { code_hash })
    }

    /// The slots of `address` that are not zero in the latest state, in order.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn latest_slots(
        &self,
        space: Space,
        address: Address,
    ) -> Result<Vec<(U256, U256)>, StateError> {
        let prefix = StateKey::account(space, address);
        let rows = self
            .snapshot
            .range(tables::STATE, &Range::prefix(prefix.as_slice()))?;
        let mut slots = Vec::with_capacity(rows.len());
        for (key, value) in rows {
            let key = StateKey::from_slice(&key)?;
            if key.is_slot() {
                slots.push((key.slot_number(), decode_slot(&value)?));
            }
        }
        Ok(slots)
    }

    /// The hash of the pivot block of epoch `number`.
    ///
    /// # Errors
    /// `Store`.
    pub fn pivot(&self, number: u64) -> Result<Option<B256>, StateError> {
        let row = self.snapshot.get(tables::EPOCHS, &number.to_be_bytes())?;
        Ok(row.and_then(|row| row.get(..32).map(B256::from_slice)))
    }
}
