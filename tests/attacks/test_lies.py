"""Peers that say what is not: heights, work, bodies, parents, references. They are dropped."""

import asyncio
from dataclasses import replace

import pytest
from tests.attacks.parties import Liar, agree, attack, dropped, join_all, score_of, until
from tests.unit.ledger.sync.nodes import PARAMS, Node, solve
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import (
    AnyMessage,
    Blocks,
    BlockTransactions,
    CompactBlock,
    GetBlocks,
    GetBlockTransactions,
    GetPast,
    Headers,
    NewBlockHashes,
    Status,
)
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.sync.orphans import ORPHANS_PER_PEER_MAX
from sogdia.ledger.sync.phases import SyncPhase


def next_header(node: Node) -> Header:
    """A header that would be honest on a node's tip."""
    block = node.builder.build()
    assert block is not None
    return block.header


def compact(header: Header) -> CompactBlock:
    """An empty block, announced."""
    return CompactBlock(header.encode(), [], [])


def test_a_peer_that_stalls_holds_nobody_up() -> None:
    """It says that it is ahead and answers nothing: the next peer takes over, it is asked last."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, new = nodes
        honest.mine(100)
        liar = Liar(network, honest, is_silent=True)
        session = await liar.join(new)
        session.send(Status(honest.consensus.best_block(), 100, []))
        await until(lambda: bool(liar.heard), "the liar is asked first")
        await new.peers.dial(honest.address)
        await agree(nodes, seconds=30)
        await until(lambda: score_of(new, liar) > 0, "it is noted")
        assert new.sync.phase is SyncPhase.NORMAL

    attack(2, scenario)


def test_a_peer_that_stalls_with_bodies_is_passed_over() -> None:
    """It names epochs and headers truly and never sends a body: the bodies come from another."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, new = nodes
        honest.pool.add([transfer(0, nonce) for nonce in range(64)])
        honest.mine(60)
        liar = Liar(network, honest, lie=lambda m: Blocks(m.request_id, []) if _asks(m) else None)
        session = await liar.join(new)
        await new.peers.dial(honest.address)
        session.send(Status(honest.consensus.best_block(), 60, []))
        await agree(nodes, seconds=60)

    attack(2, scenario)


def _asks(message: AnyMessage) -> bool:
    return isinstance(message, GetBlocks)


def test_a_peer_that_lies_about_its_height_is_dropped() -> None:
    """A billion epochs that it cannot name: a few times, and the node says that it is in sync."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, new = nodes
        honest.mine(50)
        await join_all(nodes)
        await agree(nodes)
        liar = Liar(network, honest)
        session = await liar.join(new)
        for _ in range(40):
            if session.end_reason is not None:
                break
            session.send(Status(b"\x77" * 32, 10**9, []))
            await asyncio.sleep(25)
        await dropped(new, liar)
        assert new.sync.phase is SyncPhase.NORMAL
        honest.mine(5)
        await agree(nodes)

    attack(2, scenario)


def test_invalid_work_is_dropped_before_anything_is_looked_up() -> None:
    """A header without work, announced, and in answers: banned, nothing stored."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        honest.mine(20)
        await join_all(nodes)
        await agree(nodes)
        forged = replace(next_header(honest), difficulty=2**90)
        announcer = Liar(network, honest)
        (await announcer.join(victim)).send(compact(forged))
        await dropped(victim, announcer)
        answerer = Liar(network, honest, number=201, host="10.201.0.1")
        answerer.lie = lambda m: (
            Headers(m.request_id, [forged.encode()]) if isinstance(m, GetPast) else None
        )
        (await answerer.join(victim)).send(NewBlockHashes([forged.hash]))
        await dropped(victim, answerer)
        assert not victim.consensus.has_block(forged.hash)
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario)


@pytest.mark.parametrize("count", [2, 201])
def test_repeated_referees_are_refused_before_graph_work(count: int) -> None:
    """The same referee twice, or more of them than may be: one of the isolated rules says no."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        blocks = honest.mine(20)
        await join_all(nodes)
        await agree(nodes)
        referee = blocks[3].hash
        stuffed = replace(next_header(honest), referees=(referee,) * count)
        liar = Liar(network, honest)
        (await liar.join(victim)).send(compact(solve(stuffed, honest.chance)))
        await dropped(victim, liar)
        assert victim.consensus.terminals() == honest.consensus.terminals()
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario)


def test_unknown_parents_without_end_fill_nothing() -> None:
    """Each block has a parent that nobody has, and its past is another such block."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        honest.mine(20)
        await join_all(nodes)
        await agree(nodes)
        header = next_header(honest)
        floating = [
            solve(replace(header, parent=bytes([n]) * 32), honest.chance) for n in range(1, 200)
        ]
        by_hash = {each.hash: each for each in floating}
        liar = Liar(network, honest)
        liar.lie = lambda m: (
            Headers(m.request_id, [floating[len(liar.heard) % 199].encode()])
            if isinstance(m, GetPast)
            else None
        )
        session = await liar.join(victim)
        most = 0
        for each in floating:
            if session.end_reason is not None:
                break
            session.send(compact(each))
            await asyncio.sleep(0.1)
            most = max(most, len(victim.sync.orphans))
        await dropped(victim, liar)
        assert most <= ORPHANS_PER_PEER_MAX
        assert not len(victim.sync.orphans), "what a liar sent is forgotten with it"
        assert not any(victim.consensus.has_block(hash_) for hash_ in by_hash)
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario)


