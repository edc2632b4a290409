"""What the ledger keeps: the database that is opened once, and one file per table.

`database.py` opens a data directory; `tables/` says, table by table, what its keys and values are
and who may write it. The core's own tables (accounts, receipts, undo) are named in its
`state/tables.rs` and lie in the same store, so that an epoch is one atomic batch.
"""
