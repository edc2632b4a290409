//! What was rendered lately, ready to be sent again: a block is asked for by everyone who follows.
//!
//! * **K1** What is kept is what rendering from the store would give now: an undo or an edit forgets
//!   everything, and what was rendered from before it is not kept after it.
//! * **K2** At most `BYTES_MAX` are kept; the oldest go first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alloy_primitives::Log;

/// Ninety blocks of 200 whole transactions.
const BYTES_MAX: usize = 16 << 20;
/// What an entry takes beside its bytes, about.
const ENTRY_BYTES: usize = 200;

/// What an epoch is rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in super::super) enum Form {
    /// A block with whole transactions.
    WholeBlock,
    /// A block with the hashes of its transactions.
    BlockOfHashes,
    /// All receipts.
    Receipts,
}

/// The logs of an epoch, each rendered.
#[derive(Debug, Default)]
pub(in super::super) struct EpochLogs {
    /// All of them, with commas between.
    pub(in super::super) json: Vec<u8>,
    /// Each log, and where its JSON ends; the next one's begins after a comma.
    pub(in super::super) logs: Vec<(Log, usize)>,
}

/// A bounded memory of rendered epochs.
#[derive(Debug, Default)]
pub struct RenderCache {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    forms: HashMap<(u64, Form), Arc<Vec<u8>>>,
    logs: HashMap<u64, Arc<EpochLogs>>,
    order: VecDeque<(u64, Option<Form>)>,
    bytes: usize,
    generation: u64,
}

impl RenderCache {
    /// What a later `keep` must name: taken before the store is read.
    pub(in super::super) fn generation(&self) -> u64 {
        self.lock().generation
    }

    /// An epoch in this form, if it is held.
    pub(in super::super) fn get(&self, epoch: u64, form: Form) -> Option<Arc<Vec<u8>>> {
        self.lock().forms.get(&(epoch, form)).cloned()
    }

    /// The logs of an epoch, if they are held.
    pub(in super::super) fn get_logs(&self, epoch: u64) -> Option<Arc<EpochLogs>> {
        self.lock().logs.get(&epoch).cloned()
    }

    /// Keeps an epoch in this form, unless something was undone since `generation`.
    pub(in super::super) fn keep(
        &self,
        generation: u64,
        epoch: u64,
        form: Form,
        json: &Arc<Vec<u8>>,
    ) {
        let mut inner = self.lock();
        if inner.generation != generation || json.len() > BYTES_MAX / 4 {
            return;
        }
        if inner
            .forms
            .insert((epoch, form), Arc::clone(json))
            .is_none()
        {
            inner.count(epoch, Some(form), json.len());
        }
    }

    /// Keeps the logs of an epoch, unless something was undone since `generation`.
    pub(in super::super) fn keep_logs(&self, generation: u64, epoch: u64, logs: &Arc<EpochLogs>) {
        let mut inner = self.lock();
        if inner.generation != generation || logs.bytes() > BYTES_MAX / 4 {
            return;
        }
        if inner.logs.insert(epoch, Arc::clone(logs)).is_none() {
            inner.count(epoch, None, logs.bytes());
        }
    }

    /// Forgets everything: after the commit that took something back.
    pub(in super::super) fn clear(&self) {
        let mut inner = self.lock();
        *inner = Inner {
            generation: inner.generation + 1,
            ..Inner::default()
        };
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere stops the node; until then an entry is whole or absent.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn count(&mut self, epoch: u64, form: Option<Form>, bytes: usize) {
        self.order.push_back((epoch, form));
        self.bytes += bytes + ENTRY_BYTES;
        while self.bytes > BYTES_MAX {
            let Some((epoch, form)) = self.order.pop_front() else {
                break;
            };
            let freed = match form {
                Some(form) => self.forms.remove(&(epoch, form)).map(|json| json.len()),
                None => self.logs.remove(&epoch).map(|logs| logs.bytes()),
            };
            self.bytes -= freed.unwrap_or_default() + ENTRY_BYTES;
        }
    }
}

impl EpochLogs {
    fn bytes(&self) -> usize {
        let logs = self.logs.iter();
        let held = logs.map(|(log, _)| 100 + 32 * log.topics().len() + log.data.data.len());
        self.json.len() + held.sum::<usize>()
    }
}
