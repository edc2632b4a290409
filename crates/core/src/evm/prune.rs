//! What an executor may forget: history that is too old, and change records no undo needs.
//!
//! With every epoch at most two old ones go, so that the backlog shrinks and no epoch pays for many.

use super::error::ExecutionError;
use super::executor::Executor;
use crate::state::commitment::window::{forget_windows_before, window_of};
use crate::state::{ChangeRecord, Head, tables};
use crate::store::{Batch, Durability};

/// Two for each epoch that comes: a backlog halves while it is worked off.
const EPOCHS_PRUNED_AT_ONCE: usize = 2;

impl Executor {
    /// Says that nothing below epoch `number` will be returned to.
    ///
    /// # Errors
    /// `NotInitialised`, `Store`.
    pub fn forget_before(&self, number: u64) -> Result<(), ExecutionError> {
        let _writer = self.write();
        let mut head = self.head()?;
        let floor = number.min(head.number);
        if floor <= head.undo_floor {
            return Ok(());
        }
        let (window_start, frozen_start) = window_of(&*self.store, floor)?;
        let mut batch = Batch::new();
        forget_windows_before(&*self.store, &mut batch, window_start)?;
        head.undo_floor = floor;
        head.records_needed = frozen_start;
        batch.put(tables::HEAD, Head::KEY, head.encode());
        Ok(self.store.commit(batch, Durability::Written)?)
    }

    /// Forgets up to `epochs` of the history that is too old; the oldest epoch kept afterwards, and
    /// how many are still too old. A node does so by itself as epochs come; this is for one that
    /// was told to keep less than before.
    ///
    /// # Errors
    /// `NotInitialised`, `Store`.
    pub fn prune_backlog(&self, epochs: u64) -> Result<(u64, u64), ExecutionError> {
        let _writer = self.write();
        let mut head = self.head()?;
        let first_kept = match self.params.history_epochs {
            Some(kept) => head.number.saturating_sub(kept),
            None => 0,
        };
        let mut batch = Batch::new();
        for _ in 0..epochs.min(first_kept.saturating_sub(head.oldest)) {
            self.prune_one(&mut batch, &mut head)?;
        }
        let oldest = head.oldest;
        if !batch.is_empty() {
            batch.put(tables::HEAD, Head::KEY, head.encode());
            self.store.commit(batch, Durability::Written)?;
        }
        Ok((oldest, first_kept.saturating_sub(oldest)))
    }

    /// Adds to `batch` what may go after epoch `head.number`.
    pub(super) fn prune(&self, batch: &mut Batch, head: &mut Head) -> Result<(), ExecutionError> {
        for _ in 0..EPOCHS_PRUNED_AT_ONCE {
            self.prune_one(batch, head)?;
        }
        Ok(())
    }

    fn prune_one(&self, batch: &mut Batch, head: &mut Head) -> Result<(), ExecutionError> {
        self.prune_history(batch, head)?;
        let is_read = self.keeps_history() && head.records_from > head.oldest;
        if head.records_from < head.records_needed && !is_read {
            batch.delete(tables::CHANGES, head.records_from.to_be_bytes());
            head.records_from += 1;
        }
        Ok(())
    }

    /// The state of `oldest` needs what `oldest + 1` and later changed: that epoch's rows go.
    fn prune_history(&self, batch: &mut Batch, head: &mut Head) -> Result<(), ExecutionError> {
        let Some(kept) = self.params.history_epochs else {
            return Ok(());
        };
        if !self.keeps_history() {
            head.oldest = head.number;
        }
        if head.oldest >= head.number.saturating_sub(kept) {
            return Ok(());
        }
        let gone = head.oldest + 1;
        if let Some(row) = self.store.get(tables::CHANGES, &gone.to_be_bytes())? {
            for change in ChangeRecord::decode(&row)?.changes {
                batch.delete(tables::HISTORY, change.key.history(gone));
            }
        }
        head.oldest = gone;
        Ok(())
    }
}
