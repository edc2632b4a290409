//! The compact encoding of the core's own rows: variable-length integers and prefixed strings.
//!
//! These bytes stay on this machine; what other nodes hash is RLP or fixed-size concatenation.

use alloy_primitives::{Address, B256, U256};
use thiserror::Error;

/// A row that this build did not write, or that was damaged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("a stored {what} ends early or holds what no build writes")]
pub struct DamagedRow {
    /// What was being read.
    pub what: &'static str,
}

/// Appends values to a row.
pub trait Put {
    /// Appends an integer, 7 bits a byte, lowest first.
    fn put_varint(&mut self, value: u64);
    /// Appends a length and the bytes.
    fn put_string(&mut self, bytes: &[u8]);
    /// Appends a 256-bit integer as its significant bytes, big-endian.
    fn put_u256(&mut self, value: U256);
}

impl Put for Vec<u8> {
    fn put_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.push(value as u8);
    }

    fn put_string(&mut self, bytes: &[u8]) {
        self.put_varint(bytes.len() as u64);
        self.extend_from_slice(bytes);
    }

    fn put_u256(&mut self, value: U256) {
        let bytes = value.to_be_bytes::<32>();
        let skip = value.leading_zeros() / 8;
        self.put_string(&bytes[skip..]);
    }
}

/// Reads a row from its first byte to its last.
#[derive(Clone, Copy, Debug)]
pub struct Take<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Take<'a> {
    /// Starts reading `row`, called `what` in errors.
    #[must_use]
    pub const fn new(row: &'a [u8], what: &'static str) -> Self {
        Self { rest: row, what }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Ends the row.
    ///
    /// # Errors
    /// `DamagedRow` if something is left.
    pub fn finish(self) -> Result<(), DamagedRow> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.damaged())
        }
    }

    /// The error for this row.
    #[must_use]
    pub const fn damaged(&self) -> DamagedRow {
        DamagedRow { what: self.what }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// `DamagedRow`, as all reads.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], DamagedRow> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(self.damaged())?;
        self.rest = rest;
        Ok(head)
    }

    /// The next byte.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn byte(&mut self) -> Result<u8, DamagedRow> {
        Ok(self.raw(1)?[0])
    }

    /// An integer.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn varint(&mut self) -> Result<u64, DamagedRow> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damaged())
    }

    /// An integer that 32 bits hold.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn narrow(&mut self) -> Result<u32, DamagedRow> {
        u32::try_from(self.varint()?).map_err(|_| self.damaged())
    }

    /// A length that a `usize` holds.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn length(&mut self) -> Result<usize, DamagedRow> {
        usize::try_from(self.varint()?).map_err(|_| self.damaged())
    }

    /// A prefixed string.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn bytes(&mut self) -> Result<&'a [u8], DamagedRow> {
        let count = self.length()?;
        self.raw(count)
    }

    /// A 256-bit integer.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn u256(&mut self) -> Result<U256, DamagedRow> {
        let bytes = self.bytes()?;
        U256::try_from_be_slice(bytes).ok_or(self.damaged())
    }

    /// A number of 8 bytes, big-endian, as keys have them.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn number(&mut self) -> Result<u64, DamagedRow> {
        let damaged = self.damaged();
        let bytes = self.raw(8)?.try_into().map_err(|_| damaged)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// 32 bytes.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn hash(&mut self) -> Result<B256, DamagedRow> {
        Ok(B256::from_slice(self.raw(32)?))
    }

    /// 20 bytes.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn address(&mut self) -> Result<Address, DamagedRow> {
        Ok(Address::from_slice(self.raw(20)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_is_taken(number: u64, text: Vec<u8>, words: [u64; 4]) {
            let wide = U256::from_limbs(words);
            let mut row = Vec::new();
            row.put_varint(number);
            row.put_string(&text);
            row.put_u256(wide);
            let mut take = Take::new(&row, "row");
            prop_assert_eq!(take.varint(), Ok(number));
            prop_assert_eq!(take.bytes(), Ok(text.as_slice()));
            prop_assert_eq!(take.u256(), Ok(wide));
            prop_assert!(take.is_empty());
        }

        #[test]
        fn a_cut_row_is_damaged(text in proptest::collection::vec(any::<u8>(), 1..64)) {
            let mut row = Vec::new();
            row.put_string(&text);
            row.pop();
            prop_assert!(Take::new(&row, "row").bytes().is_err());
        }
    }
}
