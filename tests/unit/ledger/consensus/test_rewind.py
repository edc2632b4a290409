"""Blocks that are forgotten leave an engine that says what one says that never had them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.ledger.consensus.miner import Ledger, network
from tests.unit.ledger.consensus.test_engine import snapshot

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.consensus.errors import RewindTooDeep


def heard(engine: Engine, hashes: list[bytes]) -> dict[str, Any]:
    """Return everything an engine says, also what it gathers while it runs."""
    outlook = engine.outlook()
    heights = range(engine.era_genesis_height, engine.best_height() + 1)
    return snapshot(engine, hashes) | {
        "risks": [engine.confirmation_risk(height) for height in heights],
        "outlook": [outlook.epoch(height) for height in heights],
        "tips": outlook.terminals,
        "stored": [engine.has_block(each) for each in hashes],
    }


def rewind(ledger: Ledger, blocks: list[bytes], keep: int) -> bool:
    """Rewind to `keep` blocks and compare with a start; return whether nothing was rebuilt.

    A start has not seen when blocks arrived, which risks depend on; nor has who forgot some.
    """
    engine, compare = ledger.engine, snapshot if keep == len(blocks) + 1 else heard
    graph = engine._graph
    engine.rewind(keep)
    gone = blocks[keep - 1 :]
    del blocks[keep - 1 :]
    assert not any(engine.has_block(each) for each in gone)
    assert compare(engine, blocks) == compare(ledger.open(), blocks)
    return engine._graph is graph


# What to do, and how much of it.
steps = st.lists(
    st.tuples(
        st.sampled_from(["mine", "mine", "rewind", "rewind", "fork", "wrong", "ask"]),
        st.integers(0, 30),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.sampled_from([20, 1_000]))
def test_an_engine_that_forgot_is_one_that_started_anew(
    steps: list[tuple[str, int]], era: int
) -> None:
    """Over forks, held blocks, timers and eras; and both go on with the same blocks."""
    ledger = Ledger(params=network(era_epoch_count=era))
    blocks: list[bytes] = []
    for kind, amount in steps:
        if kind == "mine":
            blocks += [block.hash for block in ledger.mine(amount)]
        elif kind in ("fork", "wrong"):
            block = ledger.build(author=bytes([amount]) * 20, is_adaptive=kind == "wrong")
            if not ledger.engine.has_block(block.hash):
                ledger.engine.submit_block(block)
                blocks.append(block.hash)
        elif kind == "ask":
            heard(ledger.engine, blocks)
        elif kind == "rewind":
            stable = ledger.engine._graph.state.stable_genesis.arrival
            rewind(ledger, blocks, max(stable + 1, len(blocks) + 1 - amount))
        ledger.now_s += amount
    blocks += [block.hash for block in ledger.mine(5)]
    assert snapshot(ledger.engine, blocks) == snapshot(ledger.open(), blocks)


def test_a_chain_is_forgotten_and_not_rebuilt() -> None:
    """Also over timers that settled blocks, which happens every third block here."""
    ledger = Ledger()
    blocks = [block.hash for block in ledger.mine(60)]
    for keep in (61, 60, 40, 2):
        assert rewind(ledger, blocks, keep)
    blocks += [block.hash for block in ledger.mine(30)]
    assert heard(ledger.engine, blocks)["stored"] == [True] * 31
    with pytest.raises(RewindTooDeep):
        ledger.engine.rewind(0)


def test_a_fork_is_rebuilt() -> None:
    """What refers to more than its parent is no chain."""
    ledger = Ledger()
    blocks = [block.hash for block in ledger.mine(5)]
    fork = ledger.build(parent=blocks[-2], author=b"\x02" * 20)
    ledger.engine.submit_block(fork)
    blocks += [fork.hash, *(block.hash for block in ledger.mine(3))]
    assert not rewind(ledger, blocks, 6)
