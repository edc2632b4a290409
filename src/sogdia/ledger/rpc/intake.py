"""Where raw transactions enter: decoded and recovered once, in batches off the loop.

Requests that arrive while a batch is in the core wait and form the next one together, so a crowd of
single requests costs as few crossings, and as few journal commits, as one batch of them. While
nothing is in the core, a short transaction is taken in where it arrives: waking a worker and being
woken by it costs more than recovering its sender.

    I1  Transactions of one request enter the pool in the order they had, requests in theirs.
    I2  An accepted transaction is in the pool's journal before its hash is returned.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor as WorkerPool
from typing import Protocol

from sogdia.ledger.primitives.errors import InvalidTransaction, SogdiaError
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.refusals import refusal_of

# One crossing holds at most this many: 4,096 recoveries take a quarter of a second on one core, and
# what waits behind them should not wait longer.
BATCH_MAX = 4_096
# Two hundred bytes each.
REFUSALS_KEPT = 1_000

# A longer one may name dozens of authorities, whose signatures are recovered too.
SHORT_BYTES = 4_096

Outcome = bytes | RpcError
Group = list[tuple[Sequence[bytes], asyncio.Future[list[Outcome]]]]


class AcceptingPool(Protocol):
    """The side of the pool that takes transactions, from any thread."""

    def add(self, transactions: Sequence[Transaction]) -> Sequence[SogdiaError | None]:
        """Take transactions in order; say for each `None`, or why not."""


Decode = Callable[[Sequence[bytes]], Sequence[Transaction | InvalidTransaction]]


class TransactionIntake:
    """Takes raw transactions for one pool. `decode` is one call of the core, without the GIL."""

    def __init__(self, pool: AcceptingPool, decode: Decode, workers: WorkerPool) -> None:
        self.pool = pool
        self._decode = decode
        self._workers = workers
        # Why transactions were refused lately, by hash: what else would a sender ask about?
        self.refused: dict[bytes, str] = {}
        self._waiting: Group = []
        self._is_entering = False

    def submit_short(self, raw: bytes) -> Outcome | None:
        """Return the hash of a raw transaction, or why it was refused; None: it must be awaited.

        Raises:
            StoreStopped: it was not written down.
        """
        if self._is_entering or len(raw) > SHORT_BYTES:
            return None
        (outcome,) = self._decode_and_add([raw])
        return outcome

    def submit(self, raws: Sequence[bytes]) -> asyncio.Future[list[Outcome]]:
        """Return what will hold for each raw transaction its hash, or why it was refused.

        No time limit stops the wait: a transaction that is on its way in is taken all the same.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Outcome]] = loop.create_future()
        self._waiting.append((raws, answer))
        if not self._is_entering:
            # After this turn of the loop: what other connections sent meanwhile comes along.
            self._is_entering = True
            loop.call_soon(self._enter_next, loop)
        return answer

    def _enter_next(self, loop: asyncio.AbstractEventLoop) -> None:
        # Callbacks, not a task: with single requests there are few transactions to a group.
        group = self._next_group()
        raws = [raw for part, _ in group for raw in part]
        # The pool's journal may wait for the medium: that does not belong on the loop either.
        entering = loop.run_in_executor(self._workers, self._decode_and_add, raws)
        entering.add_done_callback(lambda entered: self._on_entered(loop, group, entered))

    def _on_entered(
        self,
        loop: asyncio.AbstractEventLoop,
        group: Group,
        entered: asyncio.Future[list[Outcome]],
    ) -> None:
        # Its failure belongs to those who wait for it, and the next group still comes.
        _settle(group, entered)
        self._is_entering = bool(self._waiting)
        if self._is_entering:
            self._enter_next(loop)

    def _next_group(self) -> Group:
        count = size = 0
        for raws, _ in self._waiting:
            if count and size + len(raws) > BATCH_MAX:
                break
            count, size = count + 1, size + len(raws)
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    def _decode_and_add(self, raws: list[bytes]) -> list[Outcome]:
        decoded = self._decode(raws)
        readable = [item for item in decoded if not isinstance(item, InvalidTransaction)]
        outcomes = outcomes_of(decoded, iter(self.pool.add(readable)))
        self.remember(raws, outcomes)
        return outcomes

    def remember(self, raws: Sequence[bytes], outcomes: Sequence[Outcome]) -> None:
        """Keep for a while why any of `raws` was refused."""
        for raw, outcome in zip(raws, outcomes, strict=True):
            if isinstance(outcome, RpcError):
                self.refused[keccak256(raw)] = outcome.message
        while len(self.refused) > REFUSALS_KEPT:
            self.refused.pop(next(iter(self.refused)), None)


def outcomes_of(
    decoded: Sequence[Transaction | InvalidTransaction], verdicts: Iterator[SogdiaError | None]
) -> list[Outcome]:
    """Return the outcome of each; `verdicts` are the pool's on those that could be decoded."""
    outcomes: list[Outcome] = []
    for item in decoded:
        problem = item if isinstance(item, InvalidTransaction) else next(verdicts)
        if problem is None:
            assert not isinstance(item, InvalidTransaction)
            outcomes.append(item.hash)
            continue
        refusal = refusal_of(problem)
        assert refusal is not None, f"{type(problem).__name__} has no words for callers"
        outcomes.append(refusal)
    return outcomes


def _settle(group: Group, entering: asyncio.Future[list[Outcome]]) -> None:
    """Give each caller its own part of the outcomes, or all of them the failure."""
    if entering.cancelled():  # the node stops
        for _, answer in group:
            answer.cancel()
        return
    failure = entering.exception()
    start = 0
    for raws, answer in group:
        end = start + len(raws)
        if not answer.done():  # its caller may have gone
            if failure is None:
                answer.set_result(entering.result()[start:end])
            else:
                answer.set_exception(failure)
        start = end
