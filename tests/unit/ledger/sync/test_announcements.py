"""What is announced arrives: though the first to tell does not deliver, and though it is large."""

import asyncio
from dataclasses import replace

import pytest
from tests.attacks.parties import Liar, attack, until
from tests.unit.ledger.sync.nodes import Node
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import (
    CompactBlock,
    GetBlockTransactions,
    GetTransactions,
    Message,
    NewBlockHashes,
    TransactionIds,
)
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.sync.answers import find_answer
from sogdia.ledger.sync.short_ids import short_id

SOON_S = 15  # one peer that does not answer; thirty seconds and a heartbeat before it was so


def large(sender: int, nonce: int) -> Transaction:
    """A transaction of 100 kB."""
    return transfer(sender, nonce, data=bytes(100_000), gas=1_200_000)


@pytest.mark.parametrize("kind", [CompactBlock, NewBlockHashes])
def test_who_tells_first_of_a_block_cannot_withhold_it(kind: type[Message]) -> None:
    """A silent peer announces it a moment before the one who has it."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        await victim.peers.dial(honest.address)
        liar = Liar(network, honest, is_silent=True)
        session = await liar.join(victim)
        honest.ledger.block_listeners.clear()
        honest.pool.add([transfer(0, nonce) for nonce in range(5)])
        (block,) = honest.mine()
        compact = CompactBlock(block.header.encode(), [1, 2, 3, 4, 5], [])
        session.send(compact if kind is CompactBlock else NewBlockHashes([block.hash]))
        await until(lambda: bool(victim.sync.in_flight), "the silent one is asked")
        honest.sync.announce(block)
        await until(lambda: victim.consensus.has_block(block.hash), "it is here", seconds=SOON_S)
        assert not victim.sync.in_flight

    attack(2, scenario)


def test_who_tells_first_of_transactions_cannot_withhold_them() -> None:
    """The same of what waits: nobody tells of it twice."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        await victim.peers.dial(honest.address)
        liar = Liar(network, honest, is_silent=True)
        session = await liar.join(victim)
        transactions = [transfer(0, nonce) for nonce in range(5)]
        key = victim.sync.held.key
        session.send(TransactionIds(0, [short_id(key, each.hash) for each in transactions]))
        await until(lambda: any(isinstance(m, GetTransactions) for m in liar.heard), "it is asked")
        honest.pool.add(transactions)
        honest.sync.relay.flush()
        await until(lambda: victim.pool.status().ready == 5, "they are here", seconds=SOON_S)

    attack(2, scenario)


def test_what_one_peer_tells_again_and_again_waits_for_nothing() -> None:
    """Of 200 announcements of the same thousands, a few ask; all others would wait to ask again."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        (victim,) = nodes
        liar = Liar(network, victim, is_silent=True)
        session = await liar.join(victim)
        for batch in range(200):
            session.send(TransactionIds(batch, list(range(5_000))))
        await until(lambda: any(isinstance(m, GetTransactions) for m in liar.heard), "it is asked")
        await asyncio.sleep(2)
        (view,) = victim.sync.views.values()
        assert view.tasks <= 8
        assert len(victim.sync.news.transactions_in_flight) == 5_000

    attack(1, scenario)


def test_large_transactions_come_in_several_frames() -> None:
    """Fifty of 100 kB, announced at once, are more than one answer holds; nobody hangs up."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        one, other = nodes
        await one.peers.dial(other.address)
        await until(lambda: bool(one.sync.views and other.sync.views), "joined")
        transactions = [large(sender, nonce) for sender in range(10) for nonce in range(5)]
        assert one.pool.add(transactions) == [None] * 50
        one.sync.relay.flush()
        await until(lambda: other.pool.status().ready == 50, "all are here", seconds=SOON_S)
        assert one.sync.views
        assert not one.sync.scores.points | other.sync.scores.points

    attack(2, scenario)


def test_a_place_that_is_asked_for_twice_is_refused() -> None:
    """Ten thousand times the same 100 kB would be a gigabyte, made for a request of 10 kB."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        (node,) = nodes
        liar = Liar(network, node)
        await liar.join(node)
        node.pool.add([large(0, 0)])
        node.sync.relay.flush()
        (block,) = node.mine()
        for places in ([0, 0], [1, 0], [-1, 0]):
            with pytest.raises(InvalidMessage, match="rise strictly"):
                find_answer(node.consensus, GetBlockTransactions(1, block.hash, places))
            (view,) = node.sync.views.values()
            with pytest.raises(InvalidMessage, match="rise strictly"):
                node.sync.relay.answer(view, GetTransactions(1, 0, places))

    attack(1, scenario)


def test_work_is_looked_at_before_given_transactions() -> None:
    """Each of these costs a recovery: a thousand of them are not looked at for nothing."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        block = honest.builder.build()
        assert block is not None
        forged = replace(block.header, difficulty=2**90)
        session = await Liar(network, honest).join(victim)
        session.send(CompactBlock(forged.encode(), [1], [(0, b"no transaction")]))
        await until(lambda: bool(victim.bans), "it is dropped")
        assert "does not meet its difficulty" in victim.bans[0]

    attack(2, scenario)
