//! Committing an epoch, and taking it back: each is one batch.

use alloy_primitives::B256;

use super::body::{body_key, put_body};
use super::epoch::{Executed, run_epoch};
use super::error::ExecutionError;
use super::executor::{Executor, Location};
use super::input::{EpochInput, EpochOutcome, Unexecuted};
use super::receipt::{CHUNK, bloom_of, chunk_key, index_key, put_receipt, start_chunk};
use super::record::EpochRecord;
use crate::state::change::encode_changes;
use crate::state::commitment::Roots;
use crate::state::commitment::window::unshift;
use crate::state::{Change, ChangeRecord, Head, StateError, tables};
use crate::store::{Batch, Durability, Range};

impl Executor {
    /// Executes the epoch after the head and commits it.
    ///
    /// # Errors
    /// `WrongEpoch`; `Store`, after which the head is as before.
    pub fn execute_epoch(&self, epoch: &EpochInput) -> Result<EpochOutcome, ExecutionError> {
        let _writer = self.write();
        let head = self.head()?;
        if epoch.number != head.number + 1 {
            let expected = head.number + 1;
            return Err(ExecutionError::WrongEpoch {
                given: epoch.number,
                expected,
            });
        }
        let mut executed = run_epoch(&self.params, &self.view(None)?, &self.codes, epoch)?;
        self.drop_known(&mut executed)?;
        let mut next = Head {
            number: epoch.number,
            pivot: epoch.pivot,
            ..head
        };
        next.commit += 1;
        let record = self.with_commitment(|commitment| {
            let mut batch = Batch::new();
            let limits = &self.params.window;
            commitment.shift_if_due(&*self.store, &mut batch, epoch.number, limits)?;
            let changes = &mut executed.set.changes;
            let roots = commitment.advance(&*self.store, &mut batch, changes, limits)?;
            let record = record_of(epoch, &executed, roots);
            commitment.note(&mut next);
            put_state(
                &mut batch,
                epoch.number,
                &executed.set.changes,
                self.keeps_history(),
            );
            put_epoch(&mut batch, &executed, &record, epoch.number);
            self.put_missing_bodies(&mut batch, epoch)?;
            self.prune(&mut batch, &mut next)?;
            batch.put(tables::HEAD, Head::KEY, next.encode());
            self.store.commit(batch, Durability::Written)?;
            Ok(record)
        })?;
        self.cache.advance(next.commit, &executed.set.changes);
        Ok(outcome_of(epoch, executed, &record))
    }

    /// A transaction whose nonce is used up may be one that an earlier epoch executed: it was not
    /// left out, it was done.
    fn drop_known(&self, executed: &mut Executed) -> Result<(), ExecutionError> {
        let listed = std::mem::take(&mut executed.unexecuted);
        for (hash, reason) in listed {
            if reason != Unexecuted::NonceTooLow || self.find(&hash)?.is_none() {
                executed.unexecuted.push((hash, reason));
            }
        }
        Ok(())
    }

    /// Receipts name blocks: who executes one that nobody has stored stores it.
    fn put_missing_bodies(
        &self,
        batch: &mut Batch,
        epoch: &EpochInput,
    ) -> Result<(), ExecutionError> {
        for block in &epoch.blocks {
            let is_needed = !block.transactions.is_empty();
            let key = body_key(&block.hash, 0);
            if is_needed && self.store.get(tables::BODIES, &key)?.is_none() {
                put_body(batch, &block.hash, &block.transactions);
            }
        }
        Ok(())
    }

    pub(super) fn keeps_history(&self) -> bool {
        self.params.history_epochs != Some(0)
    }

    /// Takes back all epochs above `number`; their numbers, newest first.
    ///
    /// # Errors
    /// `UndoTooDeep`; `Store`, after which the epochs not returned are still there.
    pub fn undo_to(&self, number: u64) -> Result<Vec<u64>, ExecutionError> {
        let _writer = self.write();
        let head = self.head()?;
        if number < head.undo_floor {
            return Err(ExecutionError::UndoTooDeep {
                epoch: number,
                oldest: head.undo_floor,
            });
        }
        let undone: Vec<u64> = (number + 1..=head.number).rev().collect();
        for epoch in &undone {
            self.undo_last(*epoch)?;
        }
        Ok(undone)
    }

    fn undo_last(&self, number: u64) -> Result<(), ExecutionError> {
        let head = self.head()?;
        let row = self.store.get(tables::CHANGES, &number.to_be_bytes())?;
        let row = row.ok_or(StateError::MissingChanges { epoch: number })?;
        let record = ChangeRecord::decode(&row)?;
        let pivot = self.view(None)?.pivot(number - 1)?;
        let mut next = Head {
            number: number - 1,
            ..head
        };
        next.pivot = pivot.ok_or(StateError::MissingChanges { epoch: number - 1 })?;
        next.commit += 1;
        next.oldest = next.oldest.min(next.number);
        let mut batch = Batch::new();
        for change in &record.changes {
            put_value(&mut batch, change, change.old.as_deref());
            batch.delete(tables::HISTORY, change.key.history(number));
        }
        self.delete_epoch(&mut batch, number)?;
        let crosses_window = number == head.window_start;
        if crosses_window {
            unshift(&*self.store, &mut batch, &mut next)?;
        }
        batch.put(tables::HEAD, Head::KEY, next.encode());
        let commit = || Ok(self.store.commit(batch, Durability::Written)?);
        if crosses_window {
            self.dropping_commitment(commit)?;
        } else {
            self.with_commitment(|commitment| {
                commitment.revert(&record.changes);
                commit()
            })?;
        }
        self.cache.reset(next.commit);
        self.rendered.clear();
        Ok(())
    }

