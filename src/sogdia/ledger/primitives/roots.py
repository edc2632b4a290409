"""Roots over lists, which a header carries: the family's "simple MPT" (protocol §3.10).

A trie of 16 branches over the big-endian index of each value, as `crypto/simple_mpt.rs` explains.
"""

from collections.abc import Sequence

from sogdia._core import merkle_root

__all__ = ["merkle_root", "receipts_root"]


def receipts_root(blocks: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root over an epoch: per block the root over its encoded receipts, in order."""
    return merkle_root([merkle_root(receipts) for receipts in blocks])
