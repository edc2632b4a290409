"""Editing the latest state by hand, for development chains.

An edit amends the head epoch as if it had made the change last: change record, history and roots
hold it, so that undoing the epoch undoes the edit. Executing the epoch again would not repeat it.
"""

from collections.abc import Mapping

from sogdia._core import Executor as Core
from sogdia._core import edit_accounts as _edit_accounts
from sogdia.ledger.execution.api import AccountOverride, EpochRoots
from sogdia.ledger.execution.overrides import override_rows


class StateEditor:
    """Edits on the core; `CoreExecutor.editor` makes one. One writer at a time."""

    def __init__(self, core: Core) -> None:
        """Edit what `core` has executed."""
        self._core = core

    def edit(self, accounts: Mapping[bytes, AccountOverride]) -> EpochRoots:
        """Change accounts by address; return the head epoch's new roots.

        Giving every value back what it was gives the roots back, too.

        Raises:
            WrongEpoch: the head is genesis, which is the network's and cannot be amended.
            StorageError: the commit failed; nothing changed.
        """
        return EpochRoots(*_edit_accounts(self._core, override_rows(accounts)))
