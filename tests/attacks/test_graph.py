"""Shapes of the graph that make an implementation slow or large: many siblings, long chains of
referees.

Measured in CPU time and memory of this process; the bounds are many times what it takes.
"""

import time
from pathlib import Path

import pytest
from tests.unit.ledger.consensus.miner import Ledger, network

from sogdia.ledger.storage.database import Database, SyncMode
from sogdia.ledger.storage.identity import Identity

AFTERWARDS = 100  # honest blocks that follow the attack
SECONDS_PER_BLOCK_MAX = 1.0  # of CPU: reliability asks for 200 blocks within 200 s
BYTES_PER_BLOCK_MAX = 4_096


def memory_bytes() -> int:
    """What this process holds, in Python and in the core."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096


def hide_among_siblings(count: int) -> None:
    """Build `count` blocks on one parent; honest blocks after them come as fast as ever."""
    ledger = Ledger(params=network(adaptive_beta=10**9))
    (base,) = ledger.mine()
    siblings = {
        ledger.build(parent=base.hash, referees=(), author=number.to_bytes(20, "big"))
        for number in range(count)
    }
    for each in siblings:
        ledger.engine.submit_block(each)
    began_s = time.process_time()
    honest = ledger.mine(AFTERWARDS)
    assert time.process_time() - began_s < AFTERWARDS * SECONDS_PER_BLOCK_MAX
    assert ledger.engine.best_block() == honest[-1].hash
    plans = [ledger.engine.epoch_plan(1 + n) for n in range(ledger.engine.best_height())]
    ordered = [block for plan in plans for block in (*plan.skipped, *plan.blocks)]
    assert {each.hash for each in siblings} <= set(ordered), "each joined an epoch"
    assert len(ordered) == len(set(ordered))
    bound = ledger.params.consensus.epoch_block_bound
    assert max(len(plan.blocks) for plan in plans) <= bound


def test_a_thousand_siblings_hide_nothing() -> None:
    """All are ordered, an epoch executes its bound of them, honest blocks go on."""
    hide_among_siblings(1_000)


@pytest.mark.full
def test_15000_siblings_hide_nothing() -> None:
    """The whole."""
    hide_among_siblings(15_000)


def chain_referees(count: int, path: Path) -> float:
    """Build `count` blocks on one parent, each with the one before as its referee.

    Returns the bytes that a block came to, over the second half of them.
    """
    identity = Identity("test", 77, bytes(32))
    database = Database.open(path, identity, sync=SyncMode.INTERVAL)
    ledger = Ledger(params=network(adaptive_beta=10**9), database=database)
    (base,) = ledger.mine()
    referees: tuple[bytes, ...] = ()
    half = 0
    for number in range(count):
        block = ledger.build(parent=base.hash, referees=referees)
        ledger.engine.submit_block(block)
        referees = (block.hash,)
        if number == count // 2:
            half = memory_bytes()
    grown = memory_bytes() - half
    honest = ledger.mine(5)
    assert ledger.engine.best_block() == honest[-1].hash
    database.close()
    return grown / (count - count // 2)


def test_chained_referees_cost_memory_linearly(tmp_path: Path) -> None:
    """One parent, and a past that grows by one block each time: no view of it is kept whole."""
    assert chain_referees(3_000, tmp_path) < BYTES_PER_BLOCK_MAX


@pytest.mark.full
def test_20000_chained_referees_cost_memory_linearly(tmp_path: Path) -> None:
    """The whole."""
    assert chain_referees(20_000, tmp_path) < BYTES_PER_BLOCK_MAX
