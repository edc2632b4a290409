"""Blame: how a header tells that ancestors committed wrong roots (protocol §3.6).

A header commits the roots of the epoch five below it. If the last n ancestors committed wrong ones,
it says `blame = n`, and each of its roots becomes a hash chain over the true ones, so that their
states are committed after all.
"""

from collections.abc import Callable, Sequence

from sogdia.ledger.consensus.api import DeferredRoots, EpochRoots
from sogdia.ledger.primitives.hashing import keccak256


def deferred_epoch(height: int, deferred_epochs: int) -> int:
    """Return the epoch whose roots a header at `height` commits."""
    return max(height - deferred_epochs, 0)


def blame_vector_root(roots: Sequence[bytes]) -> bytes:
    """Return `keccak(R_i + keccak(R_(i-1) + ... R_(i-n)))` of the header's own root and those of
    the n blamed ancestors, the nearest first; a single root stands for itself."""
    accumulated = roots[-1]
    for root in reversed(roots[:-1]):
        accumulated = keccak256(root + accumulated)
    return accumulated


def deferred_roots(true_roots: Sequence[EpochRoots]) -> DeferredRoots:
    """Return what a header commits: `true_roots` are those it owes and those of the ancestors that
    it blames, the nearest first."""
    return DeferredRoots(
        state_root=blame_vector_root([roots.state_root for roots in true_roots]),
        receipts_root=blame_vector_root([roots.receipts_root for roots in true_roots]),
        logs_bloom_hash=blame_vector_root([roots.logs_bloom_hash for roots in true_roots]),
        blame=len(true_roots) - 1,
    )


def votes_rightly(
    *,
    height: int,
    blame: int,
    fork_height: int,
    is_right_at: Callable[[int], bool | None],
    blame_at: Callable[[int], int],
) -> bool | None:
    """Tell whether a block beside the pivot chain says the truth about the state; None if unknown.

    A header with blame n trusts its ancestor n + 1 above it, and calls those between wrong.
    Followed upwards, that trust ends at the pivot block at `fork_height` or passes over it; then
    all pivot blocks from there up to the trusted one must be wrong, and that one right.
    `is_right_at` tells so of pivot blocks, `blame_at` gives the blame of the block's ancestors.
    """
    while (trusted := height - blame - 1) > fork_height:
        height, blame = trusted, blame_at(trusted)
    for blamed in range(fork_height, trusted, -1):
        is_right = is_right_at(blamed)
        if is_right is not False:  # nobody may blame the first block, so this ends there
            return None if is_right is None else False
    return is_right_at(trusted)
