//! What goes into an epoch and what comes out.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};

use crate::codec::SignedTransaction;

/// One block of an epoch.
#[derive(Clone, Debug)]
pub struct BlockInput {
    /// Its hash.
    pub hash: B256,
    /// Who is paid for it.
    pub author: Address,
    /// Unix seconds.
    pub timestamp: u64,
    /// Proof-of-work difficulty.
    pub difficulty: U256,
    /// Gas its header allows.
    pub gas_limit: u64,
    /// Kept to be shown.
    pub nonce: U256,
    /// Root over its transactions, kept to be shown.
    pub transactions_root: B256,
    /// Bytes, kept to be shown.
    pub size: u64,
    /// Whether it is the pivot, which is the last of its epoch.
    pub is_pivot: bool,
    /// Decoded and recovered.
    pub transactions: Vec<Arc<SignedTransaction>>,
}

/// An epoch to execute.
#[derive(Clone, Debug)]
pub struct EpochInput {
    /// Its number: the height of its pivot.
    pub number: u64,
    /// Hash of its pivot block.
    pub pivot: B256,
    /// The pivot's base price in drip per unit of gas; it rules the whole epoch.
    pub base_price: u64,
    /// What PREVRANDAO shows; `None` for `keccak(pivot)`. Development networks may choose it.
    pub prev_randao: Option<B256>,
    /// In execution order, the pivot last.
    pub blocks: Vec<BlockInput>,
    /// What is paid after the last transaction, for the epoch 12 before.
    pub rewards: Vec<(Address, U256)>,
}

/// Why a packed transaction left no receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unexecuted {
    /// Its nonce is used up.
    NonceTooLow,
    /// An earlier nonce is missing.
    NonceTooHigh,
    /// The sender cannot pay gas and value.
    InsufficientFunds,
    /// The fee cap is below what must be burnt, or in the pivot below the base price.
    FeeBelowBase,
    /// The sender is a contract (EIP-3607).
    SenderNotEoa,
    /// More gas than its block allows.
    GasLimitExceeded,
    /// Another rule in force forbids it.
    Invalid,
}

impl Unexecuted {
    /// Its name in the Python enumeration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NonceTooLow => "NONCE_TOO_LOW",
            Self::NonceTooHigh => "NONCE_TOO_HIGH",
            Self::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Self::FeeBelowBase => "FEE_BELOW_BASE",
            Self::SenderNotEoa => "SENDER_NOT_EOA",
            Self::GasLimitExceeded => "GAS_LIMIT_EXCEEDED",
            Self::Invalid => "INVALID",
        }
    }
}

/// One entry of a genesis allocation.
#[derive(Clone, Debug, Default)]
pub struct GenesisAccount {
    /// Where.
    pub address: Address,
    /// In drip.
    pub balance: U256,
    /// Nonce.
    pub nonce: u64,
    /// Code, empty for none.
    pub code: Bytes,
    /// Slots and values.
    pub storage: Vec<(U256, U256)>,
}

/// What executing an epoch came to.
#[derive(Clone, Debug)]
pub struct EpochOutcome {
    /// Its number.
    pub number: u64,
    /// State root.
    pub state_root: B256,
    /// Root over the receipts.
    pub receipts_root: B256,
    /// keccak of the logs' bloom.
    pub logs_bloom_hash: B256,
    /// Gas of all receipts.
    pub gas_used: u64,
    /// How many receipts.
    pub executed: u64,
    /// Fees that nobody receives, in drip.
    pub burnt: U256,
    /// What left no receipt.
    pub unexecuted: Vec<(B256, Unexecuted)>,
    /// Senders with nonce and balance after the epoch, in the order of their first transaction.
    pub senders: Vec<(Address, u64, U256)>,
}
