"""Every table that Python writes; the core's own are in its `state/tables.rs`."""

from sogdia.ledger.storage.table import Table
from sogdia.ledger.storage.tables import (
    arrivals,
    bodies,
    graph,
    headers,
    pool_journal,
    progress,
    settled,
)

ALL: tuple[Table, ...] = (
    arrivals.TABLE,
    bodies.TABLE,
    graph.TABLE,
    headers.TABLE,
    pool_journal.TABLE,
    progress.TABLE,
    settled.BLOCKS,
    settled.EPOCHS,
)
