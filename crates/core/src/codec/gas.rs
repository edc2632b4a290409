//! Gas that follows from a transaction's bytes alone, by Ethereum's schedule.

use super::{SignedTransaction, TransactionKind};

/// Every transaction (yellow paper, appendix G).
const TRANSACTION_GAS: u64 = 21_000;
/// A transaction that creates a contract (EIP-2).
const CREATE_GAS: u64 = 32_000;
/// Per word of init code (EIP-3860).
const INITCODE_WORD_GAS: u64 = 2;
/// A zero byte is one token, any other byte four (EIP-7623); a token is 4 gas (EIP-2028).
const TOKEN_GAS: u64 = 4;
const TOKENS_PER_NON_ZERO_BYTE: u64 = 4;
/// Floor per token (EIP-7623).
const FLOOR_TOKEN_GAS: u64 = 10;
/// Per address and per slot of the access list (EIP-2930).
const ACCESS_LIST_ADDRESS_GAS: u64 = 2_400;
const ACCESS_LIST_SLOT_GAS: u64 = 1_900;
/// Per authorisation (EIP-7702: PER_EMPTY_ACCOUNT_COST).
const AUTHORIZATION_GAS: u64 = 25_000;

// Overflow is impossible: every term is bounded by a small multiple of the bytes that were read.

fn tokens(data: &[u8]) -> u64 {
    let zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
    zeros + (data.len() as u64 - zeros) * TOKENS_PER_NON_ZERO_BYTE
}

/// Gas charged before anything runs.
pub fn intrinsic_gas(transaction: &SignedTransaction) -> u64 {
    let data = &transaction.data;
    let mut gas = TRANSACTION_GAS + tokens(data) * TOKEN_GAS;
    if transaction.to.is_none() {
        gas += CREATE_GAS + (data.len() as u64).div_ceil(32) * INITCODE_WORD_GAS;
    }
    if transaction.kind == TransactionKind::Legacy {
        return gas;
    }
    for entry in &transaction.access_list.0 {
        gas += ACCESS_LIST_ADDRESS_GAS + entry.storage_keys.len() as u64 * ACCESS_LIST_SLOT_GAS;
    }
    gas + transaction.authorizations.len() as u64 * AUTHORIZATION_GAS
}

/// Gas charged at least, whatever ran.
pub fn floor_gas(data: &[u8]) -> u64 {
    TRANSACTION_GAS + tokens(data) * FLOOR_TOKEN_GAS
}
