"""Partitions, loss, delay and wrong clocks; miners, senders and neighbours who claim too much."""

import asyncio
import contextlib
from dataclasses import replace

from tests.attacks.parties import Liar, agree, attack, join_all, until
from tests.unit.ledger.sync.nodes import PARAMS, Node, solve
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import (
    AnyMessage,
    CompactBlock,
    GetTransactions,
    TransactionIds,
    Transactions,
)
from sogdia.ledger.network.transport import Address
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.sync.short_ids import short_id


def test_a_partition_of_30_epochs_heals() -> None:
    """Two and two mine apart; everybody's blocks are in one order afterwards."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        await join_all(nodes)
        nodes[0].mine(10)
        await agree(nodes)
        network.partition({node.node_id: node.number % 2 for node in nodes})
        mined: set[bytes] = set()
        for turn in range(30):
            for node in nodes[:2]:
                mined |= {block.hash for block in node.mine(1 + (turn + node.number) % 2)}
            await asyncio.sleep(1)
        assert nodes[0].consensus.best_block() != nodes[1].consensus.best_block()
        await asyncio.sleep(300)  # sessions across the line are given up
        network.partition({})
        await join_all(nodes)
        await until(
            lambda: len({frozenset(n.consensus.terminals()) for n in nodes}) == 1, "all know all"
        )
        nodes[3].mine(6)
        await agree(nodes)
        ordered = {
            block
            for height in range(1, nodes[0].consensus.best_height() + 1)
            for block in nodes[0].consensus.epoch_plan(height).blocks
        }
        assert mined <= ordered

    attack(4, scenario)


def test_20_percent_loss_and_2_seconds_of_delay() -> None:
    """Blocks and transactions get through in order, late; nobody is blamed for the line."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        await join_all(nodes)
        nodes[0].pool.add([transfer(0, nonce) for nonce in range(20)])
        nodes[0].sync.relay.flush()
        for turn in range(30):
            nodes[turn % 3].mine(1)
            await asyncio.sleep(4)
        await asyncio.sleep(60)
        nodes[1].mine(6)
        await agree(nodes)
        assert nodes[2].executor.locate(transfer(0, 19).hash) is not None
        assert not any(node.bans for node in nodes)

    attack(3, scenario, link=Link(delay_s=2.0, loss_rate=0.2))


def test_a_clock_that_is_an_hour_behind_blames_nobody() -> None:
    """Everything seems to come from the future: refused, and taken once the clock is right."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        late = nodes[0]
        late.time_s -= 3_600
        await join_all(nodes)
        nodes[1].mine(10)
        await asyncio.sleep(60)
        assert late.consensus.best_height() == 0
        assert not late.bans
        late.time_s += 3_600
        nodes[2].mine(10)
        await asyncio.sleep(60)
        await agree(nodes)

    attack(3, scenario)


def test_a_clock_that_is_an_hour_ahead_moves_nobody() -> None:
    """Its blocks are refused until their time; the others go on, and it comes back to them."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        early = nodes[0]
        early.time_s += 3_600
        await join_all(nodes)
        nodes[1].mine(5)
        await agree(nodes)
        early.mine(3)
        nodes[1].mine(10)
        await asyncio.sleep(60)
        assert nodes[1].consensus.best_height() == 15
        assert nodes[1].view() == nodes[2].view()
        for node in nodes:
            node.time_s += 3_600 if node is not early else 0
        await asyncio.sleep(60)
        nodes[2].mine(6)
        await agree(nodes)

    attack(3, scenario)


