//! What is asked of all the transactions of a block at once.

use std::sync::Arc;

use alloy_rlp::{Encodable, Header};

use super::{SignedTransaction, TransactionKind};

/// Longest init code: twice the largest code (EIP-3860).
pub(crate) const INITCODE_BYTES_MAX: usize = 49_152;

/// Sums over a body, and the first transaction that breaks a bound of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyMeasure {
    /// Bytes of the signed transactions, without framing.
    pub size: usize,
    /// Gas limits.
    pub gas: u128,
    /// Place of the first transaction for which `keeps_limits` is false.
    pub breach: Option<usize>,
}

/// Measures a body against the bounds that need no state.
#[must_use]
pub fn measure_body(
    transactions: &[Arc<SignedTransaction>],
    gas_limit_max: Option<u64>,
    takes_core_space: bool,
) -> BodyMeasure {
    let mut measure = BodyMeasure::default();
    for (place, transaction) in transactions.iter().enumerate() {
        measure.size += transaction.raw.len();
        measure.gas += u128::from(transaction.gas_limit);
        if measure.breach.is_none() && !transaction.keeps_limits(gas_limit_max, takes_core_space) {
            measure.breach = Some(place);
        }
    }
    measure
}

/// The RLP list of the signed transactions, each a byte string.
#[must_use]
pub fn encode_body(transactions: &[Arc<SignedTransaction>]) -> Vec<u8> {
    let payload_length = transactions
        .iter()
        .map(|each| each.raw.as_ref().length())
        .sum();
    let list = true;
    let header = Header {
        list,
        payload_length,
    };
    let mut body = Vec::with_capacity(header.length() + payload_length);
    header.encode(&mut body);
    for transaction in transactions {
        transaction.raw.as_ref().encode(&mut body);
    }
    body
}

impl SignedTransaction {
    /// Whether it keeps the bounds on kind, size and gas that need no state.
    #[must_use]
    pub fn keeps_limits(&self, gas_limit_max: Option<u64>, takes_core_space: bool) -> bool {
        let is_known = self.kind != TransactionKind::CoreTransfer || takes_core_space;
        let is_short = self.to.is_some() || self.data.len() <= INITCODE_BYTES_MAX;
        is_known
            && is_short
            && self.gas_limit >= self.intrinsic_gas().max(self.floor_gas())
            && gas_limit_max.is_none_or(|most| self.gas_limit <= most)
    }
}
