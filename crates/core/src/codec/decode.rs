//! Raw bytes to a checked, recovered transaction.
//!
//! Checks run in order of cost: the encoding, then what the fields say, then the signature. The
//! signing hash is taken over slices of the input, which strict reading proves to be canonical.

use alloy_eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::Encodable;

use super::authorization::{read_authorizations, recover_authority};
use super::content::{Content, read_gas_limit, read_nonce, read_recipient, validate_chain_id};
use super::core_space::{self, user_address};
use super::rlp::Reader;
use super::signature::Signature;
use super::{CodecError, SignedTransaction, TransactionKind};
use crate::crypto::keccak256;

/// Decodes, checks and recovers one transaction for the chain `chain_id`.
pub(super) fn decode_transaction(
    raw: Bytes,
    chain_id: u64,
    known_sender: Option<Address>,
) -> Result<SignedTransaction, CodecError> {
    let (mut content, signature, digest) = match raw.first() {
        None => return Err(truncated()),
        Some(1) => read_typed(&raw, TransactionKind::AccessList, chain_id)?,
        Some(2) => read_typed(&raw, TransactionKind::DynamicFee, chain_id)?,
        Some(4) => read_typed(&raw, TransactionKind::SetCode, chain_id)?,
        Some(&kind) if kind < 0x80 => return Err(CodecError::UnknownTransactionType { kind }),
        Some(_) if core_space::is_transaction(&raw) => core_space::read(&raw, chain_id)?,
        Some(_) => read_legacy(&raw, chain_id)?,
    };
    validate_fees(&content)?;
    let sender = match known_sender {
        Some(sender) => sender,
        None => {
            let signer = signature.signer(&digest)?;
            match content.kind {
                TransactionKind::CoreTransfer => core_space::state_address(user_address(signer)),
                _ => signer,
            }
        }
    };
    content
        .authorizations
        .iter_mut()
        .for_each(recover_authority);
    Ok(SignedTransaction {
        hash: keccak256(&raw),
        kind: content.kind,
        chain_id: content.chain_id,
        nonce: content.nonce,
        gas_limit: content.gas_limit,
        to: content.to,
        value: content.value,
        data: content.data,
        max_fee_per_gas: content.max_fee_per_gas,
        max_priority_fee_per_gas: content.max_priority_fee_per_gas,
        access_list: content.access_list,
        authorizations: content.authorizations,
        signature,
        sender,
        raw,
    })
}

fn truncated() -> CodecError {
    CodecError::TruncatedInput {
        field: "transaction",
        needed: 1,
        available: 0,
    }
}

fn read_legacy(raw: &Bytes, chain_id: u64) -> Result<(Content, Signature, B256), CodecError> {
    let mut outer = Reader::new(raw);
    let mut reader = outer.list("transaction")?;
    outer.finish("transaction")?;
    let start = reader.rest();
    let nonce = read_nonce(&mut reader)?;
    let gas_price = reader.integer("gas_price")?;
    let mut content = Content {
        kind: TransactionKind::Legacy,
        chain_id: None,
        nonce,
        max_fee_per_gas: gas_price,
        max_priority_fee_per_gas: gas_price,
        gas_limit: read_gas_limit(&mut reader)?,
        to: read_recipient(&mut reader)?,
        value: reader.integer("value")?,
        data: raw.slice_ref(reader.bytes("data")?),
        access_list: AccessList::default(),
        authorizations: Vec::new(),
    };
    let signed = &start[..start.len() - reader.rest().len()];
    let v = reader.integer("v")?;
    let (r, s) = (reader.integer("r")?, reader.integer("s")?);
    reader.finish("transaction")?;

    let (y_parity, signed_for) = split_v(v)?;
    let digest = match signed_for {
        None => list_digest(&[], signed, &[]),
        Some(actual) => {
            content.chain_id = Some(validate_chain_id(actual, chain_id)?);
            let mut suffix = Vec::with_capacity(11);
            chain_id.encode(&mut suffix);
            suffix.extend_from_slice(&[0x80, 0x80]);
            list_digest(&[], signed, &suffix)
        }
    };
    Ok((content, Signature { y_parity, r, s }, digest))
}

/// Splits `v` into the parity and, from EIP-155 on, the chain id: `v = 35 + 2·chain_id + parity`.
fn split_v(v: U256) -> Result<(bool, Option<U256>), CodecError> {
    if v == U256::from(27) || v == U256::from(28) {
        return Ok((v.bit(0) ^ true, None));
    }
    let above = v
        .checked_sub(U256::from(35))
        .ok_or(CodecError::InvalidSignatureV { v })?;
    Ok((above.bit(0), Some(above >> 1)))
}

