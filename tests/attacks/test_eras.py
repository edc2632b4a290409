"""Peers whose checkpoints are eras apart: who is behind catches up, and nobody is blamed for it.

Eras of 20 epochs and a timer block in every fourth, so that checkpoints move within minutes.
"""

import random
from dataclasses import replace

import pytest
from tests.attacks.parties import Liar, attack, dropped, until
from tests.attacks.test_merging import check_nobody_is_blamed
from tests.unit.ledger.sync.nodes import PARAMS, Node
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import AnyMessage, EpochHashes, GetEpochHashes, Message
from sogdia.ledger.sync import catch_up
from sogdia.ledger.sync.answers import status

ERA = 20
SMALL_ERAS = replace(
    PARAMS,
    consensus=replace(PARAMS.consensus, era_epoch_count=ERA, timer_ratio=4, timer_beta=3),
)
LINK = Link(delay_s=0.1, bytes_per_s=2e6)


def mine_beside(one: Node, other: Node, rounds: int) -> None:
    """Mine on two nodes that hear of each other late, with transfers: epochs of several blocks."""
    sender = transfer(one.number, 0).sender
    for number in range(rounds):
        one.pool.add([transfer(one.number, one.pool.pending_nonce(sender))])
        ours, theirs = one.mine(1 + number % 3), other.mine(2 - number % 2)
        for block in theirs:
            one.ledger.submit(block)
        for block in ours:
            other.ledger.submit(block)


def mine_past(one: Node, other: Node, height: int) -> None:
    """Mine beside each other until the checkpoint is at a height: timer blocks come by chance."""
    while one.consensus.era_genesis_height < height:
        mine_beside(one, other, 10)


async def settled_alike(nodes: list[Node]) -> None:
    """Wait until all have one tip and one graph; check order and state from the last checkpoint."""
    await until(
        lambda: (
            len({(n.consensus.best_block(), frozenset(n.consensus.terminals())) for n in nodes})
            == 1
        ),
        "one tip and the same terminals",
    )
    lowest = max(node.consensus.era_genesis_height for node in nodes) + 1
    heights = range(lowest, nodes[0].consensus.best_height() + 1)
    orders = {tuple(node.consensus.epoch_plan(h).blocks for h in heights) for node in nodes}
    assert len(orders) == 1
    number = min(node.executor.head()[0] for node in nodes)  # who came by a higher chain did more
    assert number >= nodes[0].consensus.best_height() - 5
    assert len({str(node.executor.epoch_roots(number)) for node in nodes}) == 1


def test_a_new_node_catches_up_with_one_that_is_eras_ahead() -> None:
    """Its checkpoint is the first block, which the peer's graph has forgotten long ago."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, other, new = nodes
        mine_beside(old, other, 90)
        assert old.consensus.era_genesis_height >= 2 * ERA
        await new.peers.dial(old.address)
        await settled_alike([old, new])
        assert new.consensus.era_genesis_height >= ERA, "its own checkpoint has moved on the way"
        check_nobody_is_blamed([old, new])
        await other.peers.dial(new.address)
        new.mine(2)
        await settled_alike([old, other, new])
        check_nobody_is_blamed(nodes)

    attack(3, scenario, link=LINK, params=SMALL_ERAS)


def test_a_node_that_was_off_for_eras_comes_back_with_blocks_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its checkpoint is not the first block any more, and what it made alone nobody knows.

    The others ask for that below their own checkpoint, where an answer names few blocks.
    """
    monkeypatch.setattr(catch_up, "PAST_PER_REQUEST", 8)

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, other, away = nodes
        mine_past(old, other, ERA)
        await away.peers.dial(old.address)
        await settled_alike([old, away])
        before = away.consensus.era_genesis_height
        assert before >= ERA
        away.peers.cut(frozenset([old.node_id]))
        await until(lambda: not away.sync.views and not old.sync.views, "they are apart")
        mine_past(old, other, away.consensus.best_height() + 6)
        own = away.mine(5)
        assert old.consensus.era_genesis_height > away.consensus.best_height()
        away.peers.cut(frozenset())
        async with away.sync.catching_up:  # as long as others need: it is still where it was
            await away.peers.dial(old.address)
            await until(lambda: old.consensus.has_block(own[-1].hash), "its blocks are known")
        await settled_alike([old, away])
        assert away.consensus.era_genesis_height > before
        check_nobody_is_blamed([old, away])
        old.mine(1)
        away.mine(1)
        old.mine(1)
        await settled_alike([old, away])
        check_nobody_is_blamed([old, away])

    attack(3, scenario, link=LINK, params=SMALL_ERAS)


def test_a_peer_with_another_block_at_the_checkpoint_is_dropped() -> None:
    """That is another ledger, or a lie; who is merely ahead has ours there."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        honest.mine(8 * ERA)
        await victim.peers.dial(honest.address)
        await settled_alike(nodes)
        checkpoint = victim.consensus.era_genesis_height
        assert checkpoint >= ERA
        honest.peers.cut(frozenset([victim.node_id]))
        await until(lambda: not victim.sync.views, "they are apart")
        honest.mine(30)

        def lie(message: AnyMessage) -> Message | None:
            if isinstance(message, GetEpochHashes) and message.epochs == [checkpoint]:
                return EpochHashes(message.request_id, [[random.Random(3).randbytes(32)]])
            return None

        liar = Liar(network, honest, lie=lie)
        session = await liar.join(victim)
        session.send(status(honest.consensus.outlook()))
        await dropped(victim, liar)
        assert "at our checkpoint" in victim.bans[0]

    attack(2, scenario, params=SMALL_ERAS)
