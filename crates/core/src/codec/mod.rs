//! Byte formats: strict RLP, signed transactions, and the requests that submit them.
//!
//! Every transaction that decodes here re-encodes to the same bytes: a second encoding of one value
//! would give one object two hashes.

pub mod batch;
pub mod error;
pub mod gas;
pub mod rlp;
pub mod signature;
pub mod submissions;
pub mod transaction;

mod authorization;
mod body;
mod content;
mod core_space;
mod decode;

pub use authorization::SetCodeAuthorization;
pub use batch::{decode_known, decode_transactions};
pub(crate) use body::INITCODE_BYTES_MAX;
pub use body::{BodyMeasure, encode_body, measure_body};
pub use error::CodecError;
pub use transaction::{SignedTransaction, TransactionKind};
