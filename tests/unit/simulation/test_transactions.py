"""The light model of transactions."""

import random

from sogdia.simulation.clock import SECOND
from sogdia.simulation.scenario import TransactionPlan
from sogdia.simulation.transactions import LotPool, TransactionFlow


def flow(packing: str = "ordered") -> TransactionFlow:
    """Return ten lots of ten transactions a second, sixty-four lots to a block."""
    plan = TransactionPlan(
        per_s=100.0, size_bytes=100, block_bytes=64_000, packing=packing, spread_ms=900
    )
    made = TransactionFlow(plan)
    assert (made.lot_size, made.lots_per_block) == (10, 64)
    return made


def test_a_lot_is_packed_once_it_has_spread_and_once_at_each_miner() -> None:
    """A tenth of a second waits for the next announcement, the rest is the spread."""
    pool = LotPool(flow(), random.Random(1))
    assert pool.pack(1 * SECOND) == ()
    first = pool.pack(3 * SECOND)
    assert first == tuple(range(20))
    pool.on_block(first)
    assert pool.pack(3 * SECOND) == ()
    assert pool.pack(4 * SECOND) == tuple(range(20, 30))


def test_what_another_packed_before_it_was_heard_of_is_not_packed_again() -> None:
    """The block may come before the transaction."""
    pool = LotPool(flow(), random.Random(1))
    pool.on_block((3, 7))
    assert pool.pack(2 * SECOND) == (0, 1, 2, 4, 5, 6, 8, 9)


def test_a_full_block_takes_the_first_or_any() -> None:
    """Never more than fits."""
    assert LotPool(flow(), random.Random(1)).pack(31 * SECOND) == tuple(range(64))
    any_of_them = LotPool(flow("own"), random.Random(1)).pack(31 * SECOND)
    assert len(set(any_of_them)) == 64
    assert max(any_of_them) > 200
    assert set(any_of_them) <= set(range(300))
