//! The latest values of hot keys, in memory.
//!
//! Two generations: a value found in the old one moves to the young one; when the young one is
//! full it becomes the old one, and what was not asked for since is forgotten. Unlike a linked
//! LRU it costs one map operation a hit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::change::Change;
use super::key::StateKey;

type Generation = HashMap<StateKey, Option<Box<[u8]>>>;
/// What a lookup found: nothing known, known absent, or a value.
pub type Cached = Option<Option<Vec<u8>>>;

/// Shared by the executor and every view of the latest state.
#[derive(Debug)]
pub struct StateCache {
    inner: Mutex<Inner>,
    generation_entries: usize,
}

#[derive(Debug, Default)]
struct Inner {
    /// The commit whose latest values these are.
    commit: u64,
    young: Generation,
    old: Generation,
}

impl StateCache {
    /// A cache of at most twice `generation_entries` values, about 150 bytes each.
    #[must_use]
    pub fn new(generation_entries: usize) -> Self {
        Self {
            inner: Mutex::default(),
            generation_entries,
        }
    }

    /// The value of `key` as of `commit`, if it is known.
    #[must_use]
    pub fn get(&self, commit: u64, key: &StateKey) -> Cached {
        let mut inner = self.lock();
        if inner.commit != commit {
            return None;
        }
        if let Some(value) = inner.young.get(key) {
            return Some(value.as_deref().map(<[u8]>::to_vec));
        }
        let value = inner.old.remove(key)?;
        let found = value.as_deref().map(<[u8]>::to_vec);
        self.insert(&mut inner, *key, value);
        Some(found)
    }

    /// Remembers what the store holds for `key` as of `commit`; ignored if that is not the latest.
    pub fn remember(&self, commit: u64, key: StateKey, value: Option<&[u8]>) {
        let mut inner = self.lock();
        if inner.commit == commit {
            self.insert(&mut inner, key, value.map(Box::from));
        }
    }

    /// Moves on to `commit`, which made `changes`.
    pub fn advance(&self, commit: u64, changes: &[Change]) {
        let mut inner = self.lock();
        inner.commit = commit;
        for change in changes {
            inner.old.remove(&change.key);
            self.insert(&mut inner, change.key, change.new.as_deref().map(Box::from));
        }
    }

    /// Forgets everything and starts at `commit`.
    pub fn reset(&self, commit: u64) {
        let mut inner = self.lock();
        *inner = Inner {
            commit,
            ..Inner::default()
        };
    }

    fn insert(&self, inner: &mut Inner, key: StateKey, value: Option<Box<[u8]>>) {
        if inner.young.len() >= self.generation_entries {
            inner.old = std::mem::take(&mut inner.young);
        }
        inner.young.insert(key, value);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere stops the node; until then a cache entry is whole or absent.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
