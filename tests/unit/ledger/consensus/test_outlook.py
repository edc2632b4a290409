"""The outlook says what the engine says, over checkpoints, restarts and rewinding."""

from tests.unit.ledger.consensus.miner import Ledger, network

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.consensus.outlook import TOP_EPOCHS_MAX, Outlook

ERA = 20


def check_alike(engine: Engine, outlook: Outlook) -> None:
    """Compare everything above the checkpoint, block by block."""
    assert outlook.best == engine.best_block()
    assert outlook.best_height == engine.best_height()
    assert outlook.era_genesis == engine.era_genesis
    assert outlook.era_genesis_height == engine.era_genesis_height
    assert list(outlook.terminals) == engine.terminals()
    for height in range(engine.era_genesis_height + 1, engine.best_height() + 1):
        plan = engine.epoch_plan(height)
        assert sorted(outlook.epoch(height)) == sorted((*plan.skipped, *plan.blocks))
        assert outlook.pivot_at(height) == engine.pivot_at(height)
        assert {outlook.epoch_of(block) for block in outlook.epoch(height)} == {height}
    for height in (engine.best_height() + 1, 2**64, -1):
        assert outlook.epoch(height) == ()
        assert outlook.pivot_at(height) is None


def grow(ledger: Ledger, rounds: int) -> None:
    """Mine with forks, and keep comparing."""
    for number in range(rounds):
        if number % 5 == 2:
            for block in [ledger.build(author=bytes([place]) * 20) for place in range(2)]:
                ledger.engine.submit_block(block)
        ledger.mine()
        if number % 10 == 0:
            check_alike(ledger.engine, ledger.engine.outlook())


def test_what_the_checkpoint_passes_stays_known() -> None:
    """Every epoch that was ever settled is told as it was, and of each of its blocks the number."""
    ledger = Ledger(params=network(era_epoch_count=ERA))
    told: dict[int, tuple[bytes, ...]] = {}
    ledger.engine.outlook()
    for _ in range(16):
        grow(ledger, 15)
        outlook = ledger.engine.outlook()
        for height in range(ledger.engine.best_height() - 5):
            assert told.setdefault(height, outlook.epoch(height)) == outlook.epoch(height)
            assert {outlook.epoch_of(block) for block in told[height]} == {height}
    assert ledger.engine.era_genesis_height >= 4 * ERA
    assert max(map(len, told.values())) > 1
    again = ledger.open().outlook()
    assert all(again.epoch(height) == epoch for height, epoch in told.items())
    check_alike(ledger.open(), again)


def test_an_outlook_does_not_change() -> None:
    """Not when the chain grows, nor at a checkpoint, nor when blocks are taken back."""
    ledger = Ledger(params=network(era_epoch_count=ERA * 10))
    ledger.engine.outlook()
    grow(ledger, TOP_EPOCHS_MAX + 30)
    before = ledger.engine.outlook()

    def everything() -> list[object]:
        epochs = [before.epoch(height) for height in range(before.best_height + 50)]
        return [
            before.best,
            before.terminals,
            epochs,
            [before.epoch_of(e[-1]) for e in epochs if e],
        ]

    was, count = everything(), ledger.engine.arrival_count
    later = ledger.mine(TOP_EPOCHS_MAX + 30)
    assert everything() == was
    assert [before.epoch_of(block.hash) for block in later] == [None] * len(later)
    check_alike(ledger.engine, ledger.engine.outlook())
    ledger.engine.rewind(count)
    assert everything() == was
    check_alike(ledger.engine, ledger.engine.outlook())
