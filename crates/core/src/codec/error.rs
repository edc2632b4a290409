//! What is wrong with bytes, one variant per rule.

use alloy_primitives::U256;
use thiserror::Error;

/// Why bytes were refused. The Python exception of each variant has the same name and fields.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// An item says it is longer than what is left.
    #[error("{field}: needs {needed} bytes, {available} are left")]
    TruncatedInput {
        /// The field being read.
        field: &'static str,
        /// Bytes the item announces.
        needed: u64,
        /// Bytes that are left.
        available: u64,
    },
    /// Bytes follow the end of the object.
    #[error("{field}: {count} bytes follow its end")]
    TrailingBytes {
        /// The object that ended.
        field: &'static str,
        /// How many bytes follow.
        count: u64,
    },
    /// A length is written longer than needed.
    #[error("{field}: its length is not written in the shortest form")]
    NonCanonicalLength {
        /// The field being read.
        field: &'static str,
    },
    /// A byte below 0x80 is wrapped in a length prefix.
    #[error("{field}: byte {value:#04x} stands for itself and takes no length prefix")]
    NonCanonicalByte {
        /// The field being read.
        field: &'static str,
        /// The wrapped byte.
        value: u8,
    },
    /// An integer starts with a zero byte.
    #[error("{field}: the integer has leading zero bytes")]
    NonMinimalInteger {
        /// The field being read.
        field: &'static str,
    },
    /// A list stands where a string must.
    #[error("{field}: a list stands where a string must")]
    UnexpectedList {
        /// The field being read.
        field: &'static str,
    },
    /// A string stands where a list must.
    #[error("{field}: a string stands where a list must")]
    UnexpectedString {
        /// The field being read.
        field: &'static str,
    },
    /// A fixed-size field has another size.
    #[error("{field}: is {actual} bytes, must be {expected}")]
    WrongLength {
        /// The field being read.
        field: &'static str,
        /// Bytes it must have.
        expected: u64,
        /// Bytes it has.
        actual: u64,
    },
    /// An integer is wider than its type.
    #[error("{field}: is {size_bytes} bytes, at most {size_bytes_max} fit")]
    IntegerTooLarge {
        /// The field being read.
        field: &'static str,
        /// Bytes it has.
        size_bytes: u64,
        /// Bytes that fit.
        size_bytes_max: u64,
    },
    /// The first byte names no transaction type that this ledger takes.
    #[error("transaction type {kind:#04x} is unknown")]
    UnknownTransactionType {
        /// The first byte.
        kind: u8,
    },
    /// Signed for another chain.
    #[error("signed for chain {actual}, this is chain {expected}")]
    WrongChainId {
        /// This network's chain id.
        expected: u64,
        /// The transaction's.
        actual: U256,
    },
    /// `v` of a legacy transaction is neither 27, 28 nor 35 or more.
    #[error("v is {v}: it must be 27, 28 or at least 35")]
    InvalidSignatureV {
        /// The value found.
        v: U256,
    },
    /// `y_parity` of a typed transaction, or `v` of a Core Space transfer, is neither 0 nor 1.
    #[error("y_parity is {y_parity}: it must be 0 or 1")]
    InvalidYParity {
        /// The value found.
        y_parity: U256,
    },
    /// `r` or `s` is zero or not below the order of the curve.
    #[error("{field} is {value}: it must be above 0 and below the order of secp256k1")]
    SignatureOutOfRange {
        /// `r` or `s`.
        field: &'static str,
        /// The value found.
        value: U256,
    },
    /// `s` lies in the upper half, so that a second signature of the same content exists (EIP-2).
    #[error("s is {s}: it lies above half the order of secp256k1")]
    HighS {
        /// The value found.
        s: U256,
    },
    /// No public key belongs to the signature.
    #[error("no public key belongs to the signature")]
    UnrecoverableSignature,
    /// The nonce cannot be followed by another (EIP-2681).
    #[error("nonce {nonce} is not below 2^64 - 1")]
    NonceOverflow {
        /// The value found.
        nonce: U256,
    },
    /// The gas limit does not fit 64 bits.
    #[error("gas limit {gas_limit} does not fit 64 bits")]
    GasLimitOverflow {
        /// The value found.
        gas_limit: U256,
    },
    /// Gas limit times price does not fit 256 bits: nobody can own that much.
    #[error("{gas_limit} gas at {fee_per_gas} a unit does not fit 256 bits")]
    FeeOverflow {
        /// The transaction's gas limit.
        gas_limit: u64,
        /// The most it offers per unit of gas.
        fee_per_gas: U256,
    },
    /// The priority fee exceeds the fee cap (EIP-1559).
    #[error("the tip {tip} exceeds the fee cap {cap}")]
    TipAboveCap {
        /// `max_priority_fee_per_gas`.
        tip: U256,
        /// `max_fee_per_gas`.
        cap: U256,
    },
    /// A set-code transaction without authorisations (EIP-7702).
    #[error("a set-code transaction needs at least one authorisation")]
    EmptyAuthorizationList,
    /// A set-code transaction that creates a contract (EIP-7702).
    #[error("a set-code transaction cannot create a contract")]
    CreateInSetCode,
}

impl CodecError {
    /// Whether the bytes are at fault, rather than what they say.
    pub fn is_encoding(&self) -> bool {
        matches!(
            self,
            Self::TruncatedInput { .. }
                | Self::TrailingBytes { .. }
                | Self::NonCanonicalLength { .. }
                | Self::NonCanonicalByte { .. }
                | Self::NonMinimalInteger { .. }
                | Self::UnexpectedList { .. }
                | Self::UnexpectedString { .. }
                | Self::WrongLength { .. }
                | Self::IntegerTooLarge { .. }
        )
    }
}
