//! Editing the latest state by hand, for development chains.
//!
//! * **E1** An edit amends the head epoch as if it had made the change last: its change record, the
//!   history, the commitment and the recorded roots all hold it, so undo takes it back as well.
//! * **E2** An edit that gives every value back what it had before gives back the roots, too.

use std::collections::BTreeMap;

use super::code::analyse;
use super::commit::put_value;
use super::error::ExecutionError;
use super::executor::Executor;
use super::pretence::AccountOverride;
use super::record::EpochRecord;
use crate::crypto::keccak256;
use crate::state::account::encode_slot;
use crate::state::commitment::Commitment;
use crate::state::{Change, ChangeRecord, Head, Space, StateKey, StateView, tables};
use crate::store::{Batch, Durability};

type Values = BTreeMap<StateKey, Option<Vec<u8>>>;

impl Executor {
    /// Changes accounts of the latest state, each named once; returns the head's new record.
    ///
    /// # Errors
    /// `WrongEpoch` at genesis, which cannot be amended; `Store`, `Damaged`.
    pub fn edit(&self, accounts: &[AccountOverride]) -> Result<EpochRecord, ExecutionError> {
        let _writer = self.write();
        let head = self.head()?;
        let number = head.number;
        let (Some(row), Some(mut record)) = (
            self.store.get(tables::CHANGES, &number.to_be_bytes())?,
            self.record(number)?.filter(|_| number > 0),
        ) else {
            return Err(ExecutionError::WrongEpoch {
                given: number,
                expected: number + 1,
            });
        };
        let view = self.view(None)?;
        let mut batch = Batch::new();
        let mut values = Values::new();
        for wanted in accounts {
            collect(wanted, &view, &mut values, &mut batch)?;
        }
        let amendment = Amendment::new(ChangeRecord::decode(&row)?, values, &view)?;
        let next = Head {
            commit: head.commit + 1,
            ..head
        };
        let written = self.with_commitment(|commitment| {
            let written = amendment.apply(commitment);
            record.roots = commitment.roots();
            written.put(&mut batch, number, self.keeps_history());
            batch.put(tables::EPOCHS, number.to_be_bytes(), record.encode());
            batch.put(tables::HEAD, Head::KEY, next.encode());
            self.store.commit(batch, Durability::Written)?;
            Ok(written)
        })?;
        self.cache.advance(next.commit, &written.set);
        self.rendered.clear();
        Ok(record)
    }
}

/// What the keys of one account shall hold, into `values`; its code into `batch`.
fn collect(
    wanted: &AccountOverride,
    view: &StateView,
    values: &mut Values,
    batch: &mut Batch,
) -> Result<(), ExecutionError> {
    let (space, address) = (Space::Ethereum, wanted.address);
    let mut account = view.account(space, address)?.unwrap_or_default();
    account.balance = wanted.balance.unwrap_or(account.balance);
    account.nonce = wanted.nonce.unwrap_or(account.nonce);
    if let Some(code) = &wanted.code {
        account.code_hash = keccak256(code);
        if !code.is_empty() {
            let code = analyse(code.clone()).original_bytes().to_vec();
            batch.put(tables::CODE, account.code_hash.as_slice(), code);
        }
    }
    let row = (!account.is_empty()).then(|| account.encode());
    values.insert(StateKey::account(space, address), row);
    if let Some(whole) = &wanted.storage {
        for (slot, _) in view.latest_slots(space, address)? {
            values.insert(StateKey::slot(space, address, slot), None);
        }
        for (slot, value) in whole {
            values.insert(StateKey::slot(space, address, *slot), encode_slot(*value));
        }
    }
    for (slot, value) in &wanted.storage_diff {
        values.insert(StateKey::slot(space, address, *slot), encode_slot(*value));
    }
    Ok(())
}

/// The head's changes, apart by whether the edit touches their keys.
struct Amendment {
    untouched: Vec<Change>,
    /// As the record has them.
    before: Vec<Change>,
    /// As it will; a key that is back at its old value has none.
    after: Vec<Change>,
    /// What the edit changes, for the cache and the tables.
    set: Vec<Change>,
}

impl Amendment {
    fn new(record: ChangeRecord, values: Values, view: &StateView) -> Result<Self, ExecutionError> {
        let (before, untouched): (Vec<_>, Vec<_>) = record
            .changes
            .into_iter()
            .partition(|change| values.contains_key(&change.key));
        let mut olds: BTreeMap<StateKey, Option<Vec<u8>>> = before
            .iter()
            .map(|change| (change.key, change.old.clone()))
            .collect();
        let (mut after, mut set) = (Vec::new(), Vec::new());
        for (key, new) in values {
            let old = match olds.remove(&key) {
                Some(old) => old,
                None => view.value(&key)?,
            };
            let change = Change {
                key,
                old,
                new,
                was_in_window: false,
            };
            if change.old != change.new {
                after.push(change.clone());
            }
            set.push(change);
        }
        Ok(Self {
            untouched,
            before,
            after,
            set,
        })
    }

    fn apply(mut self, commitment: &mut Commitment) -> Written {
        commitment.amend(&self.before, &mut self.after);
        let mut changes = self.untouched;
        changes.append(&mut self.after);
        changes.sort_unstable_by_key(|change| change.key);
        Written {
            record: ChangeRecord { changes },
            set: self.set,
        }
    }
}

/// What an edit leaves.
struct Written {
    record: ChangeRecord,
    set: Vec<Change>,
}

impl Written {
    fn put(&self, batch: &mut Batch, number: u64, keeps_history: bool) {
        for change in &self.set {
            put_value(batch, change, change.new.as_deref());
            let history = change.key.history(number);
            if change.old == change.new {
                batch.delete(tables::HISTORY, history);
            } else if keeps_history {
                let old = change.old.clone().unwrap_or_default();
                batch.put(tables::HISTORY, history, old);
            }
        }
        batch.put(tables::CHANGES, number.to_be_bytes(), self.record.encode());
    }
}
