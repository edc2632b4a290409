"""Requests that submit transactions: those of one turn go into the pool together.

The pool, its journal, the reader and the dispatcher are the real ones.
"""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from tests.unit.ledger.mempool.builders import CHAIN_ID, State, pool_over, raw_transfer
from tests.unit.ledger.rpc.served import Supervised

from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import (
    Transaction,
    decode_submissions,
    decode_transactions,
)
from sogdia.ledger.rpc.dispatch import Dispatcher
from sogdia.ledger.rpc.eth.submit import METHODS
from sogdia.ledger.rpc.http import HttpReply, JsonRpcApp
from sogdia.ledger.rpc.intake import TransactionIntake
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.method import MethodTable
from sogdia.ledger.rpc.submissions import GROUP_BYTES, SHORT_BYTES, Submissions


class CountingPool:
    """The pool, and how many transactions came with each call."""

    def __init__(self) -> None:
        self.pool: Pool = pool_over(State())
        self.counts: list[int] = []
        self.failure: Exception | None = None

    def add(self, transactions: Sequence[Transaction]) -> Sequence[SogdiaError | None]:
        """Take in, or fail."""
        if self.failure is not None:
            raise self.failure
        self.counts.append(len(transactions))
        return self.pool.add(transactions)


class Door:
    """An application with and one without the short way, over pools of their own."""

    def __init__(self, workers: ThreadPoolExecutor) -> None:
        self.pool = CountingPool()
        self.short = self._app(self.pool, workers, is_short=True)
        self.long = self._app(CountingPool(), workers, is_short=False)

    def _app(self, pool: Any, workers: ThreadPoolExecutor, *, is_short: bool) -> JsonRpcApp:
        intake = TransactionIntake(pool, lambda raws: decode_transactions(raws, CHAIN_ID), workers)
        limits, node = RpcLimits(), SimpleNamespace(intake=intake)
        dispatcher = Dispatcher(node, MethodTable([METHODS]), limits, workers, Supervised())
        submissions = None
        if is_short:
            submissions = Submissions(
                intake,
                lambda bodies: decode_submissions(bodies, CHAIN_ID, 1, limits.batch_calls),
                workers,
                Supervised(),
                dispatcher,
            )
            self.intake = intake
        return JsonRpcApp(dispatcher, limits, submissions=submissions)

    async def ask(self, app: JsonRpcApp, *bodies: bytes) -> list[bytes]:
        """Return the answers to bodies that arrive in one turn of the loop."""
        coming = [app.reply(app.answer_plain(body), body, "", b"") for body in bodies]
        replies = []
        for begun in coming:
            reply: Any = begun
            while not isinstance(reply, HttpReply):
                reply = await reply
            replies.append(reply.body)
        return replies


def body(*raws: bytes, call_id: Any = 1) -> bytes:
    """Return a request that submits one transaction, or a batch of several."""
    calls = [
        {
            "jsonrpc": "2.0",
            "id": call_id,
            "method": "eth_sendRawTransaction",
            "params": ["0x" + raw.hex()],
        }
        for raw in raws
    ]
    return json.dumps(calls if len(calls) > 1 else calls[0]).encode()


def run(story: Any) -> None:
    """Run a story at a door of its own."""

    async def begin() -> None:
        with ThreadPoolExecutor(1) as workers:
            await story(Door(workers))

    asyncio.run(asyncio.wait_for(begin(), 120))


def test_what_arrives_in_one_turn_goes_in_together() -> None:
    """One visit to the pool for three callers; each gets its own answer."""
    raws = [raw_transfer(nonce=nonce) for nonce in range(4)]

    async def story(door: Door) -> None:
        answers = await door.ask(door.short, body(raws[0]), body(*raws[1:3]), body(raws[3]))
        assert door.pool.counts == [4]
        first, both, last = map(json.loads, answers)
        assert first["result"] == "0x" + keccak256(raws[0]).hex()
        assert [each["result"] for each in both] == ["0x" + keccak256(r).hex() for r in raws[1:3]]
        assert last["result"] == "0x" + keccak256(raws[3]).hex()
        assert all(door.pool.pool.get(keccak256(raw)) is not None for raw in raws)

    run(story)


def test_every_answer_is_the_dispatchers() -> None:
    """Accepted, refused by the pool, unreadable, and what is no plain submission."""
    raw = raw_transfer()
    bodies = [
        body(raw),
        body(raw),
        body(raw_transfer(nonce=1), raw, raw_transfer(nonce=2)),
        body(raw[:-1]),
        body(raw_transfer(nonce=3), raw[:-1], raw_transfer(nonce=3, tip=2), call_id="x"),
        body(raw_transfer(nonce=4)).replace(b"}", b', "extra": 1}'),
        body(raw_transfer(nonce=5)).replace(b"0x", b""),
        b'{"jsonrpc": "2.0", "method": "eth_sendRawTransaction", "id": 1}',
        b'[{"method": "eth_sendRawTransaction"}, 7]',
        b'{"method": "eth_sendRawTransaction"',
    ]

    async def story(door: Door) -> None:
        for each in bodies:
            assert await door.ask(door.short, each) == await door.ask(door.long, each), each
        # Why one was refused is remembered on both ways.
        assert keccak256(raw[:-1]) in door.intake.refused

    run(story)


def test_what_takes_long_is_a_workers_and_what_comes_meanwhile_waits() -> None:
    """In groups of a bounded size."""
    raws = [raw_transfer(nonce=nonce) for nonce in range(64)]
    size = len(body(raws[0]))

    async def story(door: Door) -> None:
        long = body(*raws[:60])
        assert len(long) > SHORT_BYTES
        answers = await door.ask(door.short, long, *map(body, raws[60:]))
        assert len(answers) == 5
        assert sum(door.pool.counts) == 64
        crowd = [raw_transfer(sender) for sender in range(1, 4 + GROUP_BYTES // size)]
        door.pool.counts.clear()
        await door.ask(door.short, *map(body, crowd))
        assert len(door.pool.counts) == 2
        assert sum(door.pool.counts) == len(crowd)

    run(story)


def test_a_defect_is_told_to_every_caller() -> None:
    """And the next turn goes on."""
    raws = [raw_transfer(nonce=nonce) for nonce in range(3)]

    async def story(door: Door) -> None:
        door.pool.failure = ZeroDivisionError("secret")
        one, two = await door.ask(door.short, body(raws[0]), body(*raws[1:]))
        assert json.loads(one)["error"]["code"] == -32603
        assert [each["error"]["code"] for each in json.loads(two)] == [-32603, -32603]
        door.pool.failure = None
        (again,) = await door.ask(door.short, body(raws[0]))
        assert "result" in json.loads(again)

    run(story)


def test_a_caller_that_has_gone_stops_nobody() -> None:
    """Its transaction is taken all the same."""
    first, second = raw_transfer(nonce=0), raw_transfer(nonce=1)

    async def story(door: Door) -> None:
        gone, coming = (
            door.short.reply(door.short.answer_plain(body(raw)), body(raw), "", b"")
            for raw in (first, second)
        )
        assert isinstance(gone, asyncio.Future)
        assert isinstance(coming, asyncio.Future)
        gone.cancel()
        assert b"result" in (await coming).body
        assert door.pool.counts == [2]

    run(story)
