//! A strict RLP reader: one encoding per value, nothing else is accepted.
//!
//! Encoding is `alloy-rlp`'s; reading is our own because each broken rule is its own error, and
//! because a transaction's signing hash is taken from slices of what was read.

use alloy_primitives::U256;

use super::CodecError;

/// Reads items one after the other from a byte string.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// One item: its kind and its payload.
#[derive(Clone, Copy, Debug)]
struct Item<'a> {
    is_list: bool,
    payload: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads a list and returns a reader of its items.
    ///
    /// # Errors
    /// `UnexpectedString`, or the encoding rule that is broken.
    pub fn list(&mut self, field: &'static str) -> Result<Reader<'a>, CodecError> {
        let item = self.item(field)?;
        if item.is_list {
            Ok(Reader::new(item.payload))
        } else {
            Err(CodecError::UnexpectedString { field })
        }
    }

    /// Reads a byte string of any length.
    ///
    /// # Errors
    /// `UnexpectedList`, or the encoding rule that is broken.
    pub fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], CodecError> {
        let item = self.item(field)?;
        if item.is_list {
            Err(CodecError::UnexpectedList { field })
        } else {
            Ok(item.payload)
        }
    }

    /// Reads a byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// `WrongLength`, or what `bytes` reports.
    pub fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], CodecError> {
        let bytes = self.bytes(field)?;
        bytes.try_into().map_err(|_| CodecError::WrongLength {
            field,
            expected: N as u64,
            actual: bytes.len() as u64,
        })
    }

    /// Reads an unsigned integer of at most 32 bytes.
    ///
    /// # Errors
    /// `NonMinimalInteger`, `IntegerTooLarge`, or what `bytes` reports.
    pub fn integer(&mut self, field: &'static str) -> Result<U256, CodecError> {
        let bytes = self.integer_bytes(field, 32)?;
        Ok(U256::from_be_slice(bytes))
    }

    /// Reads an unsigned integer of at most 8 bytes.
    ///
    /// # Errors
    /// `NonMinimalInteger`, `IntegerTooLarge`, or what `bytes` reports.
    pub fn integer_u64(&mut self, field: &'static str) -> Result<u64, CodecError> {
        let bytes = self.integer_bytes(field, 8)?;
        Ok(bytes
            .iter()
            .fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// Reads an unsigned integer of at most one byte.
    ///
    /// # Errors
    /// `NonMinimalInteger`, `IntegerTooLarge`, or what `bytes` reports.
    pub fn integer_u8(&mut self, field: &'static str) -> Result<u8, CodecError> {
        let bytes = self.integer_bytes(field, 1)?;
        Ok(bytes.first().copied().unwrap_or(0))
    }

    /// Ends the reading of the object called `field`.
    ///
    /// # Errors
    /// `TrailingBytes` if something is left.
    pub fn finish(self, field: &'static str) -> Result<(), CodecError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(CodecError::TrailingBytes {
            field,
            count: self.rest.len() as u64,
        })
    }

    fn integer_bytes(&mut self, field: &'static str, max: usize) -> Result<&'a [u8], CodecError> {
        let bytes = self.bytes(field)?;
        if bytes.first() == Some(&0) {
            return Err(CodecError::NonMinimalInteger { field });
        }
        if bytes.len() > max {
            return Err(CodecError::IntegerTooLarge {
                field,
                size_bytes: bytes.len() as u64,
                size_bytes_max: max as u64,
            });
        }
        Ok(bytes)
    }

    fn item(&mut self, field: &'static str) -> Result<Item<'a>, CodecError> {
        let Some((&prefix, after)) = self.rest.split_first() else {
            return Err(CodecError::TruncatedInput {
                field,
                needed: 1,
                available: 0,
            });
        };
        if prefix < 0x80 {
            let (payload, rest) = self.rest.split_at(1);
            self.rest = rest;
            return Ok(Item {
                is_list: false,
                payload,
            });
        }
        let is_list = prefix >= 0xc0;
        let short = prefix - if is_list { 0xc0 } else { 0x80 };
        let (length, body) = if short <= 55 {
            (usize::from(short), after)
        } else {
            long_length(after, usize::from(short - 55), field)?
        };
        let (payload, rest) = body
            .split_at_checked(length)
            .ok_or(CodecError::TruncatedInput {
                field,
                needed: length as u64,
                available: body.len() as u64,
            })?;
        if !is_list && length == 1 && payload[0] < 0x80 {
            return Err(CodecError::NonCanonicalByte {
                field,
                value: payload[0],
            });
        }
        self.rest = rest;
        Ok(Item { is_list, payload })
    }
}

/// Reads a length of `size` bytes, big-endian, which must be above 55 and have no leading zero.
fn long_length<'a>(
    bytes: &'a [u8],
    size: usize,
    field: &'static str,
) -> Result<(usize, &'a [u8]), CodecError> {
    let (digits, body) = bytes
        .split_at_checked(size)
        .ok_or(CodecError::TruncatedInput {
            field,
            needed: size as u64,
            available: bytes.len() as u64,
        })?;
    // At most eight digits follow a prefix byte, so that the value fits 64 bits.
    let length = digits
        .iter()
        .fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    if digits[0] == 0 || length <= 55 {
        return Err(CodecError::NonCanonicalLength { field });
    }
    let length = usize::try_from(length).map_err(|_| CodecError::TruncatedInput {
        field,
        needed: length,
        available: body.len() as u64,
    })?;
    Ok((length, body))
}
