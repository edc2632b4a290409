//! Transfers of Core Space: how they are written, and whose accounts they move (CIP-155).
//!
//! Only what moves money from a user to a user is read. The state has one space, so the accounts are
//! kept under hashed addresses, which meet none of eSpace (docs/adr/0141). Which networks take such
//! transactions is for the pool and for the rules of a block to say.

use alloy_eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, U256};

use super::content::{Content, read_gas_limit, read_nonce, read_recipient, validate_chain_id};
use super::rlp::Reader;
use super::signature::Signature;
use super::{CodecError, TransactionKind};
use crate::crypto::keccak256;

/// The first four bits of a user's address.
const USER: u8 = 0x10;
/// What is hashed before an address of Core Space, and before nothing else.
const STATE_DOMAIN: &[u8] = b"core space";

/// Whether the bytes are a list whose first item is a list.
pub(super) fn is_transaction(raw: &[u8]) -> bool {
    let after_prefix = match raw.first().copied() {
        Some(0xc1..=0xf7) => raw.get(1),
        Some(prefix @ 0xf8..) => raw.get(2 + usize::from(prefix - 0xf8)),
        _ => None,
    };
    after_prefix.is_some_and(|&first| first >= 0xc0)
}

/// Reads `[[nonce, gas_price, gas, to, value, storage_limit, epoch_height, chain_id, data], v, r, s]`.
pub(super) fn read(raw: &[u8], chain_id: u64) -> Result<(Content, Signature, B256), CodecError> {
    let mut outer = Reader::new(raw);
    let mut reader = outer.list("transaction")?;
    outer.finish("transaction")?;
    let start = reader.rest();
    let mut fields = reader.list("transaction")?;
    let signed = &start[..start.len() - reader.rest().len()];
    let nonce = read_nonce(&mut fields)?;
    let gas_price = fields.integer("gas_price")?;
    let gas_limit = read_gas_limit(&mut fields)?;
    let recipient = read_recipient(&mut fields)?;
    let value = fields.integer("value")?;
    fields.integer_u64("storage_limit")?;
    fields.integer_u64("epoch_height")?;
    let signed_for = fields.integer("chain_id")?;
    let data = fields.bytes("data")?;
    fields.finish("transaction")?;
    let parity = reader.integer("v")?;
    let (r, s) = (reader.integer("r")?, reader.integer("s")?);
    reader.finish("transaction")?;
    if parity > U256::ONE {
        return Err(CodecError::InvalidYParity { y_parity: parity });
    }
    let chain_id = validate_chain_id(signed_for, chain_id)?;
    let to = recipient.filter(|to| data.is_empty() && to.0.0[0] & 0xf0 == USER);
    let Some(to) = to else {
        let kind = TransactionKind::CoreTransfer as u8;
        return Err(CodecError::UnknownTransactionType { kind });
    };
    let content = Content {
        kind: TransactionKind::CoreTransfer,
        chain_id: Some(chain_id),
        nonce,
        gas_limit,
        to: Some(state_address(to)),
        value,
        data: Bytes::new(),
        max_fee_per_gas: gas_price,
        max_priority_fee_per_gas: gas_price,
        access_list: AccessList::default(),
        authorizations: Vec::new(),
    };
    let y_parity = parity.bit(0);
    Ok((content, Signature { y_parity, r, s }, keccak256(signed)))
}

/// The address of a key in Core Space, from what it is in eSpace.
pub(super) fn user_address(address: Address) -> Address {
    let mut bytes = address.0.0;
    bytes[0] = (bytes[0] & 0x0f) | USER;
    Address::from(bytes)
}

/// Where the state keeps an account of Core Space.
pub(super) fn state_address(address: Address) -> Address {
    let mut bytes = Vec::with_capacity(STATE_DOMAIN.len() + 20);
    bytes.extend_from_slice(STATE_DOMAIN);
    bytes.extend_from_slice(address.as_slice());
    Address::from_slice(&keccak256(&bytes)[12..])
}
