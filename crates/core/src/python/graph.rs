//! Exports of `graph`: one class, whose calls take and return block indices.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::enter::{enter_core, enter_core_briefly};
use crate::error::CoreError;
use crate::graph::{BlockIndex, EraPast, Graph, GraphError, ViewToken};

/// A cursor and the number of the seek that placed it.
type Token = (usize, u64);

/// The Tree-Graph, from an era genesis on.
#[pyclass(frozen, name = "Graph", module = "sogdia._core")]
struct PyGraph {
    inner: Mutex<Graph>,
}

impl PyGraph {
    fn ask<T>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Graph) -> Result<T, GraphError>,
    ) -> PyResult<T> {
        enter_core_briefly(py, || {
            let mut graph = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut graph).map_err(CoreError::from)
        })
    }

    fn ask_at_length<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Graph) -> Result<T, GraphError> + Send,
    ) -> PyResult<T> {
        enter_core(py, || {
            let mut graph = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut graph).map_err(CoreError::from)
        })
    }
}

fn token(view: Token) -> ViewToken {
    ViewToken {
        cursor: view.0,
        serial: view.1,
    }
}

#[pymethods]
impl PyGraph {
    #[new]
    fn new(era_epoch_count: u64) -> Self {
        Self {
            inner: Mutex::new(Graph::new(era_epoch_count)),
        }
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.ask(py, |graph| Ok(graph.len()))
    }

