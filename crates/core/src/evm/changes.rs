//! The journal of an epoch, turned into changes of stored values.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256};
use revm::primitives::KECCAK_EMPTY;
use revm::state::{Account, EvmState};

use super::database::StateDatabase;
use super::error::ExecutionError;
use crate::state::account::encode_slot;
use crate::state::{AccountRecord, Change, StateKey};

/// What an epoch changed, and the code it brought.
#[derive(Debug, Default)]
pub struct ChangeSet {
    /// In key order, each key once.
    pub changes: Vec<Change>,
    /// New code by hash.
    pub codes: Vec<(B256, Bytes)>,
}

/// Collects the changes of a finalised journal, and pays `rewards` on top of it.
///
/// # Errors
/// `BalanceOverflow`, `Store`, `Damaged`.
pub fn collect(
    journal: EvmState,
    database: &mut StateDatabase<'_>,
    rewards: &[(Address, U256)],
) -> Result<ChangeSet, ExecutionError> {
    let mut set = ChangeSet::default();
    let mut accounts: BTreeMap<Address, AccountRecord> = BTreeMap::new();
    for (address, account) in journal {
        if account.is_touched() {
            accounts.insert(address, final_record(&account));
            collect_slots(&mut set, database, address, &account)?;
            collect_code(&mut set, database.account_before(address)?, &account);
        }
    }
    for (address, amount) in rewards {
        let record = match accounts.get(address) {
            Some(record) => *record,
            None => database.account_before(*address)?.unwrap_or_default(),
        };
        let balance = record
            .balance
            .checked_add(*amount)
            .ok_or(ExecutionError::BalanceOverflow { address: *address })?;
        accounts.insert(*address, AccountRecord { balance, ..record });
    }
    for (address, record) in accounts {
        let old = database
            .account_before(address)?
            .map(|before| before.encode());
        let new = (!record.is_empty()).then(|| record.encode());
        let key = StateKey::account(database.space(), address);
        push(&mut set.changes, key, old, new);
    }
    set.changes.sort_unstable_by_key(|change| change.key);
    set.codes.sort_unstable_by_key(|code| code.0);
    set.codes.dedup_by_key(|code| code.0);
    Ok(set)
}

/// The account as it will be stored. One that destroyed itself in the last transaction that
/// touched it is still whole in the journal, and is gone.
fn final_record(account: &Account) -> AccountRecord {
    if account.is_selfdestructed_locally() {
        return AccountRecord::default();
    }
    let code_hash = if account.info.code_hash.is_zero() {
        KECCAK_EMPTY
    } else {
        account.info.code_hash
    };
    AccountRecord {
        nonce: account.info.nonce,
        balance: account.info.balance,
        code_hash,
    }
}

fn collect_slots(
    set: &mut ChangeSet,
    database: &mut StateDatabase<'_>,
    address: Address,
    account: &Account,
) -> Result<(), ExecutionError> {
    let space = database.space();
    let is_gone = account.is_selfdestructed_locally();
    for (slot, value) in &account.storage {
        let old = encode_slot(database.slot_before(address, *slot));
        let new = if is_gone {
            None
        } else {
            encode_slot(value.present_value)
        };
        push(
            &mut set.changes,
            StateKey::slot(space, address, *slot),
            old,
            new,
        );
    }
    // Since Cancun only what was created in the same transaction can go, and that has no stored
    // slots; under older rules, and in Core Space, all of a contract's storage goes with it.
    if account.is_selfdestructed() && database.account_before(address)?.is_some() {
        for (slot, value) in database.view().latest_slots(space, address)? {
            if !account.storage.contains_key(&slot) {
                let key = StateKey::slot(space, address, slot);
                push(&mut set.changes, key, encode_slot(value), None);
            }
        }
    }
    Ok(())
}

fn collect_code(set: &mut ChangeSet, before: Option<AccountRecord>, account: &Account) {
    let hash = account.info.code_hash;
    let is_new = before.unwrap_or_default().code_hash != hash;
    if let (true, Some(code)) = (is_new && hash != KECCAK_EMPTY, &account.info.code) {
        set.codes.push((hash, code.original_bytes()));
    }
}

/// Records a change if it is one.
pub(super) fn push(
    changes: &mut Vec<Change>,
    key: StateKey,
    old: Option<Vec<u8>>,
    new: Option<Vec<u8>>,
) {
    if old != new {
        changes.push(Change {
            key,
            old,
            new,
            was_in_window: false,
        });
    }
}
