"""Where raw transactions enter: at once when they are short and nothing is on its way, else later.

The pool, its journal and the decoder are the real ones.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.ledger.mempool.builders import CHAIN_ID, State, pool_over, raw_transfer

from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.intake import SHORT_BYTES, TransactionIntake


def decode(raws: Sequence[bytes]) -> Sequence[Transaction | InvalidTransaction]:
    return decode_transactions(raws, CHAIN_ID, 1)


@pytest.fixture
def pool() -> Pool:
    return pool_over(State())


def test_a_short_one_is_taken_where_it_arrives(pool: Pool) -> None:
    with ThreadPoolExecutor(1) as workers:
        intake = TransactionIntake(pool, decode, workers)
        raw = raw_transfer()
        assert intake.submit_short(raw) == keccak256(raw)
        assert pool.get(keccak256(raw)) is not None
        known = intake.submit_short(raw)
        assert isinstance(known, RpcError)
        assert "already known" in known.message
        broken = intake.submit_short(raw[:-1])
        assert isinstance(broken, RpcError)


def test_a_long_one_is_awaited(pool: Pool) -> None:
    raw = raw_transfer(data=b"\x01" * SHORT_BYTES, gas=1_000_000)

    async def run() -> None:
        with ThreadPoolExecutor(1) as workers:
            intake = TransactionIntake(pool, decode, workers)
            assert intake.submit_short(raw) is None
            assert await intake.submit([raw]) == [keccak256(raw)]

    asyncio.run(run())


def test_a_short_one_does_not_overtake_what_is_on_its_way(pool: Pool) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def decode_slowly(raws: Sequence[bytes]) -> Sequence[Transaction | InvalidTransaction]:
        begun.set()
        assert go_on.wait(120)
        return decode(raws)

    first, second = raw_transfer(nonce=0), raw_transfer(nonce=1)

    async def run() -> None:
        with ThreadPoolExecutor(1) as workers:
            intake = TransactionIntake(pool, decode_slowly, workers)
            entering = intake.submit([first])
            await asyncio.to_thread(begun.wait, 120)
            assert intake.submit_short(second) is None
            waiting = intake.submit([second])
            go_on.set()
            assert await entering == [keccak256(first)]
            assert await waiting == [keccak256(second)]
            assert intake.submit_short(raw_transfer(nonce=2)) is not None

    asyncio.run(run())