    fn size_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.ask(py, |graph| Ok(graph.size_bytes()))
    }

    fn add(
        &self,
        py: Python<'_>,
        parent: BlockIndex,
        referees: Vec<BlockIndex>,
        height: u64,
        key: &[u8],
    ) -> PyResult<BlockIndex> {
        let key = key.try_into().map_err(|_| {
            PyValueError::new_err(format!("a block hash has 32 bytes, not {}", key.len()))
        })?;
        self.ask(py, |graph| graph.add(parent, &referees, height, key))
    }

    fn distinct_referees(
        &self,
        py: Python<'_>,
        referees: Vec<BlockIndex>,
    ) -> PyResult<Vec<BlockIndex>> {
        self.ask(py, |graph| graph.distinct_referees(&referees))
    }

    fn seek(&self, py: Python<'_>, block: BlockIndex) -> PyResult<Token> {
        let view = self.ask(py, |graph| graph.seek(block))?;
        Ok((view.cursor, view.serial))
    }

    fn seek_past_of(&self, py: Python<'_>, entries: Vec<BlockIndex>) -> PyResult<Token> {
        let view = self.ask(py, |graph| graph.seek_past_of(&entries))?;
        Ok((view.cursor, view.serial))
    }

    fn restore(&self, py: Python<'_>, block: BlockIndex, weight: i128, count: u32) -> PyResult<()> {
        self.ask(py, |graph| graph.restore(block, EraPast { weight, count }))
    }

    fn is_heaviest_path(
        &self,
        py: Python<'_>,
        view: Token,
        top: BlockIndex,
        bottom: BlockIndex,
    ) -> PyResult<bool> {
        self.ask(py, |graph| graph.is_heaviest_path(token(view), top, bottom))
    }

    fn heaviest_tip(&self, py: Python<'_>, view: Token, top: BlockIndex) -> PyResult<BlockIndex> {
        self.ask(py, |graph| graph.heaviest_tip(token(view), top))
    }

    fn min_margin(
        &self,
        py: Python<'_>,
        view: Token,
        top: BlockIndex,
        bottom: BlockIndex,
    ) -> PyResult<Option<i128>> {
        self.ask(py, |graph| graph.min_margin(token(view), top, bottom))
    }

    #[pyo3(signature = (block, previous))]
    fn mark_timer(
        &self,
        py: Python<'_>,
        block: BlockIndex,
        previous: Option<BlockIndex>,
    ) -> PyResult<()> {
        self.ask(py, |graph| graph.mark_timer(block, previous))
    }

    fn is_timer_in_past(
        &self,
        py: Python<'_>,
        timer: BlockIndex,
        block: BlockIndex,
    ) -> PyResult<bool> {
        self.ask(py, |graph| graph.is_timer_in_past(timer, block))
    }

    fn last_before(
        &self,
        py: Python<'_>,
        timer: BlockIndex,
        block: BlockIndex,
    ) -> PyResult<Option<BlockIndex>> {
        self.ask(py, |graph| graph.last_before(timer, block))
    }

    fn common_ancestor(
        &self,
        py: Python<'_>,
        members: Vec<BlockIndex>,
    ) -> PyResult<Option<BlockIndex>> {
        self.ask(py, |graph| graph.common_ancestor(&members))
    }

    fn is_ancestor(
        &self,
        py: Python<'_>,
        ancestor: BlockIndex,
        block: BlockIndex,
    ) -> PyResult<bool> {
        self.ask(py, |graph| graph.is_ancestor(ancestor, block))
    }

    fn ancestor_at(
        &self,
        py: Python<'_>,
        block: BlockIndex,
        height: u64,
    ) -> PyResult<Option<BlockIndex>> {
        self.ask(py, |graph| graph.ancestor_at(block, height))
    }

    fn is_in_past(&self, py: Python<'_>, block: BlockIndex, of: BlockIndex) -> PyResult<bool> {
        self.ask_at_length(py, |graph| graph.is_in_past(block, of))
    }

    fn future(&self, py: Python<'_>, block: BlockIndex) -> PyResult<Vec<bool>> {
        self.ask_at_length(py, |graph| graph.future(block))
    }

    fn predecessors(&self, py: Python<'_>, block: BlockIndex) -> PyResult<Vec<BlockIndex>> {
        self.ask(py, |graph| graph.predecessors(block).map(<[_]>::to_vec))
    }

    fn successors(&self, py: Python<'_>, block: BlockIndex) -> PyResult<Vec<BlockIndex>> {
        self.ask(py, |graph| graph.successors(block))
    }

    fn era(&self, py: Python<'_>, block: BlockIndex) -> PyResult<(BlockIndex, i128, u32)> {
        let (era, past) = self.ask(py, |graph| graph.era(block))?;
        Ok((era, past.weight, past.count))
    }

    fn subtree_weight(&self, py: Python<'_>, block: BlockIndex) -> PyResult<i128> {
        self.ask(py, |graph| graph.subtree_weight(block))
    }

    fn heaviest_sibling(&self, py: Python<'_>, block: BlockIndex) -> PyResult<Option<i128>> {
        self.ask(py, |graph| graph.heaviest_sibling(block))
    }

    fn activate(&self, py: Python<'_>, block: BlockIndex, weight: i128) -> PyResult<Option<u64>> {
        self.ask(py, |graph| graph.activate(block, weight))
    }

    fn move_root(&self, py: Python<'_>, root: BlockIndex) -> PyResult<Option<u64>> {
        self.ask(py, |graph| graph.move_root(root))
    }

    fn forget_last(&self, py: Python<'_>, count: usize) -> PyResult<bool> {
        self.ask_at_length(py, |graph| Ok(graph.forget_last(count)))
    }

    fn pivot_span(&self, py: Python<'_>) -> PyResult<Option<(u64, u64)>> {
        self.ask(py, |graph| Ok(graph.pivot_span()))
    }

    fn pivot_at(&self, py: Python<'_>, height: u64) -> PyResult<BlockIndex> {
        self.ask(py, |graph| graph.pivot_at(height))
    }

    fn epoch_order(&self, py: Python<'_>, height: u64) -> PyResult<Vec<BlockIndex>> {
        self.ask_at_length(py, |graph| graph.epoch_order(height).map(<[_]>::to_vec))
    }

    fn epoch_of(&self, py: Python<'_>, block: BlockIndex) -> PyResult<Option<u64>> {
        self.ask_at_length(py, |graph| graph.epoch_of(block))
    }

    fn anticone_weights(
        &self,
        py: Python<'_>,
        height: u64,
        cut: u64,
        members: Vec<BlockIndex>,
    ) -> PyResult<Vec<i128>> {
        self.ask_at_length(py, |graph| graph.anticone_weights(height, cut, &members))
    }
}

/// Adds this part's exports to the module.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGraph>()
}
