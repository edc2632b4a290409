"""Requests that do nothing but submit transactions: those of one turn of the loop go in together.

A transfer costs a node little beside the recovery of its sender, so what is paid for each request
must be small: the bodies that arrive in one turn are read, decoded and recovered in one call of
the core, go into the pool in one call, and share one commit of its journal. If the pool took all
of a body, its answer is ready as well.

    Q1  Transactions of one request enter the pool in the order they had, requests in theirs.
    Q2  An accepted transaction is in the pool's journal before its hash is returned.
    Q3  A body is answered as the dispatcher would answer it; what the core does not read as plain
        submissions, the dispatcher does answer.
    Q4  What takes more than a few milliseconds is done by a worker; what arrives meanwhile waits
        and goes in together afterwards.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor as WorkerPool
from itertools import chain, islice
from typing import Any

from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.dispatch import Dispatcher, Pieces, Supervisor
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.intake import Outcome, TransactionIntake, outcomes_of
from sogdia.ledger.rpc.params import hex_data, parse_data

MARK = b'"eth_sendRawTransaction"'
# A plain transfer has 350 bytes in its call and costs fifty microseconds: two milliseconds.
SHORT_BYTES = 16 << 10
# One visit to a worker holds at most two hundred transfers, or one body: while their callers read
# the answers and send the next, others are at work.
GROUP_BYTES = 64 << 10

Submitted = tuple[list[Transaction | InvalidTransaction], bytes | None]
# Reads request bodies; None: not plain submissions.
Read = Callable[[Sequence[bytes]], Sequence[Submitted | None]]
# Makes a reply of an answer; None: the dispatcher is to answer.
Finish = Callable[[bytes | Pieces | None], Any]
# For a body its answer, what became of its transactions, or None: the dispatcher's.
Result = bytes | list[Outcome] | None
Group = list[tuple[bytes, Finish, asyncio.Future[Any]]]


class Submissions:
    """Answers the bodies that hold `MARK`. All but `_take` runs on the loop's thread."""

    def __init__(
        self,
        intake: TransactionIntake,
        read: Read,
        workers: WorkerPool,
        supervisor: Supervisor,
        dispatcher: Dispatcher,
    ) -> None:
        """`read` is one call of the core, without the GIL."""
        self._intake = intake
        self._read = read
        self._workers = workers
        self._supervisor = supervisor
        self._dispatcher = dispatcher
        self._waiting: Group = []
        self._is_entering = False

    def is_entering(self) -> bool:
        """Return whether anything is on its way into the pool."""
        return self._is_entering

    def enter(self, body: bytes, finish: Finish) -> asyncio.Future[Any]:
        """Return what will hold the reply that `finish` makes."""
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((body, finish, reply))
        if not self._is_entering:
            # After this turn of the loop: what other connections sent meanwhile comes along.
            self._is_entering = True
            loop.call_soon(self._enter_next, loop)
        return reply

    def _enter_next(self, loop: asyncio.AbstractEventLoop) -> None:
        group, size = self._next_group()
        bodies = [body for body, _, _ in group]
        if size <= SHORT_BYTES:
            self._end(loop, group, self._supervisor.call(self._take, bodies))
            return
        taking = loop.run_in_executor(self._workers, self._supervisor.call, self._take, bodies)
        taking.add_done_callback(lambda taken: self._on_taken(loop, group, taken))

    def _next_group(self) -> tuple[Group, int]:
        count = size = 0
        for body, _, _ in self._waiting:
            if count and size + len(body) > GROUP_BYTES:
                break
            count, size = count + 1, size + len(body)
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group, size

    def _on_taken(
        self, loop: asyncio.AbstractEventLoop, group: Group, taken: asyncio.Future[Any]
    ) -> None:
        if taken.cancelled():  # the node stops
            for _, _, reply in group:
                reply.cancel()
        else:
            self._end(loop, group, taken.result())

    def _end(
        self, loop: asyncio.AbstractEventLoop, group: Group, results: list[Result] | RpcError
    ) -> None:
        # First the next group: a worker begins with it while these are answered.
        self._is_entering = bool(self._waiting)
        if self._is_entering:
            loop.call_soon(self._enter_next, loop)
        if isinstance(results, RpcError):
            failed: list[Result] = [[results]] * len(group)
            results = failed
        for (body, finish, reply), result in zip(group, results, strict=True):
            if not reply.done():  # its caller may have gone
                shown = self._show(body, result) if isinstance(result, list) else result
                reply.set_result(finish(shown))

    def _take(self, bodies: Sequence[bytes]) -> list[Result]:
        found = self._read(bodies)
        readable = [
            item
            for each in found
            if each is not None
            for item in each[0]
            if not isinstance(item, InvalidTransaction)
        ]
        verdicts = iter(self._intake.pool.add(readable) if readable else ())
        results: list[Result] = []
        for each in found:
            if each is None:
                results.append(None)
                continue
            decoded, answer = each
            if answer is not None:
                problems = list(islice(verdicts, len(decoded)))
                if not any(problems):
                    results.append(answer)
                    continue
                verdicts = chain(problems, verdicts)
            results.append(outcomes_of(decoded, verdicts))
        return results

    def _show(self, body: bytes, outcomes: list[Outcome]) -> bytes | Pieces:
        """Return the answer when not all of `body` was taken."""
        request = self._dispatcher.decode(body)
        calls = request if type(request) is list else [request]
        if len(outcomes) == len(calls):
            raws = [parse_data(call["params"][0]) for call in calls]
            self._intake.remember(raws, outcomes)
        else:  # a defect, which says nothing of any of them
            outcomes = outcomes * len(calls)
        shown = [each if isinstance(each, RpcError) else hex_data(each) for each in outcomes]
        return self._dispatcher.show(request, shown)
