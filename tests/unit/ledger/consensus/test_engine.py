"""The engine behind its door: acceptance, template, epochs, rewards, blame, restart."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.ledger.consensus.miner import KnownRoots, Ledger, network, solved

from sogdia.ledger.consensus import errors
from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock


def snapshot(engine: Engine, hashes: list[bytes]) -> dict[str, Any]:
    """Return everything an engine says about a list of blocks."""
    lowest, highest = engine.era_genesis_height, engine.best_height()
    return {
        "best": engine.best_block(),
        "eras": (engine.era_genesis, engine.stable_genesis),
        "pivot": [engine.pivot_at(height) for height in range(highest + 2)],
        "epochs": [engine.epoch_plan(height) for height in range(lowest + 1, highest + 1)],
        "contexts": [engine.context(block) for block in hashes],
        "terminals": sorted(engine.terminals()),
        "template": engine.block_template(),
    }


def test_an_honest_chain_is_pivot_and_valid() -> None:
    """Each block on the template is valid, extends the pivot chain, and says so."""
    ledger = Ledger()
    for height in range(1, 41):
        block = ledger.build()
        accepted = ledger.engine.submit_block(block)
        assert accepted.status is BlockStatus.VALID
        assert accepted.activated == (block.hash,)
        assert accepted.pivot_change is not None
        assert accepted.pivot_change.first_changed_height == height
        assert ledger.engine.best_block() == block.hash
        assert ledger.engine.is_state_valid(block.hash)
        assert ledger.engine.block(block.hash) == block
    assert ledger.engine.epoch_plan(7).blocks == (ledger.engine.pivot_at(7),)


def test_a_fork_is_referred_to_and_joins_the_epoch_that_refers_to_it() -> None:
    """Two siblings: the larger hash is pivot, the next block refers to the other."""
    ledger = Ledger()
    (base,) = ledger.mine()
    first = ledger.build(parent=base.hash)
    second = ledger.build(parent=base.hash, author=b"\x02" * 20)
    for block in (first, second):
        ledger.engine.submit_block(block)
    loser, winner = sorted((first, second), key=lambda block: block.hash)
    assert ledger.engine.best_block() == winner.hash
    template = ledger.engine.block_template()
    assert (template.parent, template.referees) == (winner.hash, (loser.hash,))
    (joining,) = ledger.mine()
    assert ledger.engine.epoch_plan(3).blocks == (loser.hash, joining.hash)
    assert ledger.engine.epoch_of(loser.hash) == 3
    assert ledger.engine.terminals() == [joining.hash]


def spoiled(ledger: Ledger) -> dict[type[InvalidBlock], Block]:
    """Return, for each rule, a block that breaks it alone."""
    tip = ledger.engine.best_block()
    referees = tuple(bytes([1, number]) + bytes(30) for number in range(201))
    good = ledger.build()
    unsolved = replace(good.header, difficulty=1 << 90)
    gas = good.header.gas_limit
    headers = {
        errors.UnknownParent: {"parent": b"\x07" * 32},
        errors.UnknownReferee: {"referees": (b"\x08" * 32,)},
        errors.TooManyReferees: {"referees": referees},
        errors.RepeatedReference: {"referees": (tip,)},
        errors.TimestampTooFarAhead: {"timestamp": ledger.now_s + 601},
        errors.TimestampBeforeParent: {"timestamp": ledger.engine.header(tip).timestamp - 1},
        errors.DifficultyOutOfRange: {"difficulty": 3},
        errors.WrongHeight: {"height": good.header.height + 1},
        errors.WrongCustom: {"custom": (b"\x03",)},
        errors.MissingBasePrice: {"base_price": None},
        errors.BlameTooLarge: {"blame": good.header.height + 1},
        errors.GasLimitOutOfBounds: {"gas_limit": gas + gas // 1024},
        errors.WrongTransactionsRoot: {"transactions_root": b"\x09" * 32},
        errors.WrongBasePrice: {"base_price": (2, 2)},
    }
    blocks = {error: ledger.build(**fields) for error, fields in headers.items()}
    return blocks | {errors.InsufficientWork: Block(unsolved)}


def test_each_broken_rule_has_its_error_and_nothing_is_stored() -> None:
    """The graph, the store and the template are as before, and the good block still enters."""
    ledger = Ledger()
    known = [block.hash for block in ledger.mine(3)]
    for error, block in spoiled(ledger).items():
        before = snapshot(ledger.engine, known)
        with pytest.raises(error) as raised:
            ledger.engine.submit_block(block)
        assert type(raised.value) is error
        assert str(raised.value)
        assert not ledger.engine.has_block(block.hash)
        assert snapshot(ledger.engine, known) == before
    assert ledger.engine.submit_block(ledger.build()).status is BlockStatus.VALID


def test_a_second_submission_is_a_duplicate() -> None:
    """Also of the genesis, and after a restart."""
    ledger = Ledger()
    (block,) = ledger.mine()
    for engine in (ledger.engine, ledger.open()):
        with pytest.raises(errors.DuplicateBlock):
            engine.submit_block(block)
        assert engine.has_block(engine.genesis)


def test_a_wrong_difficulty_or_flag_is_partially_invalid() -> None:
    """Such blocks are stored and held, and the pivot chain passes them by."""
    ledger = Ledger()
    ledger.mine(5)
    for fields in ({"difficulty": 5}, {"is_adaptive": True}):
        best = ledger.engine.best_block()
        block = ledger.build(**fields)
        accepted = ledger.engine.submit_block(block)
        assert accepted.status is BlockStatus.PARTIALLY_INVALID
        assert accepted.activated == () and accepted.pivot_change is None
        assert ledger.engine.best_block() == best
        assert block.hash not in ledger.engine.block_template().referees


def test_a_held_block_counts_once_the_clock_has_run() -> None:
    """Its descendants wait with it; after beta timers honest blocks refer to both."""
    ledger = Ledger()
    ledger.mine(5)
    bad = ledger.build(is_adaptive=True)
    ledger.engine.submit_block(bad)
    child = ledger.build(parent=bad.hash, referees=())
    assert ledger.engine.submit_block(child).status is BlockStatus.PENDING
    for _ in range(60):
        ledger.mine()
        if ledger.engine.context(bad.hash).epoch is not None:
            break
    assert ledger.engine.context(bad.hash).is_active
    assert ledger.engine.status(bad.hash) is BlockStatus.PARTIALLY_INVALID
    # In its own past the child's parent is where the pivot chain ends, so the child is valid.
    assert ledger.engine.status(child.hash) is BlockStatus.VALID
    assert not ledger.engine.context(child.hash).is_pivot


def test_a_held_block_ends_the_time_of_its_referees_as_terminals_after_a_restart() -> None:
    """A start must know what held blocks refer to, though they are judged already."""
    ledger = Ledger()
    side = ledger.build(parent=ledger.mine(5)[2].hash)
    ledger.engine.submit_block(side)
    bad = ledger.build(is_adaptive=True, referees=(side.hash,))
    assert ledger.engine.submit_block(bad).activated == ()
    ledger.engine = ledger.open()
    for _ in range(60):
        ledger.mine(referees=())
        if ledger.engine.context(bad.hash).is_active:
            break
    assert ledger.engine.context(bad.hash).is_active
    assert set(ledger.engine.terminals()) == {ledger.engine.best_block(), bad.hash}


def test_blame_counts_the_ancestors_with_wrong_roots() -> None:
    """After one wrong block the next blames 1, after three in a row 3; then nobody is blamed."""
    for wrong in (1, 3):
        ledger = Ledger()
        ledger.mine(8)
        spoilt = ledger.mine(wrong, deferred_state_root=b"\x0a" * 32)
        assert [ledger.engine.is_state_valid(block.hash) for block in spoilt] == [False] * wrong
        (honest,) = ledger.mine()
        assert honest.header.blame == wrong
        assert ledger.engine.is_state_valid(honest.hash)
        (after,) = ledger.mine()
        assert after.header.blame == 0


def test_the_template_waits_for_the_state_it_must_commit() -> None:
    """Without the roots of the epoch five below there is no deferred part, and no guess."""
    ledger = Ledger(roots=KnownRoots(executed=3))
    ledger.mine(7)
    assert ledger.engine.block_template().deferred is not None
    ledger.mine(1)
    assert ledger.engine.block_template().deferred is None
    ledger.roots.executed = 4
    assert ledger.engine.block_template().deferred is not None


def test_rewards_shrink_with_the_anticone_and_end_with_wrong_roots() -> None:
    """R - R (A / D)^2 / 100^2, and nothing for a block that committed a wrong root."""
    ledger = Ledger()
    (base,) = ledger.mine()
    first = ledger.build(parent=base.hash)
    second = ledger.build(parent=base.hash, author=b"\x02" * 20)
    for block in (first, second):
        ledger.engine.submit_block(block)
    (wrong,) = ledger.mine(1, deferred_state_root=b"\x0a" * 32)
    ledger.mine(12)
    reward = 10**18
    (winner,) = ledger.engine.reward_inputs(2, reward)
    loser, spoilt = ledger.engine.reward_inputs(3, reward)
    for earned in (winner, loser):
        assert earned.anticone_weight == 4
        assert earned.base_reward == reward - reward // 10_000
        assert earned.shares_fees
    assert (spoilt.hash, spoilt.base_reward, spoilt.shares_fees) == (wrong.hash, 0, False)
    with pytest.raises(errors.UnknownEpoch):
        ledger.engine.reward_inputs(ledger.engine.best_height() - 9, reward)


def test_only_the_last_two_hundred_blocks_of_an_epoch_execute() -> None:
    """The others are skipped, and named."""
    ledger = Ledger(params=network(epoch_block_bound=3))
    (base,) = ledger.mine()
    for number in range(6):
        ledger.engine.submit_block(ledger.build(parent=base.hash, author=bytes([number]) * 20))
    (joining,) = ledger.mine()
    plan = ledger.engine.epoch_plan(3)
    whole = sorted(block for block in ledger.engine.terminals() if block != joining.hash)
    assert whole == []
    assert plan.blocks[-1] == joining.hash
    assert len(plan.blocks) == 3 and len(plan.skipped) == 3
    assert list(plan.skipped + plan.blocks[:-1]) == sorted(plan.skipped + plan.blocks[:-1])


def test_difficulty_follows_the_time_that_a_period_took() -> None:
    """Ten blocks in nine seconds where one a hundred seconds is wanted: up by half, the most."""
    params = network(difficulty_period=10, era_epoch_count=100, target_block_interval_ms=100_000)
    ledger = Ledger(params=params)
    for _ in range(10):
        assert ledger.engine.block_template().difficulty == 4
        ledger.now_s += 1
        ledger.mine()
    assert ledger.engine.block_template().difficulty == 6
    assert ledger.open().block_template().difficulty == 6


def test_a_restart_concludes_the_same() -> None:
    """Forks, held and waiting blocks, eras that moved: every answer is as before."""
    ledger = Ledger(params=network(era_epoch_count=20))
    hashes = []
    for number in range(180):
        if number % 9 == 4:
            hashes.append(ledger.build(author=bytes([number]) * 20))
            ledger.engine.submit_block(hashes[-1])
        if number % 31 == 7:
            hashes += ledger.mine(1, is_adaptive=True)
        hashes += ledger.mine()
        if number % 20 == 13:
            before = snapshot(ledger.engine, [block.hash for block in hashes])
            ledger.engine = ledger.open()
            assert snapshot(ledger.engine, [block.hash for block in hashes]) == before
    assert ledger.engine.era_genesis_height >= 20, "a checkpoint was formed"
    assert ledger.engine.header(hashes[0].hash) == hashes[0].header, "old blocks stay on disk"


def test_a_block_beside_the_checkpoint_is_kept_and_costs_nothing() -> None:
    """Made on a forgotten parent it is pending for ever, and a reference to it changes nothing."""
    ledger = Ledger(params=network(era_epoch_count=20))
    (old,) = ledger.mine()
    while ledger.engine.era_genesis_height == 0:
        ledger.mine()
    late = ledger.build(parent=old.hash, referees=())
    accepted = ledger.engine.submit_block(late)
    assert accepted.status is BlockStatus.PENDING and accepted.pivot_change is None
    assert ledger.engine.has_block(late.hash)
    referring = ledger.build()
    referring = Block(solved(replace(referring.header, referees=(late.hash,))))
    assert ledger.engine.submit_block(referring).status is BlockStatus.VALID
    assert late.hash not in ledger.engine.epoch_plan(ledger.engine.best_height()).blocks
    assert ledger.open().best_block() == ledger.engine.best_block()


def test_a_period_that_begins_before_the_checkpoint_is_not_measured() -> None:
    """A chain on a forgotten parent may reach the end of a period: whoever publishes two blocks
    must not stop the node."""
    ledger = Ledger(params=network(era_epoch_count=20, difficulty_period=10))
    old = ledger.mine(8)[-1]
    while ledger.engine.era_genesis_height == 0:
        ledger.mine()
    late = ledger.build(parent=old.hash, referees=(ledger.engine.best_block(),))
    ledger.engine.submit_block(late)
    while not ledger.engine.context(late.hash).is_active:
        ledger.mine()
    end = ledger.build(parent=late.hash, referees=(ledger.engine.best_block(),))
    assert end.header.height == 10
    assert ledger.engine.submit_block(end).status is BlockStatus.PARTIALLY_INVALID
    assert ledger.mine()[0].hash == ledger.engine.best_block()


def test_confirmation_comes_with_depth() -> None:
    """The tip is not confirmed; what lies far below is; height and risk agree."""
    ledger = Ledger()
    ledger.mine(150)
    ledger.now_s += 60
    engine = ledger.engine
    assert engine.confirmation_risk(engine.best_height()) > 1e-8
    assert engine.confirmation_risk(1) == 1e-8
    height = engine.confirmed_height()
    assert 0 < height <= engine.best_height() - 5
    assert engine.confirmation_risk(height) == 1e-8
    with pytest.raises(errors.UnknownEpoch):
        engine.confirmation_risk(engine.best_height() + 1)
