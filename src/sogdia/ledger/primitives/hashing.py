"""Keccak-256, the hash of everything in the ledger."""

from sogdia._core import keccak256

__all__ = ["EMPTY_KECCAK", "HASH_SIZE_BYTES", "keccak256"]

HASH_SIZE_BYTES = 32

EMPTY_KECCAK = keccak256(b"")
"""Of no bytes: the code hash of an account without code, and the root of an empty list."""
