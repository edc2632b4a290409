"""Bring the executed state to where the pivot chain is: undo what left it, execute what is new.

    V1  After `advance`, the head is an epoch of the present pivot chain, as far up as is wanted.
    V2  A transaction that was executed, and by undoing is not any more, is handed back; so is one
        of a block that its epoch skipped, and one that could not be executed yet.
    V3  The driver keeps nothing of the ledger between calls: a restart continues where the store
        says.

Blocks of epoch h - `reward_epochs` are paid at epoch h, after its last transaction (§3.7).
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sogdia.ledger.consensus.api import Consensus, EpochPlan
from sogdia.ledger.execution.api import (
    BlockInput,
    EpochInput,
    EpochOutcome,
    Executor,
    LogQuery,
    Unexecuted,
)
from sogdia.ledger.execution.errors import TooManyLogs
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction

REMOVED_LOGS_MAX = 100_000  # of one epoch, about 50 MB of JSON: more than any range may ask for

BlockReader = Callable[[bytes], Block]


@dataclass(slots=True)
class Advance:
    """What bringing the state forward came to."""

    undone: list[int] = field(default_factory=list)
    """Numbers of the epochs taken back, newest first."""
    removed_logs: list[bytes] = field(default_factory=list)
    """The logs of those epochs as `logs_json` had shown them, one array an epoch, newest first."""
    displaced: set[bytes] = field(default_factory=set)
    """Senders whose accounts the undoing may have changed."""
    executed: list[EpochOutcome] = field(default_factory=list)
    returned: dict[bytes, Transaction] = field(default_factory=dict)
    """Transactions for the pool, by hash (V2)."""
    dropped: dict[bytes, Unexecuted] = field(default_factory=dict)
    """Why a packed transaction can never execute, by hash."""


class EpochDriver:
    """Moves the executor after the pivot chain. One thread at a time."""

    def __init__(
        self,
        params: NetworkParams,
        consensus: Consensus,
        executor: Executor,
        find_block: BlockReader | None = None,
    ) -> None:
        """`find_block` returns a block of the graph, with its senders; consensus by default."""
        self._params = params
        self._consensus = consensus
        self._executor = executor
        self._block = find_block or consensus.block
        # What PREVRANDAO shows in the next epoch, once; development chains alone may choose it.
        self.next_prev_randao: bytes | None = None

    def target(self) -> int:
        """Return the height up to which epochs are wanted.

        With one miner that is the tip. With several a tip may still lose, so execution stays as far
        behind as the next header allows: at height h it commits the state of h - `deferred_epochs`.
        """
        tip = self._consensus.best_height()
        if self._params.is_eager:
            return tip
        return max(0, tip + 1 - self._params.consensus.deferred_epochs)

    def head(self) -> tuple[int, bytes]:
        """Return number and pivot hash of the last executed epoch."""
        return self._executor.head()

    def is_far_behind(self) -> bool:
        """Tell whether the head is an era below the tip: the checkpoint, two eras below at the
        least, could pass it, and what lies below the checkpoint is not in the graph any more."""
        number, _ = self._executor.head()
        return self._consensus.best_height() - number >= self._params.consensus.era_epoch_count

    def advance(self) -> Advance:
        """Undo and execute until the head is where `target` says.

        Raises:
            UndoTooDeep: the pivot chain left the epochs that can be taken back.
            StorageError: a commit failed; what was executed before it stays.
        """
        result = Advance()
        fork = self._fork()
        displaced = self._undo_to(fork, result)
        for number in range(fork + 1, self.target() + 1):
            self._execute(self._consensus.epoch_plan(number), result)
        self._executor.forget_before(self._lowest_fork())
        for transaction in displaced:
            result.displaced.add(transaction.sender)
            if self._executor.locate(transaction.hash) is None:
                result.returned[transaction.hash] = transaction
        return result

    def _lowest_fork(self) -> int:
        """Return the lowest epoch that the state is ever taken back to.

        A longer timer chain may move the stable genesis to another branch (ADR 0023), but to none
        that leaves the pivot chain below the era genesis. What the epochs just above that pay for
        is not in the graph any more: they cannot be executed again.
        """
        era = self._consensus.era_genesis_height
        return era + self._params.consensus.reward_epochs if era else 0

    def _fork(self) -> int:
        """Return the highest executed epoch that is still of the pivot chain."""
        number, pivot = self._executor.head()
        while self._consensus.pivot_at(number) != pivot:
            number -= 1
            summary = self._executor.epoch(number)
            assert summary is not None, f"epoch {number} is below the head"
            pivot = summary.pivot
        return number

    def _undo_to(self, fork: int, result: Advance) -> list[Transaction]:
        """Take back the epochs above `fork`; return the transactions of their blocks."""
        head, _ = self._executor.head()
        displaced = [
            transaction
            for number in range(fork + 1, head + 1)
            for block in self._executed_blocks(number)
            for transaction in self._block(block).transactions
        ]
        if head > fork:
            result.removed_logs = list(self._logs_above(fork, head))
            result.undone = self._executor.undo_to(fork)
        return displaced

    def _logs_above(self, fork: int, head: int) -> Iterator[bytes]:
        """Yield what subscribers were told of the epochs that are about to go, newest first."""
        for number in range(head, fork, -1):
            with contextlib.suppress(TooManyLogs):  # nobody was told so many at once either
                yield self._executor.logs_json(LogQuery(number, number, limit=REMOVED_LOGS_MAX))

    def _executed_blocks(self, number: int) -> tuple[bytes, ...]:
        summary = self._executor.epoch(number)
        assert summary is not None, f"epoch {number} is not above the head"
        return summary.blocks

    def _execute(self, plan: EpochPlan, result: Advance) -> None:
        blocks = [self._block(block) for block in plan.blocks]
        pivot = blocks[-1].header
        # Before base prices were introduced, a header carries none and every price will do.
        base_price = pivot.base_price[1] if pivot.base_price is not None else 0
        outcome = self._executor.execute_epoch(
            EpochInput(
                number=plan.number,
                pivot=plan.pivot,
                blocks=[_block_input(block) for block in blocks],
                base_price=base_price,
                rewards=self._rewards(plan.number),
                prev_randao=self.next_prev_randao,
            )
        )
        self.next_prev_randao = None
        result.executed.append(outcome)
        self._sort_unexecuted(outcome, blocks, result)
        for skipped in plan.skipped:
            for transaction in self._block(skipped).transactions:
                if self._executor.locate(transaction.hash) is None:
                    result.returned[transaction.hash] = transaction

    def _sort_unexecuted(
        self, outcome: EpochOutcome, blocks: Sequence[Block], result: Advance
    ) -> None:
        if not outcome.unexecuted:
            return
        reasons = dict(outcome.unexecuted)
        for transaction in _transactions(blocks):
            reason = reasons.get(transaction.hash)
            if reason is None:
                continue
            if reason.may_execute_later:
                result.returned[transaction.hash] = transaction
            else:
                result.dropped[transaction.hash] = reason

    def _rewards(self, number: int) -> tuple[tuple[bytes, int], ...]:
        """Return what epoch `number` pays, as (author, drip), one entry a block."""
        paid = number - self._params.consensus.reward_epochs
        if paid < 1:
            return ()
        inputs = self._consensus.reward_inputs(paid, self._params.execution.base_block_reward)
        sharing = [each.hash for each in inputs if each.shares_fees]
        shares, _ = self._executor.fee_shares(paid, sharing)
        fees = dict(shares)
        amounts = ((each.author, each.base_reward + fees.get(each.hash, 0)) for each in inputs)
        return tuple((author, drip) for author, drip in amounts if drip)


def _block_input(block: Block) -> BlockInput:
    header = block.header
    return BlockInput(
        hash=block.hash,
        author=header.author,
        timestamp=header.timestamp,
        difficulty=header.difficulty,
        gas_limit=header.gas_limit,
        transactions=block.transactions,
        nonce=header.nonce,
        size=block.body_size,
        transactions_root=header.transactions_root,
    )


def _transactions(blocks: Sequence[Block]) -> Iterator[Transaction]:
    return (transaction for block in blocks for transaction in block.transactions)
