"""Proof of work: the keccak puzzle, its quality and its search.

A nonce solves a header when its hash lies in a window of `2^256 / difficulty` values, which starts
at the upper half of the nonce and wraps around (protocol §3.10).
"""

from sogdia._core import StopFlag, pow_hash, pow_quality, search_work

__all__ = ["StopFlag", "lower_bound", "meets", "pow_hash", "pow_quality", "search_work"]

_TOP = 1 << 256
_UPPER_HALF = ((1 << 127) - 1) << 128  # bits 128 to 254: the first bit is cleared


def lower_bound(nonce: int) -> int:
    """Return where the window of valid hashes starts for `nonce`."""
    return nonce & _UPPER_HALF


def meets(work: bytes, nonce: int, difficulty: int) -> bool:
    """Tell whether the hash `work` of `nonce` solves a header of `difficulty`.

    A difficulty of 0 or 1 accepts every hash.
    """
    distance = (int.from_bytes(work, "big") - lower_bound(nonce)) % _TOP
    return difficulty <= 1 or distance < _TOP // difficulty
