//! A signed transaction: its fields, its bytes and who signed it.

use alloy_eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, U256};

use super::SetCodeAuthorization;
use super::gas;
use super::signature::Signature;

/// The envelope of a transaction (EIP-2718); the number is its type byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TransactionKind {
    /// Before EIP-2718, with or without a chain id (EIP-155).
    Legacy = 0,
    /// EIP-2930.
    AccessList = 1,
    /// EIP-1559.
    DynamicFee = 2,
    /// EIP-7702.
    SetCode = 4,
    /// A transfer of Core Space, before its types were numbered (CIP-155): a list whose first item
    /// is a list. No envelope has this number, as a type byte is below 0x80.
    CoreTransfer = 0xc0,
}

/// A transaction that passed every check which needs no state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// keccak of `raw`.
    pub hash: B256,
    /// The bytes as they were signed and as they travel.
    pub raw: Bytes,
    /// Its envelope.
    pub kind: TransactionKind,
    /// `None` for a legacy transaction without replay protection.
    pub chain_id: Option<u64>,
    /// Position among the sender's transactions.
    pub nonce: u64,
    /// Most gas it may use.
    pub gas_limit: u64,
    /// `None` creates a contract.
    pub to: Option<Address>,
    /// Amount in drip.
    pub value: U256,
    /// Call data or init code: a slice of `raw`.
    pub data: Bytes,
    /// Most it pays per unit of gas, in drip; the gas price of a legacy transaction.
    pub max_fee_per_gas: U256,
    /// Most it pays beyond the base price, in drip; equal to the cap if there is one price only.
    pub max_priority_fee_per_gas: U256,
    /// Addresses and slots it warms (EIP-2930).
    pub access_list: AccessList,
    /// EIP-7702, each recovered.
    pub authorizations: Vec<SetCodeAuthorization>,
    /// Its signature.
    pub signature: Signature,
    /// Who signed it.
    pub sender: Address,
}

impl SignedTransaction {
    /// Gas that is charged before anything runs (EIP-2, 2028, 2930, 3860, 7702).
    pub fn intrinsic_gas(&self) -> u64 {
        gas::intrinsic_gas(self)
    }

    /// Gas that is charged at least, by the size of the call data (EIP-7623).
    pub fn floor_gas(&self) -> u64 {
        gas::floor_gas(&self.data)
    }

    /// Price per unit of gas at `base_price`; `None` if the cap is below it.
    pub fn effective_gas_price(&self, base_price: U256) -> Option<U256> {
        let room = self.max_fee_per_gas.checked_sub(base_price)?;
        // No overflow: the sum is at most the cap.
        Some(base_price + room.min(self.max_priority_fee_per_gas))
    }
}
