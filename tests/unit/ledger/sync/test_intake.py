"""Several ways in at once: what one brings in, the others pass over."""

import asyncio
import random

import pytest
from tests.unit.ledger.sync.nodes import Node, run

from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock
from sogdia.ledger.sync.intake import BlockIntake


def unblamed(peer: bytes, error: InvalidBlock) -> None:
    """No peer of these tests does wrong."""
    raise AssertionError(f"{peer.hex()} is blamed: {error}")


def test_orphans_come_in_although_who_brought_their_parent_hangs_up() -> None:
    """The session ends while the parent is on the ledger's thread, which does not hear of that."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        node, other = nodes
        parent, child = other.mine(2)
        loop = asyncio.get_running_loop()

        async def submit(blocks: list[Block]) -> None:
            def store() -> None:
                node.ledger.submit_all(blocks)
                stored.set_result(None)

            stored = loop.create_future()
            loop.call_later(1, store)
            await asyncio.shield(stored)

        intake = BlockIntake(node.consensus, submit, unblamed, lambda: 0.0)
        intake.keep_orphan(child, [parent.hash], bytes(32))
        taking = asyncio.create_task(intake.take([parent]))
        await asyncio.sleep(0.5)
        taking.cancel()
        await asyncio.sleep(5)
        assert node.consensus.has_block(child.hash)
        assert not intake.orphans

    run(2, scenario)


@pytest.mark.parametrize("seed", range(40))
def test_ways_in_that_cross_all_come_through(seed: int) -> None:
    """A catch-up, announcements, and orphans that become complete bring the same blocks; storing
    takes its time, as on the ledger's thread. None of them ends before its blocks are in."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        node, other = nodes
        chance = random.Random(seed)
        thread = asyncio.Lock()

        async def submit(blocks: list[Block]) -> None:
            await asyncio.sleep(chance.random())  # on its way to the thread
            async with thread:
                node.ledger.submit_all(blocks)
                await asyncio.sleep(chance.random())  # on its way back

        intake = BlockIntake(node.consensus, submit, unblamed, lambda: 0.0)
        blocks = other.mine(8)
        for block in blocks[2:]:
            if chance.random() < 0.6:
                intake.keep_orphan(block, [block.header.parent], bytes(32))

        async def bring(brought: list[Block]) -> None:
            while intake.missing_of(brought[0].header):
                await asyncio.sleep(0.1)
            await intake.take(brought)
            assert all(node.consensus.has_block(each.hash) for each in brought)

        cuts = sorted(chance.sample(range(1, 8), 3))
        stretches = [blocks[a:b] for a, b in zip([0, *cuts], [*cuts, 8], strict=True)]
        await asyncio.gather(*map(bring, [*stretches, *([each] for each in blocks)]))
        assert node.consensus.best_block() == blocks[-1].hash

    run(2, scenario)
