"""What the pivot chain may leave can be taken back, though it was called stable."""

import random
from dataclasses import replace

import pytest
from tests.unit.ledger.sync.nodes import PARAMS, Node
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.execution.errors import UndoTooDeep
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.node.supervisor import is_fatal

ERA = 20
SMALL_ERAS = replace(
    PARAMS,
    consensus=replace(PARAMS.consensus, era_epoch_count=ERA, timer_ratio=4, timer_beta=3),
)


def test_the_state_below_the_stable_genesis_can_be_taken_back() -> None:
    """A longer timer chain moves the stable genesis to a branch that left the pivot chain below
    it: down to what the epochs above the era genesis pay for, the state is undone and made again.
    Deeper, the words say what to do, and nothing has changed."""
    chance = random.Random(5)
    node = Node(1, MemoryNetwork(chance), chance, params=SMALL_ERAS)
    while not 0 < node.consensus.era_genesis_height < node.consensus.stable_height:
        node.pool.add([transfer(0, node.pool.pending_nonce(transfer(0, 0).sender))])
        node.mine()
        assert node.consensus.best_height() < 20 * ERA
    head, roots = node.executor.head(), node.executor.epoch_roots(node.executor.head()[0])
    lowest = node.consensus.era_genesis_height + SMALL_ERAS.consensus.reward_epochs
    assert lowest < node.consensus.stable_height
    with pytest.raises(UndoTooDeep, match="rebuild the state") as refused:
        node.executor.undo_to(lowest - 1)
    assert is_fatal(refused.value)
    assert node.executor.head() == head
    assert node.executor.undo_to(lowest) == list(range(head[0], lowest, -1))
    node.ledger.catch_up()
    assert node.executor.head() == head
    assert node.executor.epoch_roots(head[0]) == roots
