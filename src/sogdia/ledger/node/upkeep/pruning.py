"""Forgetting the states that settings no longer keep, at once instead of two with each epoch."""

from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.upkeep.errors import CannotPrune
from sogdia.ledger.node.upkeep.progress import Progress, in_silence

EPOCHS_AT_ONCE = 256  # one commit: 256 epochs of 1,000 changes are some 20 MB


def prune(parts: Parts, progress: Progress = in_silence) -> int:
    """Forget the history beyond `history.epochs`; return the oldest epoch that can be read.

    Raises:
        CannotPrune: the settings keep everything.
        StorageError: a commit failed; what was pruned before stays pruned.
    """
    if parts.params.execution.history_epochs is None:
        raise CannotPrune()
    before = parts.executor.oldest_kept()
    while True:
        left = parts.executor.prune_backlog(EPOCHS_AT_ONCE)
        oldest = parts.executor.oldest_kept()
        progress(oldest - before, oldest - before + left)
        if left == 0:
            return oldest
