//! Epoch 0: the genesis allocation.

use alloy_primitives::B256;

use super::code::analyse;
use super::commit::put_state;
use super::error::ExecutionError;
use super::executor::Executor;
use super::input::GenesisAccount;
use super::record::{BlockRecord, EpochRecord};
use crate::crypto::keccak256;
use crate::crypto::simple_mpt::merkle_root;
use crate::state::account::encode_slot;
use crate::state::commitment::Commitment;
use crate::state::{AccountRecord, Change, Head, Space, StateKey, tables};
use crate::store::{Batch, Durability};

impl Executor {
    /// Writes epoch 0 with `pivot` as its block (timestamp, gas limit, base price), or checks that
    /// the store holds the same state.
    ///
    /// # Errors
    /// `AlreadyInitialised` for another state; `Store`.
    pub fn genesis(
        &self,
        allocation: &[GenesisAccount],
        pivot: B256,
        (timestamp, gas_limit, base_price): (u64, u64, u64),
    ) -> Result<EpochRecord, ExecutionError> {
        let _writer = self.write();
        let mut batch = Batch::new();
        let mut changes = changes_of(allocation, &mut batch);
        let mut commitment = Commitment::default();
        let roots = commitment.advance(
            &*self.store,
            &mut Batch::new(),
            &mut changes,
            &self.params.window,
        )?;
        if let Some(stored) = self.record(0)? {
            if stored.roots == roots && stored.pivot == pivot {
                return Ok(stored);
            }
            return Err(ExecutionError::AlreadyInitialised {
                stored: stored.roots.state_root(),
                given: roots.state_root(),
            });
        }
        let record = EpochRecord {
            pivot,
            roots,
            receipts_root: merkle_root(&[merkle_root::<B256>(&[])]),
            timestamp,
            base_price,
            blocks: vec![BlockRecord {
                hash: pivot,
                gas_limit,
                ..BlockRecord::default()
            }],
            ..EpochRecord::default()
        };
        let mut head = first_head(pivot);
        commitment.note(&mut head);
        put_state(&mut batch, 0, &changes, false);
        batch.put(tables::EPOCHS, 0_u64.to_be_bytes(), record.encode());
        batch.put(tables::HEAD, Head::KEY, head.encode());
        self.dropping_commitment(|| Ok(self.store.commit(batch, Durability::Synced)?))?;
        self.cache.reset(head.commit);
        Ok(record)
    }
}

fn first_head(pivot: B256) -> Head {
    Head {
        number: 0,
        pivot,
        commit: 1,
        oldest: 0,
        undo_floor: 0,
        records_from: 0,
        records_needed: 0,
        window_start: 0,
        frozen_start: 0,
        merged_buckets: 0,
    }
}

fn changes_of(allocation: &[GenesisAccount], batch: &mut Batch) -> Vec<Change> {
    let mut changes = Vec::with_capacity(allocation.len());
    let mut add = |key, new: Option<Vec<u8>>| {
        if new.is_some() {
            changes.push(Change {
                key,
                old: None,
                new,
                was_in_window: false,
            });
        }
    };
    for account in allocation {
        let mut record = AccountRecord {
            nonce: account.nonce,
            balance: account.balance,
            ..AccountRecord::default()
        };
        if !account.code.is_empty() {
            record.code_hash = keccak256(&account.code);
            let code = analyse(account.code.clone()).original_bytes().to_vec();
            batch.put(tables::CODE, record.code_hash.as_slice(), code);
        }
        let key = StateKey::account(Space::Ethereum, account.address);
        add(key, (!record.is_empty()).then(|| record.encode()));
        for (slot, value) in &account.storage {
            let key = StateKey::slot(Space::Ethereum, account.address, *slot);
            add(key, encode_slot(*value));
        }
    }
    changes.sort_by_key(|change| change.key);
    // An address given twice: the last entry rules, as in any table of settings.
    changes.reverse();
    changes.dedup_by(|later, kept| later.key == kept.key);
    changes.reverse();
    changes
}
