//! Exports of `store`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBytes, PyDict};

use super::enter::enter_core;
use crate::error::CoreError;
use crate::state;
use crate::store::{
    Batch, Durability, FjallStore, KeyValueStore, MemoryStore, Options, Range, StoreError,
    SyncMode, Tables, copy_to, measure,
};

/// An ordered, transactional key-value store; the same object serves Python and the core.
#[pyclass(frozen, name = "Store", module = "sogdia._core")]
#[derive(Debug)]
pub(super) struct PyStore {
    /// Shared with every part of the core that is given this store.
    pub(super) inner: Arc<dyn KeyValueStore>,
}

type PyRow<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

#[pymethods]
impl PyStore {
    /// Opens or makes the store at `path`; `sync_interval_ms=None` syncs every commit.
    #[staticmethod]
    #[pyo3(signature = (path, tables, *, sync_interval_ms, cache_bytes))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        tables: Vec<String>,
        sync_interval_ms: Option<u64>,
        cache_bytes: u64,
    ) -> PyResult<Self> {
        let inner = enter_core(py, || {
            let tables = Tables::new(&state::tables::NAMES, &tables)?;
            let sync = sync_interval_ms.map_or(SyncMode::Always, |ms| {
                SyncMode::Interval(Duration::from_millis(ms))
            });
            let store = FjallStore::open(Options {
                path,
                tables,
                sync,
                cache_bytes,
            })?;
            Ok(Arc::new(store) as Arc<dyn KeyValueStore>)
        })?;
        Ok(Self { inner })
    }

    /// A store in memory, gone with the process.
    #[staticmethod]
    fn memory(py: Python<'_>, tables: Vec<String>) -> PyResult<Self> {
        let inner = enter_core(py, || {
            let tables = Tables::new(&state::tables::NAMES, &tables)?;
            Ok(Arc::new(MemoryStore::new(tables)) as Arc<dyn KeyValueStore>)
        })?;
        Ok(Self { inner })
    }

    /// The names of the tables, the core's own first.
    fn tables(&self) -> Vec<String> {
        self.inner.tables().names().to_vec()
    }

    /// The value of `key`, or `None`.
    fn get<'py>(
        &self,
        py: Python<'py>,
        table: &str,
        key: &[u8],
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let found = enter_core(py, || {
            let table = self.inner.tables().id(table)?;
            Ok(self.inner.get(table, key)?)
        })?;
        Ok(found.map(|value| PyBytes::new(py, &value)))
    }

    /// The values of `keys` at one moment, in their order.
    fn get_many<'py>(
        &self,
        py: Python<'py>,
        table: &str,
        keys: Vec<PyBackedBytes>,
    ) -> PyResult<Vec<Option<Bound<'py, PyBytes>>>> {
        let found = enter_core(py, || {
            let table = self.inner.tables().id(table)?;
            let view = self.inner.snapshot()?;
            let values: Result<Vec<_>, StoreError> =
                keys.iter().map(|key| view.get(table, key)).collect();
            Ok(values?)
        })?;
        Ok(found
            .into_iter()
            .map(|value| value.map(|value| PyBytes::new(py, &value)))
            .collect())
    }

    /// Rows with `start <= key < end` in key order, or from the end when `reverse`.
    #[pyo3(signature = (table, start=Vec::new(), end=None, *, reverse=false, limit=None))]
    fn range<'py>(
        &self,
        py: Python<'py>,
        table: &str,
        start: Vec<u8>,
        end: Option<Vec<u8>>,
        reverse: bool,
        limit: Option<usize>,
    ) -> PyResult<Vec<PyRow<'py>>> {
        let limit = limit.unwrap_or(usize::MAX);
        let rows = enter_core(py, || {
            let table = self.inner.tables().id(table)?;
            Ok(self.inner.range(
                table,
                &Range {
                    from: start,
                    to: end,
                    reverse,
                    limit,
                },
            )?)
        })?;
        let as_bytes = |bytes: &[u8]| PyBytes::new(py, bytes);
        Ok(rows
            .iter()
            .map(|(key, value)| (as_bytes(key), as_bytes(value)))
            .collect())
    }

    /// Applies `rows` (table, key, value or `None` to delete) as one atomic batch.
    #[pyo3(signature = (rows, *, synced=false))]
    fn commit(
        &self,
        py: Python<'_>,
        rows: Vec<(PyBackedStr, PyBackedBytes, Option<PyBackedBytes>)>,
        synced: bool,
    ) -> PyResult<()> {
        let durability = if synced {
            Durability::Synced
        } else {
            Durability::Written
        };
        enter_core(py, || {
            let mut batch = Batch::with_capacity(rows.len());
            for (table, key, value) in rows {
                let table = self.inner.tables().id(&table)?;
                match value {
                    Some(value) => batch.put(table, &*key, &*value),
                    None => batch.delete(table, &*key),
                }
            }
            Ok(self.inner.commit(batch, durability)?)
        })
    }

    /// Brings every commit so far to the medium.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        enter_core(py, || Ok(self.inner.sync()?))
    }

    /// Raises the failure that stopped the store, when one did.
    fn raise_failure(&self, py: Python<'_>) -> PyResult<()> {
        enter_core(py, || {
            self.inner
                .failure()
                .map_or(Ok(()), |error| Err(CoreError::from(error)))
        })
    }

    /// What the engine reports about itself.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = enter_core(py, || Ok(self.inner.stats()?))?;
        let dict = PyDict::new(py);
        dict.set_item("commits", stats.commits)?;
        dict.set_item("synced_commits", stats.synced_commits)?;
        dict.set_item("disk_bytes", stats.disk_bytes)?;
        dict.set_item("write_buffer_bytes", stats.write_buffer_bytes)?;
        dict.set_item("cache_bytes", stats.cache_bytes)?;
        dict.set_item("journals", stats.journals)?;
        dict.set_item("compactions", stats.compactions)?;
        dict.set_item("journal_bytes", stats.journal_bytes)?;
        dict.set_item("tables", by_name(stats.tables))?;
        dict.set_item("table_bytes", by_name(stats.table_bytes))?;
        Ok(dict)
    }

    /// Rows, bytes of keys and bytes of values of `table`, counted one by one.
    fn measure(&self, py: Python<'_>, table: &str) -> PyResult<(u64, u64, u64)> {
        let size = enter_core(py, || {
            Ok(measure(&*self.inner, self.inner.tables().id(table)?)?)
        })?;
        Ok((size.rows, size.key_bytes, size.value_bytes))
    }

    /// Copies the store as it is now into a new one at `path`; others may go on writing.
    fn copy_to(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        enter_core(py, || Ok(copy_to(&*self.inner, &path)?))
    }

    /// Syncs and lets the directory go.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        enter_core(py, || Ok(self.inner.close()?))
    }
}

fn by_name(figures: Vec<(String, u64)>) -> BTreeMap<String, u64> {
    figures.into_iter().collect()
}

/// Adds this part's exports to the module.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyStore>()
}
