"""Execution: epochs become state, receipts and roots. `api` is the one door."""
