"""Orphans: bounded, fair, and handed back in order."""

import random

from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.orphans import (
    ORPHAN_LIFE_S,
    ORPHANS_MAX,
    ORPHANS_PER_PEER_MAX,
    OrphanPool,
)

ZERO = bytes(32)


def block(parent: bytes, number: int, referees: tuple[bytes, ...] = ()) -> Block:
    """A header that only its links matter of."""
    return Block(
        Header(
            parent=parent,
            height=number,
            timestamp=number,
            author=bytes(20),
            transactions_root=ZERO,
            deferred_state_root=ZERO,
            deferred_receipts_root=ZERO,
            deferred_logs_bloom_hash=ZERO,
            blame=0,
            difficulty=1,
            is_adaptive=False,
            gas_limit=0,
            referees=referees,
        )
    )


def test_a_chain_that_came_backwards_is_handed_back_forwards() -> None:
    """O3, with a referee across: the order is one in which each block can be submitted."""
    chance = random.Random(5)
    blocks = [block(ZERO, 0)]
    for number in range(1, 100):
        parent, referee = chance.choice(blocks), chance.choice(blocks)
        referees = () if referee is parent else (referee.hash,)
        blocks.append(block(parent.hash, number, referees))
    pool = OrphanPool()
    for orphan in reversed(blocks[1:]):
        missing = {orphan.header.parent, *orphan.header.referees}
        assert pool.add(orphan, missing, peer=b"a", now_s=0.0)
    assert pool.missing() == {blocks[0].hash}
    known = {blocks[0].hash}
    for ready, peer in pool.on_block(blocks[0].hash):
        assert peer == b"a"
        assert {ready.header.parent, *ready.header.referees} <= known
        known.add(ready.hash)
    assert len(known) == 100
    assert not pool.orphans
    assert not pool.waiting
    assert not pool.count_of


def test_no_peer_pushes_out_anothers_orphans() -> None:
    """O1: eight peers flood, the ninth's orphan of before survives."""
    pool = OrphanPool()
    honest = block(b"\x99" * 32, 1)
    assert pool.add(honest, [b"\x99" * 32], peer=b"honest", now_s=0.0)
    kept = 0
    for peer in range(9):
        for number in range(2_000):
            flood = block(bytes([peer]) * 32, number)
            kept += pool.add(flood, [bytes([peer]) * 32], peer=bytes([peer]), now_s=1.0)
    assert kept == ORPHANS_MAX - 1
    assert max(pool.count_of.values()) == ORPHANS_PER_PEER_MAX
    assert honest.hash in pool
    assert pool.on_block(b"\x99" * 32) == [(honest, b"honest")]


def test_orphans_do_not_wait_for_ever() -> None:
    """O2, and a liar's orphans go with the liar."""
    pool = OrphanPool()
    pool.add(block(ZERO, 1), [ZERO], peer=b"a", now_s=0.0)
    pool.add(block(ZERO, 2), [ZERO], peer=b"b", now_s=10.0)
    pool.expire(ORPHAN_LIFE_S + 1)
    assert len(pool) == 1
    pool.drop_peer(b"b")
    assert not pool.waiting