fn read_typed(
    raw: &Bytes,
    kind: TransactionKind,
    chain_id: u64,
) -> Result<(Content, Signature, B256), CodecError> {
    let mut outer = Reader::new(&raw[1..]);
    let mut reader = outer.list("transaction")?;
    outer.finish("transaction")?;
    let start = reader.rest();
    let content = read_typed_content(raw, &mut reader, kind, chain_id)?;
    let signed = &start[..start.len() - reader.rest().len()];

    let parity = reader.integer("y_parity")?;
    let (r, s) = (reader.integer("r")?, reader.integer("s")?);
    reader.finish("transaction")?;
    if parity > U256::ONE {
        return Err(CodecError::InvalidYParity { y_parity: parity });
    }
    let digest = list_digest(&[kind as u8], signed, &[]);
    Ok((
        content,
        Signature {
            y_parity: parity.bit(0),
            r,
            s,
        },
        digest,
    ))
}

fn read_typed_content(
    raw: &Bytes,
    reader: &mut Reader<'_>,
    kind: TransactionKind,
    chain_id: u64,
) -> Result<Content, CodecError> {
    let signed_for = reader.integer("chain_id")?;
    let nonce = read_nonce(reader)?;
    let (tip, cap) = if kind == TransactionKind::AccessList {
        let price = reader.integer("gas_price")?;
        (price, price)
    } else {
        (
            reader.integer("max_priority_fee_per_gas")?,
            reader.integer("max_fee_per_gas")?,
        )
    };
    let mut content = Content {
        kind,
        chain_id: None,
        nonce,
        max_fee_per_gas: cap,
        max_priority_fee_per_gas: tip,
        gas_limit: read_gas_limit(reader)?,
        to: read_recipient(reader)?,
        value: reader.integer("value")?,
        data: raw.slice_ref(reader.bytes("data")?),
        access_list: read_access_list(reader.list("access_list")?)?,
        authorizations: Vec::new(),
    };
    if kind == TransactionKind::SetCode {
        content.authorizations = read_authorizations(reader.list("authorization_list")?)?;
        if content.to.is_none() {
            return Err(CodecError::CreateInSetCode);
        }
        if content.authorizations.is_empty() {
            return Err(CodecError::EmptyAuthorizationList);
        }
    }
    content.chain_id = Some(validate_chain_id(signed_for, chain_id)?);
    Ok(content)
}

fn read_access_list(mut reader: Reader<'_>) -> Result<AccessList, CodecError> {
    let mut items = Vec::new();
    while !reader.is_empty() {
        let mut entry = reader.list("access_list.entry")?;
        let address = Address::from(entry.fixed::<20>("access_list.address")?);
        let mut keys = entry.list("access_list.storage_keys")?;
        entry.finish("access_list.entry")?;
        let mut storage_keys = Vec::new();
        while !keys.is_empty() {
            storage_keys.push(B256::from(keys.fixed::<32>("access_list.storage_key")?));
        }
        items.push(AccessListItem {
            address,
            storage_keys,
        });
    }
    Ok(AccessList(items))
}

fn validate_fees(content: &Content) -> Result<(), CodecError> {
    let (tip, cap) = (content.max_priority_fee_per_gas, content.max_fee_per_gas);
    if tip > cap {
        return Err(CodecError::TipAboveCap { tip, cap });
    }
    let gas_limit = content.gas_limit;
    match U256::from(gas_limit).checked_mul(cap) {
        Some(_) => Ok(()),
        None => Err(CodecError::FeeOverflow {
            gas_limit,
            fee_per_gas: cap,
        }),
    }
}

/// keccak of `prefix ‖ rlp([fields ‖ suffix])`, where both are encoded already.
fn list_digest(prefix: &[u8], fields: &[u8], suffix: &[u8]) -> B256 {
    let payload_length = fields.len() + suffix.len();
    let mut bytes = Vec::with_capacity(prefix.len() + 9 + payload_length);
    bytes.extend_from_slice(prefix);
    alloy_rlp::Header {
        list: true,
        payload_length,
    }
    .encode(&mut bytes);
    bytes.extend_from_slice(fields);
    bytes.extend_from_slice(suffix);
    keccak256(&bytes)
}
