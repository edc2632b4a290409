//! The fields that every kind of transaction has, and how each is read.

use alloy_eip2930::AccessList;
use alloy_primitives::{Address, Bytes, U256};

use super::rlp::Reader;
use super::{CodecError, SetCodeAuthorization, TransactionKind};

/// The fields of any transaction but its signature.
pub(super) struct Content {
    pub(super) kind: TransactionKind,
    pub(super) chain_id: Option<u64>,
    pub(super) nonce: u64,
    pub(super) gas_limit: u64,
    pub(super) to: Option<Address>,
    pub(super) value: U256,
    pub(super) data: Bytes,
    pub(super) max_fee_per_gas: U256,
    pub(super) max_priority_fee_per_gas: U256,
    pub(super) access_list: AccessList,
    pub(super) authorizations: Vec<SetCodeAuthorization>,
}

pub(super) fn read_nonce(reader: &mut Reader<'_>) -> Result<u64, CodecError> {
    let nonce = reader.integer("nonce")?;
    match u64::try_from(nonce) {
        Ok(value) if value < u64::MAX => Ok(value),
        _ => Err(CodecError::NonceOverflow { nonce }),
    }
}

pub(super) fn read_gas_limit(reader: &mut Reader<'_>) -> Result<u64, CodecError> {
    let gas_limit = reader.integer("gas_limit")?;
    u64::try_from(gas_limit).map_err(|_| CodecError::GasLimitOverflow { gas_limit })
}

pub(super) fn read_recipient(reader: &mut Reader<'_>) -> Result<Option<Address>, CodecError> {
    let bytes = reader.bytes("to")?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let address: [u8; 20] = bytes.try_into().map_err(|_| CodecError::WrongLength {
        field: "to",
        expected: 20,
        actual: bytes.len() as u64,
    })?;
    Ok(Some(Address::from(address)))
}

pub(super) fn validate_chain_id(actual: U256, expected: u64) -> Result<u64, CodecError> {
    if actual == U256::from(expected) {
        return Ok(expected);
    }
    Err(CodecError::WrongChainId { expected, actual })
}
