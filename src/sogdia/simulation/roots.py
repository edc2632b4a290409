"""The execution that is not there: every epoch of every simulated chain has the same roots.

So all headers commit right roots, no block blames another, and votes on the state always agree.
"""

from dataclasses import dataclass

from sogdia.ledger.primitives.hashing import EMPTY_KECCAK


@dataclass(frozen=True, slots=True)
class NoState:
    """What an epoch yields that executes nothing."""

    state_root: bytes = EMPTY_KECCAK
    receipts_root: bytes = EMPTY_KECCAK
    logs_bloom_hash: bytes = EMPTY_KECCAK


_NO_STATE = NoState()


class EqualRoots:
    """The `RootsReader` of a simulated engine."""

    def epoch_roots(self, number: int, pivot: bytes | None = None) -> NoState:
        """Return the roots of any epoch, as if it were executed."""
        del number, pivot
        return _NO_STATE