def test_wrong_deferred_roots_with_every_blame_value() -> None:
    """A miner commits wrong roots and blames 0 to 12 ancestors: honest blame tells them apart."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        honest, liar = nodes
        await join_all(nodes)
        honest.mine(20)
        await agree(nodes)
        wrong = []
        for blame in range(13):
            block = liar.builder.build()
            assert block is not None
            header = replace(block.header, deferred_state_root=b"\x66" * 32, blame=blame)
            forged = Block(solve(header, liar.chance), block.transactions)
            liar.ledger.submit(forged)
            wrong.append(forged.hash)
            await agree(nodes)
            (after,) = honest.mine(1)
            assert after.header.blame == 1, "the parent was wrong, and nobody before it"
            await agree(nodes)
        honest.mine(10)
        await agree(nodes)
        for node in nodes:
            assert {node.consensus.is_state_valid(each) for each in wrong} == {False}
            assert node.consensus.is_state_valid(node.consensus.pivot_at(40) or b"") is not False
        assert not honest.bans

    attack(2, scenario)


def test_old_timestamps_do_not_move_the_difficulty() -> None:
    """Three blocks in ten carry their parent's time: the difficulty stays within a tenth."""
    params = replace(
        PARAMS,
        consensus=replace(PARAMS.consensus, initial_difficulty=20, difficulty_period=20),
    )

    def difficulty_after(node: Node, liars_in_ten: int) -> int:
        for number in range(200):
            node.time_s += number % 3 == 0
            block = node.builder.build()
            assert block is not None
            header = block.header
            if number % 10 < liars_in_ten:
                parent = node.consensus.header(header.parent)
                header = replace(header, timestamp=parent.timestamp)
            node.ledger.submit(Block(solve(header, node.chance), block.transactions))
        return node.consensus.header(node.consensus.best_block()).difficulty

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        fair, cheated, watcher = nodes
        expected = difficulty_after(fair, 0)
        assert abs(difficulty_after(cheated, 3) - expected) <= expected / 10
        await cheated.peers.dial(watcher.address)
        await agree([cheated, watcher])
        header = replace(cheated.builder.build().header, timestamp=1)  # type: ignore[union-attr]
        liar = Liar(cheated.network, cheated)
        session = await liar.join(watcher)
        session.send(CompactBlock(solve(header, cheated.chance).encode(), [], []))
        await until(lambda: bool(watcher.bans), "a time before the parent's is dropped")

    attack(3, scenario, params=params)


def test_nonce_gaps_leave_room_for_those_who_can_pay() -> None:
    """A peer offers thousands of transactions that cannot be next; an honest one is packed."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        victim = nodes[0]
        gaps = [transfer(0, nonce) for nonce in range(1, 200)]
        liar = Liar(network, victim)

        def give(message: AnyMessage) -> Transactions | None:
            if not isinstance(message, GetTransactions):
                return None
            return Transactions(message.request_id, [gaps[p].raw for p in message.places])

        liar.lie = give
        session = await liar.join(victim)
        key = victim.sync.held.key
        session.send(TransactionIds(0, [short_id(key, each.hash) for each in gaps]))
        await until(lambda: victim.pool.status().queued > 0, "some wait")
        await asyncio.sleep(5)
        status = victim.pool.status()
        assert status.ready == 0
        assert status.queued <= PARAMS.mempool.queued_per_sender_max
        assert victim.pool.add([transfer(1, 0)]) == [None]
        (block,) = victim.mine(1)
        assert [each.hash for each in block.transactions] == [transfer(1, 0).hash]

    attack(1, scenario)


def test_200_addresses_of_one_16_do_not_eclipse_a_node() -> None:
    """An attacker with 200 hosts of one network has one outbound slot at most, and few doors."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        victim, *honest = nodes
        honest[0].mine(20)
        liars = [
            Liar(network, honest[0], number=n, host=f"66.6.{n % 250}.{1 + n // 2}", is_silent=True)
            for n in range(50, 250)
        ]
        for liar in liars:
            victim.peers.book.hear(
                Address(liar.host, 32_323), liar.node_id, source="66.6.0.1", now_s=victim.time_s
            )
        for node in honest:
            victim.peers.book.hear(
                node.address, node.node_id, source="10.77.0.1", now_s=victim.time_s
            )
        for liar in liars:
            with contextlib.suppress(NetworkError):  # most find no slot free
                await liar.listen()
                await asyncio.wait_for(liar.join(victim), 10)
        for _ in range(30):
            victim.peers.dial_missing()
            victim.time_s += 60
            await asyncio.sleep(1)
        outbound = [j for j in victim.peers.joined.values() if j.is_outbound]
        assert sum(j.address.host.startswith("66.6.") for j in outbound) <= 1
        assert {node.node_id for node in honest} <= victim.peers.joined.keys()
        await agree([victim, honest[0]])

    attack(7, scenario)
