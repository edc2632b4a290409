"""Eras, and the irreversible point (protocol §3.8).

Eras begin at the heights that are multiples of `era_epoch_count`. The stable genesis is a pivot
block at such a height. It moves one era on when the block there is settled by the timer chain, and
the pivot chain has passed it by a whole era.
"""

from sogdia.ledger.consensus.stores.blocks import GraphBlock


def next_stable_height(
    stable: GraphBlock, confirmed: GraphBlock, *, best_height: int, era_epoch_count: int
) -> int | None:
    """Return the height of the next stable genesis, None while it cannot move.

    `confirmed` is the settled block of the global timer chain; the pivot chain passes through it,
    so the pivot blocks up to its height are its ancestors.
    """
    height = stable.height + era_epoch_count
    is_due = confirmed.height >= height and best_height >= height + era_epoch_count
    return height if is_due else None


def era_end(height: int, era_epoch_count: int) -> int:
    """Return the last height of the era of the blocks at `height`.

    A block belongs to the era of its parent, so the block at a multiple ends an era for itself and
    begins one for its descendants (ADR 0025).
    """
    return -(-height // era_epoch_count) * era_epoch_count
