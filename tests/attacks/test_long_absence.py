"""A node that was off for long: it catches up while new blocks arrive, and says how far it is."""

import asyncio

import pytest
from tests.attacks.parties import agree, attack, join_all, until
from tests.unit.ledger.sync.nodes import Node
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.sync.phases import SyncPhase

INTERVAL_S = 0.5  # between blocks, as on the network that ships
# A line of 16 Mbit/s: a catch-up takes as long as several new blocks do.
LINK = Link(delay_s=0.1, bytes_per_s=2e6)


def be_absent(missed: int) -> None:
    """Let a node miss so many blocks, and come back while others are made."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        miner, other, absent = nodes
        await join_all(nodes)
        miner.mine(20)
        await agree(nodes)
        network.partition({absent.node_id: 1})
        await asyncio.sleep(300)  # its sessions are given up
        for _ in range(missed // 10):
            miner.pool.add([transfer(0, miner.pool.pending_nonce(transfer(0, 0).sender))])
            miner.mine(10)
            await asyncio.sleep(10 * INTERVAL_S)
        told_at = miner.consensus.best_height()
        absent.progress.clear()
        mining = asyncio.create_task(mine_on(miner))
        network.partition({})
        await join_all(nodes)
        await until(lambda: absent.consensus.best_height() > told_at + 20, "it follows again")
        mining.cancel()
        await agree(nodes)
        check_progress(absent, told_at)
        assert not absent.bans
        assert not other.bans

    attack(3, scenario, link=LINK)


async def mine_on(node: Node) -> None:
    """A block every half second, whatever the others do."""
    while True:
        node.mine(1)
        await asyncio.sleep(INTERVAL_S)


def check_progress(node: Node, told_at: int) -> None:
    """It said where it stood: heights that rise, a goal that moves with the network, an end."""
    said = node.progress
    assert {SyncPhase.HEADERS, SyncPhase.BLOCKS} <= {each.phase for each in said}
    assert said[0].starting_height <= 20
    heights = [each.height for each in said]
    assert heights == sorted(heights)
    assert said[-1].highest_height > told_at, "the goal moved with what was mined meanwhile"
    midway = next(each for each in said if 20 < each.height < each.highest_height)
    assert midway.remaining_s is not None
    assert midway.blocks_per_s > 0
    assert node.sync.phase is SyncPhase.NORMAL
    assert node.sync.progress is None


def test_a_node_that_was_off_catches_up_while_blocks_arrive() -> None:
    """Five minutes at two blocks a second."""
    be_absent(600)


@pytest.mark.full
@pytest.mark.timeout(7_200)
def test_a_node_that_was_off_for_three_hours_catches_up_while_blocks_arrive() -> None:
    """At two blocks a second; a day's blocks would take an hour to make."""
    be_absent(21_600)