    /// Deletes the rows of an epoch but for its changes to the state.
    fn delete_epoch(&self, batch: &mut Batch, number: u64) -> Result<(), ExecutionError> {
        let prefix = number.to_be_bytes();
        if let Some(epoch) = self.kept(number)? {
            for hash in epoch.hashes()? {
                batch.delete(tables::INDEX, index_key(&hash));
            }
        }
        for (key, _) in self
            .store
            .range(tables::RECEIPTS, &Range::prefix(&prefix))?
        {
            batch.delete(tables::RECEIPTS, key);
        }
        batch.delete(tables::CHANGES, prefix);
        batch.delete(tables::EPOCHS, prefix);
        Ok(())
    }
}

/// Puts `value` into the state under the key of `change`.
pub(super) fn put_value(batch: &mut Batch, change: &Change, value: Option<&[u8]>) {
    match value {
        Some(value) => batch.put(tables::STATE, change.key.as_slice(), value),
        None => batch.delete(tables::STATE, change.key.as_slice()),
    }
}

pub(super) fn put_state(batch: &mut Batch, number: u64, changes: &[Change], keeps_history: bool) {
    // Table by table, each in key order: so the batch is nearly sorted already.
    for change in changes {
        put_value(batch, change, change.new.as_deref());
    }
    for change in changes.iter().filter(|_| keeps_history) {
        let old = change.old.as_deref().unwrap_or_default();
        batch.put(tables::HISTORY, change.key.history(number), old);
    }
    let record = encode_changes(changes);
    batch.put(tables::CHANGES, number.to_be_bytes(), record);
}

fn put_epoch(batch: &mut Batch, executed: &Executed, record: &EpochRecord, number: u64) {
    for (code_hash, code) in &executed.set.codes {
        batch.put(tables::CODE, code_hash.as_slice(), code.to_vec());
    }
    let (mut gas, mut logs) = (0, 0);
    for (chunk, receipts) in executed.receipts.chunks(CHUNK).enumerate() {
        let mut row = start_chunk(gas, logs);
        for (place, receipt) in receipts.iter().enumerate() {
            let before = place.checked_sub(1).map(|before| &receipts[before]);
            put_receipt(&mut row, receipt, before);
            gas += receipt.gas_used;
            logs += receipt.logs.len() as u64;
            let index = (chunk * CHUNK + place) as u32;
            let location = Location {
                epoch: number,
                index,
            };
            batch.put(
                tables::INDEX,
                index_key(&receipt.transaction.hash),
                location.encode(),
            );
        }
        batch.put(tables::RECEIPTS, chunk_key(number, chunk as u32), row);
    }
    batch.put(tables::EPOCHS, number.to_be_bytes(), record.encode());
}

fn record_of(epoch: &EpochInput, executed: &Executed, roots: Roots) -> EpochRecord {
    let logs = executed.receipts.iter().flat_map(|receipt| &receipt.logs);
    let pivot = epoch.blocks.last();
    EpochRecord {
        pivot: epoch.pivot,
        roots,
        receipts_root: executed.receipts_root,
        bloom: bloom_of(logs.clone()),
        transactions_root: pivot.map_or(B256::ZERO, |block| block.transactions_root),
        timestamp: pivot.map_or(0, |block| block.timestamp),
        base_price: epoch.base_price,
        gas_used: executed.gas_used,
        burnt: executed.burnt,
        difficulty: pivot.map(|block| block.difficulty).unwrap_or_default(),
        chosen_randao: epoch.prev_randao,
        nonce: pivot.map(|block| block.nonce).unwrap_or_default(),
        size: epoch.blocks.iter().map(|block| block.size).sum(),
        transactions: executed.receipts.len() as u32,
        logs: logs.count() as u32,
        blocks: executed.blocks.clone(),
        shared_fees: executed.shared_fees.clone(),
    }
}

fn outcome_of(epoch: &EpochInput, executed: Executed, record: &EpochRecord) -> EpochOutcome {
    EpochOutcome {
        number: epoch.number,
        state_root: record.roots.state_root(),
        receipts_root: record.receipts_root,
        logs_bloom_hash: record.logs_bloom_hash(),
        gas_used: record.gas_used,
        executed: executed.receipts.len() as u64,
        burnt: record.burnt,
        unexecuted: executed.unexecuted,
        senders: executed.senders,
    }
}
