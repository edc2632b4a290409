//! The store of tests and simulations: ordered maps, gone with the process.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{
    Batch, Durability, KeyValueStore, Range, Row, Snapshot, Stats, StoreError, StoreResult,
    TableId, Tables,
};

type Maps = Vec<BTreeMap<Vec<u8>, Vec<u8>>>;

#[derive(Debug)]
struct Content {
    maps: Arc<Maps>,
    commits: u64,
}

/// A `KeyValueStore` in memory.
#[derive(Debug)]
pub struct MemoryStore {
    tables: Tables,
    content: RwLock<Option<Content>>,
}

impl MemoryStore {
    /// An empty store of `tables`.
    #[must_use]
    pub fn new(tables: Tables) -> Self {
        let maps = Arc::new(vec![BTreeMap::new(); tables.names().len()]);
        Self {
            tables,
            content: RwLock::new(Some(Content { maps, commits: 0 })),
        }
    }

    fn maps(&self) -> StoreResult<Arc<Maps>> {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        content
            .as_ref()
            .map(|content| Arc::clone(&content.maps))
            .ok_or(StoreError::Closed)
    }

    fn change<T>(&self, work: impl FnOnce(&mut Content) -> StoreResult<T>) -> StoreResult<T> {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        work(content.as_mut().ok_or(StoreError::Closed)?)
    }
}

struct MemorySnapshot(Arc<Maps>);

impl Snapshot for MemorySnapshot {
    fn get(&self, table: TableId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        Ok(Tables::of(&self.0, table)?.get(key).cloned())
    }

    fn range(&self, table: TableId, range: &Range) -> StoreResult<Vec<Row>> {
        let map = Tables::of(&self.0, table)?;
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let rows = map
            .range::<[u8], _>(range.bounds())
            .map(|(key, value)| (key.clone(), value.clone()));
        Ok(if range.reverse {
            rows.rev().take(range.limit).collect()
        } else {
            rows.take(range.limit).collect()
        })
    }
}

impl KeyValueStore for MemoryStore {
    fn tables(&self) -> &Tables {
        &self.tables
    }

    fn get(&self, table: TableId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        MemorySnapshot(self.maps()?).get(table, key)
    }

    fn range(&self, table: TableId, range: &Range) -> StoreResult<Vec<Row>> {
        MemorySnapshot(self.maps()?).range(table, range)
    }

    fn snapshot(&self) -> StoreResult<Box<dyn Snapshot>> {
        Ok(Box::new(MemorySnapshot(self.maps()?)))
    }

    fn commit(&self, batch: Batch, _durability: Durability) -> StoreResult<()> {
        let changes = batch.into_checked(&self.tables)?;
        self.change(|content| {
            if changes.is_empty() {
                return Ok(());
            }
            content.commits += 1;
            let maps = Arc::make_mut(&mut content.maps);
            for change in changes {
                if let Some(map) = maps.get_mut(change.table.place()) {
                    match change.value {
                        Some(value) => map.insert(change.key, value),
                        None => map.remove(&change.key),
                    };
                }
            }
            Ok(())
        })
    }

    fn ingest_sorted(
        &self,
        table: TableId,
        rows: &mut dyn Iterator<Item = Row>,
    ) -> StoreResult<()> {
        let name = Tables::of(self.tables.names(), table)?.clone();
        let unsorted = |detail: String| StoreError::Unsorted {
            table: name.clone(),
            detail,
        };
        self.change(|content| {
            if Tables::of(&content.maps, table)?
                .first_key_value()
                .is_some()
            {
                return Err(unsorted("it holds rows already".to_owned()));
            }
            let mut map: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
            for (key, value) in rows {
                let last = map.last_key_value().map(|(last, _)| last);
                if last.is_some_and(|last| *last >= key) {
                    return Err(unsorted(format!("row {} is out of order", map.len())));
                }
                map.insert(key, value);
            }
            if let Some(place) = Arc::make_mut(&mut content.maps).get_mut(table.place()) {
                *place = map;
            }
            Ok(())
        })
    }

    fn sync(&self) -> StoreResult<()> {
        self.maps().map(drop)
    }

    fn failure(&self) -> Option<StoreError> {
        None
    }

    fn stats(&self) -> StoreResult<Stats> {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        let content = content.as_ref().ok_or(StoreError::Closed)?;
        let lengths = content.maps.iter().map(|map| map.len() as u64);
        Ok(Stats {
            commits: content.commits,
            synced_commits: content.commits,
            tables: self.tables.names().iter().cloned().zip(lengths).collect(),
            ..Stats::default()
        })
    }

    fn close(&self) -> StoreResult<()> {
        self.content
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(())
    }
}
