"""Blocks in, state out: reorganisations, restarts and the pool, on the node's own parts."""

from pathlib import Path

import pytest
from tests.unit.ledger.node.chains import OTHER, SENDER, give, ledger, mine, roots, transfer

from sogdia.ledger.execution.api import EpochRoots
from sogdia.ledger.node.errors import ReplayDiffers
from sogdia.ledger.node.replay import replay
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock


def test_a_heavier_branch_takes_the_state_back_and_the_pool_with_it(tmp_path: Path) -> None:
    """Two ledgers mine apart; ours adopts the longer branch and packs its transaction again."""
    with ledger(tmp_path / "a") as ours, ledger(tmp_path / "b") as theirs:
        common = mine(ours, author=1, count=3)
        give(theirs, common)
        lonely = transfer(ours, nonce=0, value=5)
        assert ours.pool.add([lonely]) == [None]
        mine(ours, author=1, count=2)
        assert ours.executor.locate(lonely.hash) is not None
        balance = ours.executor.account(OTHER.address).balance

        give(ours, mine(theirs, author=2, count=4))
        assert ours.consensus.best_block() == theirs.consensus.best_block()
        assert roots(ours) == roots(theirs)
        assert ours.executor.locate(lonely.hash) is None
        assert ours.executor.account(OTHER.address).balance == balance - 5
        assert ours.executor.account(SENDER.address).nonce == 0
        assert ours.pool.get(lonely.hash) is not None

        mine(ours, author=1)
        assert ours.executor.locate(lonely.hash) is not None
        assert ours.executor.account(OTHER.address).balance == balance
        assert replay(ours) == ours.executor.head()[0]


def test_a_body_that_is_refused_is_not_executed_for_the_right_one(tmp_path: Path) -> None:
    """Under one header another body came first: it is refused, and forgotten with that."""
    with ledger(tmp_path / "a") as ours, ledger(tmp_path / "b") as theirs:
        theirs.pool.add([transfer(theirs, nonce=0, value=5)])
        (block,) = mine(theirs, count=1)
        assert block.transactions
        swapped = Block(block.header, (transfer(theirs, nonce=0, value=6),))
        assert swapped.hash == block.hash
        with pytest.raises(InvalidBlock):
            ours.ledger.submit(swapped)
        give(ours, [block])
        assert roots(ours) == roots(theirs)
        assert ours.executor.locate(block.transactions[0].hash) is not None


def test_a_merged_branch_executes_its_transactions_in_the_later_epoch(tmp_path: Path) -> None:
    """The next block refers to the lost branch: its blocks join that epoch, once."""
    with ledger(tmp_path / "a") as ours, ledger(tmp_path / "b") as theirs:
        give(theirs, mine(ours, count=1))
        moved = transfer(theirs, nonce=0)
        theirs.pool.add([moved])
        side = mine(theirs, author=2, count=1)
        mine(ours, author=1, count=3)
        give(ours, side)
        assert ours.executor.locate(moved.hash) is None
        (merging,) = mine(ours, author=1)
        assert side[0].hash in merging.header.referees
        location = ours.executor.locate(moved.hash)
        assert location is not None
        assert (location.epoch, location.block) == (merging.header.height, side[0].hash)
        assert replay(ours) == merging.header.height


def test_a_restart_goes_on_where_the_store_says(tmp_path: Path) -> None:
    """The same roots, the same waiting transactions, and blocks follow on."""
    with ledger(tmp_path) as parts:
        parts.pool.add([transfer(parts, nonce=0)])
        mine(parts, count=20)
        waiting = transfer(parts, nonce=2)
        parts.pool.add([waiting, transfer(parts, nonce=1)])
        before, tip = roots(parts), parts.consensus.best_block()
    with ledger(tmp_path) as parts:
        assert (roots(parts), parts.consensus.best_block()) == (before, tip)
        assert parts.pool.status().ready == 2
        mine(parts)
        assert parts.executor.locate(waiting.hash) is not None
    with ledger(tmp_path) as parts:
        assert parts.pool.status().ready == 0
        assert replay(parts) == 21


def test_blocks_that_were_accepted_and_not_executed_are_executed_at_start(tmp_path: Path) -> None:
    """As after a kill between the two commits."""
    with ledger(tmp_path / "a") as parts:
        parts.pool.add([transfer(parts, nonce=0)])
        blocks = mine(parts, count=3)
        whole = roots(parts)
    with ledger(tmp_path / "b") as parts:
        for block in blocks:
            parts.consensus.submit_block(block)
        assert parts.executor.head()[0] == 0
    with ledger(tmp_path / "b") as parts:
        assert roots(parts) == whole


def test_rewards_are_paid_twelve_epochs_later(tmp_path: Path) -> None:
    """Epoch 13 pays the block of epoch 1, in full: nothing is in its anticone."""
    reward = 2 * 10**18
    author = b"\x07" * 20
    with ledger(tmp_path) as parts:
        mine(parts, author=7, count=12)
        assert parts.executor.account(author).balance == 0
        mine(parts, author=8)
        assert parts.executor.account(author).balance == reward
        mine(parts, author=8, count=11)
        assert parts.executor.account(author).balance == 12 * reward


def test_a_replay_notices_other_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: a root that was not the executed one."""
    with ledger(tmp_path) as parts:
        mine(parts, count=2)
        true_roots = parts.executor.epoch_roots
        wrong = EpochRoots(bytes(32), bytes(32), bytes(32))
        monkeypatch.setattr(
            type(parts.executor),
            "epoch_roots",
            lambda self, number, pivot=None: (
                wrong
                if self is parts.executor and number == 1
                else true_roots.__func__(self, number, pivot)
            ),
        )
        with pytest.raises(ReplayDiffers, match="epoch 1 was committed with"):
            replay(parts)
