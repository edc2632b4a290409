//! Analysed code in memory: finding the jump targets of a contract costs more than running it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use alloy_primitives::{B256, Bytes};
use revm::bytecode::Bytecode;

use super::error::ExecutionError;

/// Enough for 2,600 contracts of the largest size; a cache that is full starts anew.
const CODE_BYTES_MAX: usize = 64 << 20;

/// Code by its hash.
#[derive(Debug, Default)]
pub struct CodeCache {
    inner: Mutex<(HashMap<B256, Bytecode>, usize)>,
}

impl CodeCache {
    /// The code with this hash; `load` reads it when it is not held.
    ///
    /// # Errors
    /// Those of `load`.
    pub fn get(
        &self,
        code_hash: B256,
        load: impl FnOnce() -> Result<Vec<u8>, ExecutionError>,
    ) -> Result<Bytecode, ExecutionError> {
        let lock = || self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = lock().0.get(&code_hash) {
            return Ok(code.clone());
        }
        let code = analyse(load()?.into());
        let mut inner = lock();
        inner.1 += code.len();
        if inner.1 > CODE_BYTES_MAX {
            *inner = (HashMap::new(), code.len());
        }
        inner.0.insert(code_hash, code.clone());
        Ok(code)
    }
}

/// Code as the machine runs it; what only looks like a delegation (EIP-7702) is plain code.
#[must_use]
pub fn analyse(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}
