"""The root of every error that the ledger raises on purpose.

SogdiaError
└── StorageError    the store refused or failed (storage/errors.py)
"""


class SogdiaError(Exception):
    """Something was refused or failed, and the fields say what."""


class StorageError(SogdiaError):
    """The store refused or failed."""
