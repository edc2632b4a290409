"""Sogdia: an open, public Tree-Graph ledger, and on it a platform that crosses borders."""
