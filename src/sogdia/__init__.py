"""Sogdia: an open, public Tree-Graph ledger, and the platform for applications that cross borders."""
