//! The rules every signature of the ledger obeys, and the recovery of its signer.

use alloy_primitives::{Address, B256, U256};

use super::CodecError;
use crate::crypto::recovery::recover_address;

/// Order of the group of secp256k1 (SEC 2, section 2.4.1).
pub const CURVE_ORDER: U256 = U256::from_limbs([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

/// Half of it, rounded down: the largest `s` that is accepted (EIP-2).
pub const HALF_CURVE_ORDER: U256 = U256::from_limbs([
    0xdfe9_2f46_681b_20a0,
    0x5d57_6e73_57a4_501d,
    0xffff_ffff_ffff_ffff,
    0x7fff_ffff_ffff_ffff,
]);

/// A recoverable signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Whether the y coordinate of the signature's point is odd.
    pub y_parity: bool,
    /// x coordinate of the signature's point, modulo the order.
    pub r: U256,
    /// Proof scalar.
    pub s: U256,
}

impl Signature {
    /// Checks the ranges of `r` and `s`.
    ///
    /// # Errors
    /// `SignatureOutOfRange` or `HighS`.
    pub fn validate(&self) -> Result<(), CodecError> {
        for (field, value) in [("r", self.r), ("s", self.s)] {
            if value.is_zero() || value >= CURVE_ORDER {
                return Err(CodecError::SignatureOutOfRange { field, value });
            }
        }
        if self.s > HALF_CURVE_ORDER {
            return Err(CodecError::HighS { s: self.s });
        }
        Ok(())
    }

    /// Validates, then returns the address that signed `digest`.
    ///
    /// # Errors
    /// What `validate` reports, or `UnrecoverableSignature`.
    pub fn signer(&self, digest: &B256) -> Result<Address, CodecError> {
        self.validate()?;
        recover_address(
            digest,
            self.y_parity,
            &self.r.to_be_bytes(),
            &self.s.to_be_bytes(),
        )
        .ok_or(CodecError::UnrecoverableSignature)
    }
}
