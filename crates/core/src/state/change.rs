//! What an epoch changed: the undo record, and at start the way back to the commitment.

use super::bytes::{DamagedRow, Put, Take};
use super::key::StateKey;

/// One key, its value before and after. Values are never empty, `None` means absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which key.
    pub key: StateKey,
    /// Before the epoch.
    pub old: Option<Vec<u8>>,
    /// After the epoch.
    pub new: Option<Vec<u8>>,
    /// Whether the window's trie had a leaf for it before: undo restores or removes that leaf.
    pub was_in_window: bool,
}

/// All changes of an epoch, in key order, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeRecord {
    /// The changes.
    pub changes: Vec<Change>,
}

const IS_SLOT: u8 = 1;
const WAS_IN_WINDOW: u8 = 2;

impl ChangeRecord {
    /// The row for the changes table.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode_changes(&self.changes)
    }

    /// Reads what `encode` wrote.
    ///
    /// # Errors
    /// `DamagedRow`.
    pub fn decode(row: &[u8]) -> Result<Self, DamagedRow> {
        let mut take = Take::new(row, "change record");
        let count = take.length()?;
        let mut changes = Vec::with_capacity(count.min(row.len() / 24 + 1));
        for _ in 0..count {
            let flags = take.byte()?;
            let key = StateKey::take(&mut take, if flags & IS_SLOT == 0 { 21 } else { 53 })?;
            changes.push(Change {
                key,
                old: take_value(&mut take)?,
                new: take_value(&mut take)?,
                was_in_window: flags & WAS_IN_WINDOW != 0,
            });
        }
        take.finish()?;
        Ok(Self { changes })
    }
}

/// The row of a record of `changes`.
#[must_use]
pub fn encode_changes(changes: &[Change]) -> Vec<u8> {
    let mut row = Vec::with_capacity(changes.len() * 64 + 4);
    row.put_varint(changes.len() as u64);
    for change in changes {
        let slot = if change.key.is_slot() { IS_SLOT } else { 0 };
        row.push(
            slot | if change.was_in_window {
                WAS_IN_WINDOW
            } else {
                0
            },
        );
        row.extend_from_slice(change.key.as_slice());
        row.put_string(change.old.as_deref().unwrap_or_default());
        row.put_string(change.new.as_deref().unwrap_or_default());
    }
    row
}

fn take_value(take: &mut Take<'_>) -> Result<Option<Vec<u8>>, DamagedRow> {
    let bytes = take.bytes()?;
    Ok((!bytes.is_empty()).then(|| bytes.to_vec()))
}
