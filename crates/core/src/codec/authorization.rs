//! Authorisations of a set-code transaction (EIP-7702).

use alloy_eip7702::{Authorization, RecoveredAuthority, RecoveredAuthorization};
use alloy_primitives::{Address, U256};

use super::CodecError;
use super::rlp::Reader;
use super::signature::Signature;

/// One authorisation as it was signed, with the account it speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCodeAuthorization {
    /// Chain id (0: any chain), delegate and nonce.
    pub content: Authorization,
    /// As written, any byte: a value above 1 makes the authorisation void, not the transaction.
    pub y_parity: u8,
    /// As written.
    pub r: U256,
    /// As written.
    pub s: U256,
    /// The account that signed; `None` if the signature is void.
    pub authority: Option<Address>,
}

impl SetCodeAuthorization {
    /// An authorisation that did not come in a transaction, recovered.
    pub fn from_parts(content: Authorization, y_parity: u8, r: U256, s: U256) -> Self {
        let mut entry = Self {
            content,
            y_parity,
            r,
            s,
            authority: None,
        };
        recover_authority(&mut entry);
        entry
    }

    /// What the executor takes: recovery has happened, and never happens again.
    pub fn recovered(&self) -> RecoveredAuthorization {
        let authority = self
            .authority
            .map_or(RecoveredAuthority::Invalid, RecoveredAuthority::Valid);
        RecoveredAuthorization::new_unchecked(self.content.clone(), authority)
    }
}

/// Reads the authorisation list, without recovering anybody.
pub(super) fn read_authorizations(
    list: Reader<'_>,
) -> Result<Vec<SetCodeAuthorization>, CodecError> {
    let mut reader = list;
    let mut authorizations = Vec::new();
    while !reader.is_empty() {
        let mut entry = reader.list("authorization")?;
        authorizations.push(SetCodeAuthorization {
            content: Authorization {
                chain_id: entry.integer("authorization.chain_id")?,
                address: Address::from(entry.fixed::<20>("authorization.address")?),
                nonce: entry.integer_u64("authorization.nonce")?,
            },
            y_parity: entry.integer_u8("authorization.y_parity")?,
            r: entry.integer("authorization.r")?,
            s: entry.integer("authorization.s")?,
            authority: None,
        });
        entry.finish("authorization")?;
    }
    Ok(authorizations)
}

/// Recovers who signed; a void signature leaves `None`, as EIP-7702 skips such an entry.
pub(super) fn recover_authority(entry: &mut SetCodeAuthorization) {
    if entry.y_parity > 1 {
        return;
    }
    let signature = Signature {
        y_parity: entry.y_parity == 1,
        r: entry.r,
        s: entry.s,
    };
    entry.authority = signature.signer(&entry.content.signature_hash()).ok();
}
