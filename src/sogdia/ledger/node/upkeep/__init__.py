"""Work on a ledger that is kept, beside running it: check, measure, copy, export, import, prune."""
