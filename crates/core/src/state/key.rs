//! Keys of the state: an account, or a slot of one, in its space.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use alloy_primitives::{Address, B256, U256};

use super::bytes::{DamagedRow, Take};
use crate::crypto::keccak256;

const ACCOUNT_BYTES: usize = 21;
const SLOT_BYTES: usize = 53;

/// The two spaces of the ledger. The number is the first byte of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Space {
    /// Core Space.
    Core = 0,
    /// eSpace, where Ethereum's rules hold.
    Ethereum = 1,
}

/// `space ‖ address` for an account, `space ‖ address ‖ slot` for a slot of its storage.
///
/// An account's key is a prefix of its slots' keys, so that one range holds all of a contract.
#[derive(Clone, Copy)]
pub struct StateKey {
    bytes: [u8; SLOT_BYTES],
    is_slot: bool,
}

impl StateKey {
    /// The key of an account.
    #[must_use]
    pub fn account(space: Space, address: Address) -> Self {
        let mut bytes = [0; SLOT_BYTES];
        bytes[0] = space as u8;
        bytes[1..ACCOUNT_BYTES].copy_from_slice(address.as_slice());
        Self {
            bytes,
            is_slot: false,
        }
    }

    /// The key of a storage slot.
    #[must_use]
    pub fn slot(space: Space, address: Address, slot: U256) -> Self {
        let mut key = Self::account(space, address);
        key.bytes[ACCOUNT_BYTES..].copy_from_slice(&slot.to_be_bytes::<32>());
        key.is_slot = true;
        key
    }

    /// Its bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..if self.is_slot {
            SLOT_BYTES
        } else {
            ACCOUNT_BYTES
        }]
    }

    /// Whether it is the key of a slot.
    #[must_use]
    pub const fn is_slot(&self) -> bool {
        self.is_slot
    }

    /// The account it belongs to.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::from_slice(&self.bytes[1..ACCOUNT_BYTES])
    }

    /// The slot's number; zero for an account.
    #[must_use]
    pub fn slot_number(&self) -> U256 {
        U256::from_be_slice(&self.bytes[ACCOUNT_BYTES..])
    }

    /// Where the commitment keeps it: the hash spreads keys evenly over the tries.
    #[must_use]
    pub fn path(&self) -> B256 {
        keccak256(self.as_slice())
    }

    /// Reads a key of `length` bytes.
    ///
    /// # Errors
    /// `DamagedRow` for a length that no key has.
    pub fn take(take: &mut Take<'_>, length: usize) -> Result<Self, DamagedRow> {
        if length != ACCOUNT_BYTES && length != SLOT_BYTES {
            return Err(take.damaged());
        }
        let mut bytes = [0; SLOT_BYTES];
        bytes[..length].copy_from_slice(take.raw(length)?);
        Ok(Self {
            bytes,
            is_slot: length == SLOT_BYTES,
        })
    }

    /// The key written as `bytes`.
    ///
    /// # Errors
    /// `DamagedRow` for a length that no key has.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, DamagedRow> {
        Self::take(&mut Take::new(bytes, "state key"), bytes.len())
    }

    /// The key of the value before `epoch` in the history table.
    ///
    /// The length comes first, or an account's epochs would lie among its slots.
    #[must_use]
    pub fn history(&self, epoch: u64) -> Vec<u8> {
        let slice = self.as_slice();
        let mut key = Vec::with_capacity(slice.len() + 9);
        key.push(slice.len() as u8);
        key.extend_from_slice(slice);
        key.extend_from_slice(&epoch.to_be_bytes());
        key
    }
}

impl PartialEq for StateKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for StateKey {}

impl Ord for StateKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl PartialOrd for StateKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for StateKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl std::fmt::Debug for StateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "StateKey(0x{})",
            alloy_primitives::hex::encode(self.as_slice())
        )
    }
}
