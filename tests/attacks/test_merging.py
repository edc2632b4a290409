"""Two halves that were apart for long merge while all go on mining: nobody did wrong.

Pivot chains move between two answers, epochs hold more blocks than an answer names, and a side
branch is longer than what one answer tells of. None of it costs an honest peer a single point.
"""

import asyncio
import random

import pytest
from tests.attacks.parties import agree, attack, join_all, until
from tests.unit.ledger.sync.nodes import Node
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import HASHES_MAX
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.sync import ancestry, catch_up
from sogdia.ledger.sync.catch_up import EPOCHS_PER_REQUEST

INTERVAL_S = 0.5  # between blocks, as on the network that ships
# A line of 16 Mbit/s: a catch-up takes as long as several new blocks do.
LINK = Link(delay_s=0.1, bytes_per_s=2e6)


def check_nobody_is_blamed(nodes: list[Node]) -> None:
    """No ban, and no point towards one."""
    assert [node.bans for node in nodes] == [[] for _ in nodes]
    assert [dict(node.sync.scores.points) for node in nodes] == [{} for _ in nodes]


async def mine_on(node: Node, chance: random.Random, mean_s: float) -> None:
    """Mine as work does, a transfer in every tenth block."""
    while True:
        await asyncio.sleep(chance.expovariate(1 / mean_s))
        if chance.random() < 0.1:
            sender = transfer(node.number, 0).sender
            node.pool.add([transfer(node.number, node.pool.pending_nonce(sender))])
        node.mine(1)


def submit(node: Node, blocks: list[Block]) -> None:
    """Give a node blocks from elsewhere."""
    for block in blocks:
        node.ledger.submit(block)


def merge(seed: int, *, count: int, apart_s: float) -> None:
    """Part `count` nodes into halves, mine on both sides, join them and mine on."""
    mean_s = count * INTERVAL_S / 2

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        await join_all(nodes)
        nodes[0].mine(10)
        await agree(nodes)
        network.partition({node.node_id: node.number % 2 for node in nodes})
        await asyncio.sleep(300)  # sessions across the line are given up
        mining = [
            asyncio.create_task(mine_on(node, random.Random(f"{seed} {node.number}"), mean_s))
            for node in nodes
        ]
        await asyncio.sleep(apart_s)
        assert min(node.consensus.arrival_count for node in nodes) > apart_s / INTERVAL_S * 0.9
        network.partition({})
        await join_all(nodes)
        await asyncio.sleep(60)
        for task in mining:
            task.cancel()
        await until(
            lambda: len({frozenset(node.consensus.terminals()) for node in nodes}) == 1, "one graph"
        )
        nodes[0].mine(6)
        await agree(nodes)
        check_nobody_is_blamed(nodes)

    attack(count, scenario, link=LINK)


def test_halves_of_600_blocks_merge_while_all_mine() -> None:
    """Two and two, five minutes at two blocks a second on either side, and on."""
    merge(1, count=4, apart_s=320)


@pytest.mark.full
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("seed", range(2, 8))
def test_larger_halves_merge_while_all_mine(seed: int) -> None:
    """Four and four, ten minutes."""
    merge(seed, count=8, apart_s=600)


def test_a_pivot_that_moves_between_two_stretches_is_nobodys_lie() -> None:
    """The peer goes over to another branch while the second stretch of the first is asked for."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, elsewhere, new = nodes
        first = old.mine(EPOCHS_PER_REQUEST * 2)
        heavier = elsewhere.mine(EPOCHS_PER_REQUEST * 2 + 90)
        await new.peers.dial(old.address)
        await until(lambda: new.consensus.has_block(first[0].hash), "the first stretch is here")
        assert not new.consensus.has_block(first[-1].hash), "the second is asked for"
        old.ledger.block_listeners.clear()  # as while it catches up itself: it announces nothing
        submit(old, heavier)
        assert old.consensus.best_block() == heavier[-1].hash
        await agree([old, new])
        check_nobody_is_blamed([old, new])

    attack(3, scenario, link=LINK)


def test_a_pivot_chain_that_becomes_shorter_is_nobodys_lie() -> None:
    """A branch that is heavier and less high: the height that the peer told is not there now."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, elsewhere, third, new = nodes
        high = old.mine(EPOCHS_PER_REQUEST)
        fork = elsewhere.mine(1)
        submit(third, fork)
        heavy = [*fork, *(block for n in (elsewhere, third) for block in n.mine(150))]
        await new.peers.dial(old.address)
        await until(lambda: bool(new.progress), "it has begun")
        assert new.consensus.best_height() == 0
        submit(old, heavy)
        assert old.consensus.best_height() < len(high) - 90
        await agree([old, new])
        check_nobody_is_blamed([old, new])

    attack(4, scenario, link=LINK)


def test_an_epoch_of_more_blocks_than_an_answer_names() -> None:
    """The first block after a merge has the whole lighter half in its epoch."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        one, other, new = nodes
        heavy, light = one.mine(HASHES_MAX + 110), other.mine(HASHES_MAX + 90)
        submit(one, light)
        one.mine(12)
        epoch = one.consensus.epoch_plan(len(heavy) + 1)
        assert len(epoch.blocks) + len(epoch.skipped) > HASHES_MAX
        await new.peers.dial(one.address)
        await agree([one, new])
        check_nobody_is_blamed([one, new])

    attack(3, scenario, link=LINK)


def test_two_branches_beside_the_pivot_chain_are_fetched_in_parts() -> None:
    """What came of the first is not told once more while the second is asked for."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        one, other, heavy = nodes
        one.mine(HASHES_MAX + 40)
        submit(one, other.mine(HASHES_MAX + 20))
        one.mine(1)
        heavy.mine(HASHES_MAX * 2 + 90)
        await heavy.peers.dial(one.address)
        await until(lambda: heavy.consensus.has_block(one.consensus.best_block()), "all is here")
        heavy.mine(6)
        await agree([one, heavy])
        check_nobody_is_blamed([one, heavy])

    attack(3, scenario, link=LINK)


@pytest.mark.parametrize("length", [200, 600])
def test_a_branch_longer_than_one_search_is_fetched_from_below(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Half a day apart: an answer's search ends in the middle of the lighter side's branch. Two
    days: the way down takes more answers than may lead nowhere."""
    monkeypatch.setattr(ancestry, "SEARCH_MAX", 60)
    monkeypatch.setattr(catch_up, "PAST_PER_REQUEST", 8)

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        light, heavy = nodes
        branch = light.mine(length)
        heavy.mine(length + 60)
        async with light.sync.catching_up:  # it stays on its branch: nothing else is told of it
            await heavy.peers.dial(light.address)
            await until(lambda: heavy.consensus.has_block(branch[-1].hash), "the branch is here")
        heavy.mine(6)
        await agree([light, heavy])
        check_nobody_is_blamed([light, heavy])

    attack(2, scenario, link=LINK)
