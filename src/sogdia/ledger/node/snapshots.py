"""Snapshots of a development chain, and edits of its state. Everything runs on the ledger's thread.

S1  A revert undoes what came after the snapshot, by the undo records: epochs, edits, and the pool.
S2  Snapshots live as long as the process; a revert forgets the snapshot and all that came after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sogdia.ledger.consensus.errors import RewindTooDeep
from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.execution.driver import Advance
from sogdia.ledger.execution.errors import UndoTooDeep
from sogdia.ledger.node.chain_clock import ChainClock
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.state_dumps import StatePages
from sogdia.ledger.primitives.transaction import Transaction

Edits = Mapping[bytes, AccountOverride]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a revert returns to."""

    block_count: int
    epoch: int
    ahead_s: int
    edit_count: int
    waiting: tuple[Transaction, ...]


class Snapshots:
    """Takes snapshots, returns to them, and edits accounts so that a return takes that back."""

    def __init__(self, parts: Parts, clock: ChainClock) -> None:
        self._parts = parts
        self._clock = clock
        self.pages = StatePages(parts.database.store, parts.executor)
        self._taken: dict[int, Snapshot] = {}
        self._next = 1
        # (epoch, what undoes the edit), kept while a snapshot may return to before it.
        self._edits: list[tuple[int, Edits]] = []

    def take(self) -> int:
        """Remember the chain as it is; return the snapshot's number, from 1."""
        ready, queued = self._parts.pool.content()
        self._taken[self._next] = Snapshot(
            block_count=self._parts.consensus.arrival_count,
            epoch=self._parts.executor.head()[0],
            ahead_s=self._clock.ahead_s,
            edit_count=len(self._edits),
            waiting=(*ready, *queued),
        )
        self._next += 1
        return self._next - 1

    def epochs(self) -> dict[int, int]:
        """Return the epoch of each snapshot that can be returned to, by its number."""
        return {number: snapshot.epoch for number, snapshot in self._taken.items()}

    def revert(self, number: int) -> bool:
        """Return to a snapshot; False if there is none of this number.

        Raises:
            ValueError: a checkpoint was passed since; nothing was changed.
        """
        snapshot = self._taken.get(number)
        if snapshot is None:
            return False
        self._return_to(snapshot)
        for later in [each for each in self._taken if each >= number]:
            del self._taken[later]
        return True

    def reset(self) -> None:
        """Return to genesis, with an empty pool and the machine's own time; forget snapshots.

        Raises:
            ValueError: a checkpoint was passed; nothing was changed.
        """
        self._return_to(Snapshot(block_count=1, epoch=0, ahead_s=0, edit_count=0, waiting=()))
        self._taken.clear()

    def take_back(self, epochs: int) -> None:
        """Return to what the chain was so many epochs ago; what they executed is dropped.

        What waits in the pool stays, and so does the clock. Snapshots of what is gone are
        forgotten.

        Raises:
            ValueError: there are not so many, or a checkpoint was passed; nothing was changed.
        """
        head, _ = self._parts.executor.head()
        if epochs > head:
            raise ValueError(f"{epochs} epochs cannot be taken back: the chain has {head}")
        epoch, ready_and_queued = head - epochs, self._parts.pool.content()
        # A development chain's epochs are single blocks, each the only child of the one before.
        block_count = self._parts.consensus.arrival_count - epochs
        self._return_to(
            Snapshot(
                block_count=block_count,
                epoch=epoch,
                ahead_s=self._clock.ahead_s,
                # Edits of an epoch that stays stay with it.
                edit_count=sum(1 for edited, _ in self._edits if edited <= epoch),
                waiting=(*ready_and_queued[0], *ready_and_queued[1]),
            )
        )
        for number in [n for n, each in self._taken.items() if each.block_count > block_count]:
            del self._taken[number]

    def edit(self, accounts: Edits) -> None:
        """Change accounts of the latest state; the head must not be genesis."""
        epoch, _ = self._parts.executor.head()
        before = {address: self._before(address, change) for address, change in accounts.items()}
        self._parts.executor.editor.edit(accounts)
        if self._taken:
            self._edits.append((epoch, before))
        self._parts.pool.on_undo(epoch, accounts)

    def _before(self, address: bytes, change: AccountOverride) -> AccountOverride:
        executor = self._parts.executor
        account = executor.account(address)
        whole = None if change.storage is None else self.pages.slots(address)
        return AccountOverride(
            balance=account.balance,
            nonce=account.nonce,
            code=None if change.code is None else executor.code(address),
            storage=whole,
            storage_diff={slot: executor.storage_at(address, slot) for slot in change.storage_diff},
        )

    def _return_to(self, snapshot: Snapshot) -> None:
        parts = self._parts
        try:
            undone = parts.executor.undo_to(snapshot.epoch)
            parts.consensus.rewind(snapshot.block_count)
        except (UndoTooDeep, RewindTooDeep) as error:
            raise ValueError(f"the snapshot is out of reach: {error}") from error
        for epoch, before in reversed(self._edits[snapshot.edit_count :]):
            if epoch == snapshot.epoch:
                parts.executor.editor.edit(before)
        del self._edits[snapshot.edit_count :]
        ready, queued = parts.pool.content()
        parts.pool.drop([each.hash for each in (*ready, *queued)])
        parts.pool.on_undo(snapshot.epoch, ())
        parts.ledger.follow_tip()
        parts.pool.restore(snapshot.waiting)
        # Before the others hear of it: who puts blocks apart holds the next one's time then.
        self._clock.set_ahead(snapshot.ahead_s)
        for tell in parts.ledger.listeners:
            tell(Advance(undone=undone))
