//! The tables of a store: names on disk, small numbers in calls.

use super::{StoreError, StoreResult};

/// A table's number: its place in the list that the store was opened with.
///
/// The core's own tables come first in every list (`state::tables::NAMES`), so that their numbers
/// are constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(u16);

impl TableId {
    /// The table at `place` in the list.
    #[must_use]
    pub const fn new(place: u16) -> Self {
        Self(place)
    }

    /// Its place in the list.
    #[must_use]
    pub const fn place(self) -> usize {
        self.0 as usize
    }
}

/// The names of a store's tables, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    names: Vec<String>,
}

impl Tables {
    /// The core's tables and then `extra`.
    ///
    /// # Errors
    /// `StoreError::InvalidTables` for a repeated name or one that is not `[a-z0-9_]{1,64}`.
    pub fn new<N: AsRef<str>>(core: &[&str], extra: &[N]) -> StoreResult<Self> {
        let mut names: Vec<String> = Vec::with_capacity(core.len() + extra.len());
        for name in core.iter().copied().chain(extra.iter().map(AsRef::as_ref)) {
            let is_plain = (1..=64).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !is_plain || names.iter().any(|known| known == name) {
                return Err(StoreError::InvalidTables {
                    name: name.to_owned(),
                });
            }
            names.push(name.to_owned());
        }
        Ok(Self { names })
    }

    /// The number of the table called `name`.
    ///
    /// # Errors
    /// `StoreError::UnknownTable`.
    pub fn id(&self, name: &str) -> StoreResult<TableId> {
        self.names
            .iter()
            .position(|known| known == name)
            .and_then(|place| u16::try_from(place).ok())
            .map(TableId)
            .ok_or_else(|| StoreError::UnknownTable {
                name: name.to_owned(),
            })
    }

    /// The names in the order of their numbers.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The entry of `table` in a list parallel to the names.
    ///
    /// # Errors
    /// `StoreError::UnknownTable` for a number that is not of this store.
    pub(super) fn of<T>(list: &[T], table: TableId) -> StoreResult<&T> {
        list.get(table.place())
            .ok_or_else(|| StoreError::UnknownTable {
                name: format!("number {}", table.place()),
            })
    }
}
