//! The history contract (EIP-2935): pivots of earlier epochs, for contracts to read.
//!
//! * **HC1** Before its first transaction epoch n finds the pivot of n − 1 in slot (n − 1) mod 8,191,
//!   where a network has the contract. The value is written as the contract's own code would write
//!   it for the system address; no code is run.
//! * **HC2** It is state like any other: undo, history, proofs and the root have it.
//! * **HC3** What is tried or traced as epoch n finds what epoch n finds.

use alloy_primitives::{Address, U256, address};
use revm::database::CacheDB;
use revm::primitives::KECCAK_EMPTY;
use revm::{Database, DatabaseRef};

use super::changes::ChangeSet;
use super::database::ViewReader;
use super::error::ExecutionError;
use crate::state::account::encode_slot;
use crate::state::{Change, Space, StateKey};

/// Where the contract stands, on every chain that has it.
pub const ADDRESS: Address = address!("0000F90827F1C53a10cb7A02335B175320002935");
/// Epochs that it tells of (HISTORY_SERVE_WINDOW).
const SERVED_EPOCHS: u64 = 8_191;

/// What the beginning of an epoch writes.
#[derive(Debug)]
pub struct Beginning {
    key: StateKey,
    /// As stored.
    old: Option<Vec<u8>>,
    new: Option<Vec<u8>>,
}

/// Lets `reader` see what epoch `number` begins with (HC1); `None` where there is no contract, and
/// for an epoch that does not follow the state that is read.
///
/// # Errors
/// `Store`, `Damaged`.
pub fn begin(
    reader: &mut ViewReader<'_>,
    number: u64,
) -> Result<Option<Beginning>, ExecutionError> {
    let view = reader.view();
    let before = view.at();
    if before.checked_add(1) != Some(number) || !is_contract(reader.basic_ref(ADDRESS)?) {
        return Ok(None);
    }
    let pivot = view.pivot(before)?.unwrap_or_default();
    let (slot, value) = (slot_of(before), U256::from_be_bytes(pivot.0));
    let key = StateKey::slot(Space::Ethereum, ADDRESS, slot);
    let old = view.value(&key)?;
    reader.pretended.slots.insert((ADDRESS, slot), value);
    let new = encode_slot(value);
    Ok(Some(Beginning { key, old, new }))
}

/// Lets the calls of a simulated block see what it begins with, over what earlier blocks left.
///
/// # Errors
/// `Store`, `Damaged`.
pub fn begin_simulated(
    database: &mut CacheDB<ViewReader<'_>>,
    number: u64,
) -> Result<(), ExecutionError> {
    let Some(before) = number.checked_sub(1) else {
        return Ok(());
    };
    if is_contract(database.basic(ADDRESS)?) {
        let pivot = database.block_hash(before)?;
        let value = U256::from_be_bytes(pivot.0);
        database.insert_account_storage(ADDRESS, slot_of(before), value)?;
    }
    Ok(())
}

impl Beginning {
    /// Adds what the epoch began with to what its transactions changed.
    pub fn add_to(self, set: &mut ChangeSet) {
        // A transaction of the system address, which a development chain can impersonate, may have
        // written the slot again: its value stays, and what was before is what is stored.
        let place = set
            .changes
            .binary_search_by_key(&self.key, |change| change.key);
        match place {
            Ok(place) => set.changes[place].old = self.old,
            Err(place) if self.old != self.new => set.changes.insert(
                place,
                Change {
                    key: self.key,
                    old: self.old,
                    new: self.new,
                    was_in_window: false,
                },
            ),
            Err(_) => {}
        }
    }
}

fn slot_of(number: u64) -> U256 {
    U256::from(number % SERVED_EPOCHS)
}

fn is_contract(account: Option<revm::state::AccountInfo>) -> bool {
    account.is_some_and(|info| info.code_hash != KECCAK_EMPTY && !info.code_hash.is_zero())
}