def test_bodies_that_do_not_match_come_from_somebody_else() -> None:
    """The header's own transactions root tells: the liar is dropped and the block still comes."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, new = nodes
        honest.pool.add([transfer(0, nonce) for nonce in range(40)])
        honest.mine(60)
        other = transfer(5, 0)

        def swap(message: AnyMessage) -> Blocks | None:
            if not isinstance(message, GetBlocks):
                return None
            headers = [honest.consensus.header(hash_) for hash_ in message.hashes]
            return Blocks(message.request_id, [Block(h, (other,)).encode() for h in headers])

        liar = Liar(network, honest, lie=swap)
        session = await liar.join(new)
        session.send(Status(honest.consensus.best_block(), 60, []))
        await dropped(new, liar)
        await new.peers.dial(honest.address)
        await agree(nodes)

    attack(2, scenario)


def test_10000_headers_of_minimal_work_store_nothing() -> None:
    """Blocks of the least difficulty there may be, when a block costs ten times that."""
    params = replace(
        PARAMS,
        consensus=replace(PARAMS.consensus, initial_difficulty=20, difficulty_period=10),
    )

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        while next_header(honest).difficulty < 20 * 9:
            honest.mine(10)  # in a second, five times faster than wanted
            honest.time_s += 1
            victim.time_s += 1
        honest.mine(1)
        await join_all(nodes)
        await agree(nodes)
        before = victim.consensus.arrivals_since(0, 10**6)
        cheap = replace(next_header(honest), difficulty=20)
        sent = 0
        for number in range(200, 204):  # it comes again and again, from other addresses
            liar = Liar(network, honest, number=number, host=f"10.{number}.0.1")
            session = await liar.join(victim)
            while session.end_reason is None and sent < 10_000:
                session.send(compact(solve(cheap, honest.chance)))
                sent += 1
                if sent % 8 == 0:
                    await asyncio.sleep(0.05)
            await dropped(victim, liar)
        assert victim.consensus.arrivals_since(0, 10**6) == before
        assert not victim.sync.orphans
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario, params=params)


def test_partially_invalid_blocks_in_bulk_cost_their_sender_the_session() -> None:
    """Full work on wrong parents: stored, told to nobody, and the sender is dropped."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim, beyond = nodes
        blocks = honest.mine(40)
        await join_all(nodes)
        await agree(nodes)
        liar = Liar(network, honest)
        session = await liar.join(victim)
        tip = next_header(honest)
        made: list[Header] = []
        while session.end_reason is None and len(made) < 200:
            # The tip is in its past by a referee, and yet its parent lies thirty blocks below.
            header = replace(
                tip,
                parent=blocks[9].hash,
                height=11,
                referees=(blocks[-1].hash,),
                timestamp=tip.timestamp,
            )
            made.append(solve(header, honest.chance))
            session.send(compact(made[-1]))
            await asyncio.sleep(0.1)
        await dropped(victim, liar)
        assert len(made) <= 30
        assert victim.consensus.has_block(made[0].hash)
        assert not beyond.consensus.has_block(made[0].hash), "it was not told on"
        honest.mine(5)
        await until(
            lambda: len({n.consensus.best_block() for n in nodes}) == 1, "one pivot after all"
        )
        await agree(nodes)

    attack(3, scenario)


def test_a_compact_block_that_lies_about_its_transactions_still_arrives() -> None:
    """Wrong transactions are told by the root; the block comes from the next who has it."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        await join_all(nodes)
        liar = Liar(network, honest)
        wrong = transfer(7, 0).raw
        liar.lie = lambda m: (
            BlockTransactions(m.request_id, [wrong] * len(m.places))
            if isinstance(m, GetBlockTransactions)
            else Blocks(m.request_id, [])
            if isinstance(m, GetBlocks)
            else None
        )
        session = await liar.join(victim)
        network.partition({honest.node_id: 1})
        honest.pool.add([transfer(0, nonce) for nonce in range(5)])
        (block,) = honest.mine(1)
        network.partition({})
        for _ in range(3):
            session.send(CompactBlock(block.header.encode(), [1, 2, 3, 4, 5], []))
            await asyncio.sleep(1)
        honest.mine(1)
        await agree(nodes)
        assert victim.consensus.has_block(block.hash)
        assert not victim.sync.in_flight

    attack(2, scenario)
