"""Every table of Python's own; those that the core reads, `bodies` among them, are in its
`state/tables.rs`.
"""

from sogdia.ledger.storage.table import Table
from sogdia.ledger.storage.tables import (
    arrivals,
    graph,
    headers,
    pool_journal,
    progress,
    settled,
)

ALL: tuple[Table, ...] = (
    arrivals.TABLE,
    graph.TABLE,
    headers.TABLE,
    pool_journal.TABLE,
    progress.TABLE,
    settled.BLOCKS,
    settled.EPOCHS,
)
