//! A writer of JSON in Ethereum's notation: quantities are `"0x2a"`, data `"0x002a"`.

use alloy_primitives::{U256, hex};

/// Appends JSON to a buffer; commas come by themselves.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: Vec<u8>,
}

impl JsonWriter {
    /// An empty buffer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
        }
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Writes an object whose members `body` writes.
    pub fn object(&mut self, body: impl FnOnce(&mut Self)) {
        self.separate();
        self.out.push(b'{');
        body(self);
        self.out.push(b'}');
    }

    /// Writes an array whose elements `body` writes.
    pub fn array(&mut self, body: impl FnOnce(&mut Self)) {
        self.separate();
        self.out.push(b'[');
        body(self);
        self.out.push(b']');
    }

    /// Starts a member: its value must follow.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self
    }

    /// Writes values that are JSON already, with the commas between them.
    pub fn ready(&mut self, json: &[u8]) {
        self.separate();
        self.out.extend_from_slice(json);
    }

    /// How many bytes were written.
    #[must_use]
    pub fn length(&self) -> usize {
        self.out.len()
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.separate();
        self.out.extend_from_slice(b"null");
    }

    /// Writes `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.separate();
        self.out
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// Writes a quantity of 64 bits.
    pub fn quantity(&mut self, value: u64) {
        self.separate();
        self.out.extend_from_slice(b"\"0x");
        let digits = (64 - value.leading_zeros()).div_ceil(4).max(1);
        for digit in (0..digits).rev() {
            self.out.push(HEX[(value >> (4 * digit) & 0xf) as usize]);
        }
        self.out.push(b'"');
    }

    /// Writes a quantity of 256 bits.
    pub fn wide_quantity(&mut self, value: U256) {
        if let Ok(small) = u64::try_from(value) {
            return self.quantity(small);
        }
        self.separate();
        self.out
            .extend_from_slice(format!("\"{value:#x}\"").as_bytes());
    }

    /// Writes bytes.
    pub fn data(&mut self, bytes: &[u8]) {
        self.separate();
        self.out.extend_from_slice(b"\"0x");
        let start = self.out.len();
        self.out.resize(start + 2 * bytes.len(), 0);
        hex::encode_to_slice(bytes, &mut self.out[start..]).expect("the slice has twice the bytes");
        self.out.push(b'"');
    }

    /// Writes bytes, or `null`.
    pub fn optional_data(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.data(bytes),
            None => self.null(),
        }
    }

    /// A value that follows another needs a comma; one that follows `{`, `[` or `:` does not.
    fn separate(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(b',');
        }
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
