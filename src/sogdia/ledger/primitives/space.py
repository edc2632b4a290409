"""The two spaces of the ledger's state."""

from enum import IntEnum


class Space(IntEnum):
    """Where an account lives; the number is its prefix in every key of the state."""

    CORE = 0
    """The family's own address space and transaction formats."""
    ESPACE = 1
    """Ethereum's."""
