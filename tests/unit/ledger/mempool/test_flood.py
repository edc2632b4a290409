"""Floods: a paying transaction is packed within ten blocks, and memory stays bounded."""

import random

import pytest
from tests.unit.ledger.mempool.builders import (
    GWEI,
    RICH,
    State,
    address_of,
    decoded,
    pool_over,
    raw_transfer,
    transfer,
)
from tests.unit.ledger.mempool.invariants import check, content_of

from sogdia.ledger.execution.api import SenderState

POOL_MAX = 300
BLOCK = {"gas": 20 * 21_000, "size": 10**6, "count": 20, "base_price": GWEI}
PAYER = 9_999


def flood_of(kind: str, seeded: random.Random) -> list[bytes]:
    """Return raw transactions of an attacker with sixty accounts, five times the pool's size."""
    raws: list[bytes] = []
    for number in range(5 * POOL_MAX):
        sender, place = number % 60, number // 60
        if kind == "gaps":  # never executable: the first nonce is left out
            raws.append(raw_transfer(sender, place + 1, tip=50 * GWEI))
        elif kind == "dust":  # executable, and paying nearly nothing
            raws.append(raw_transfer(sender, place, tip=seeded.randrange(1, 1_000)))
        else:  # a cap that the base price leaves nothing of
            raws.append(raw_transfer(sender, place, tip=GWEI, cap=GWEI + seeded.randrange(9)))
    return raws


@pytest.mark.parametrize("kind", ["gaps", "dust", "bound caps"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_payer_is_packed_within_ten_blocks(kind: str, seed: int) -> None:
    """The flood goes on between the blocks."""
    seeded = random.Random(seed)
    flood = decoded(flood_of(kind, seeded))
    seeded.shuffle(flood)
    pool = pool_over(
        State(), transactions_max=POOL_MAX, ready_per_sender_max=16, queued_per_sender_max=64
    )
    pool.add(flood[: 2 * POOL_MAX])
    assert pool.add([transfer(PAYER, tip=GWEI // 2)]) == [None]
    payer = transfer(PAYER, tip=GWEI // 2)
    for number in range(1, 11):
        pool.add(flood[(number * 100) : (number * 100 + 300)])
        assert len(content_of(pool)) <= POOL_MAX
        block = pool.pack(**BLOCK)
        pool.mark_packed(block)
        pool.on_epoch(number, [SenderState(each.sender, each.nonce + 1, RICH) for each in block])
        check(pool)
        if payer in block:
            return
    pytest.fail("the payer waited for ten blocks")


def test_stale_heap_entries_are_swept() -> None:
    """A thousand replacements of one transaction leave no thousand entries behind."""
    pool = pool_over(State())
    tip, cap = 1_000, 10 * GWEI
    for _ in range(150):
        tip, cap = -(-tip * 11 // 10), -(-cap * 11 // 10)
        assert pool.add([transfer(0, tip=tip, cap=cap)]) == [None]
    for number in range(3_000):
        sender = number % 40
        pool.add([transfer(sender + 100, number // 40, tip=number + 1)])
        states = [SenderState(address_of(sender + 100), number // 40 + 1, RICH)]
        pool.on_epoch(number, states)
    order, cheapest = content_of(pool).order, content_of(pool)._cheapest
    assert len(order._by_tip) + len(order._by_cap) < 2_000
    assert max(cheapest._by_tip.count, cheapest._by_cap.count) < 2_000
    check(pool)
