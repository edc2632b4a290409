"""Peers that answer in a way that keeps a node busy, so that it does nothing else.

A node that catches up announces nothing and asks for nothing new: whoever could make it go on for
ever, or a crumb at a time, would have silenced it.
"""

from dataclasses import replace

import pytest
from tests.attacks.parties import Liar, agree, attack, dropped, join_all, score_of, until
from tests.unit.ledger.sync.nodes import Node, solve
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.memory import Link, MemoryConnection, MemoryNetwork
from sogdia.ledger.network.messages import (
    AnyMessage,
    Blocks,
    EpochHashes,
    GetBlocks,
    GetEpochHashes,
    GetHeaders,
    Headers,
    Message,
    Status,
)
from sogdia.ledger.sync.answers import find_answer
from sogdia.ledger.sync.phases import SyncPhase


def test_epochs_without_end_are_no_chain() -> None:
    """Every epoch above ours is said to consist of a block that is here: no header is ever new."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        honest.mine(20)
        await join_all(nodes)
        await agree(nodes)

        template = honest.builder.build()
        assert template is not None
        floating = replace(template.header, parent=b"\x77" * 32, height=10**12)
        tip = solve(floating, honest.chance)

        def lie(message: AnyMessage) -> Message | None:
            if isinstance(message, GetHeaders) and message.hashes == [tip.hash]:
                return Headers(message.request_id, [tip.encode()])
            if not isinstance(message, GetEpochHashes) or max(message.epochs) <= 20:
                return None
            known = honest.consensus.pivot_at(20)
            assert known is not None
            return EpochHashes(message.request_id, [[known] for _ in message.epochs])

        liar = Liar(network, honest, lie=lie)
        (await liar.join(victim)).send(Status(tip.hash, tip.height, []))
        await dropped(victim, liar, seconds=60)
        assert victim.sync.phase is SyncPhase.NORMAL
        victim.mine(3)
        await agree(nodes)

    attack(2, scenario)


@pytest.mark.parametrize("kind", [GetHeaders, GetBlocks])
def test_crumbs_are_no_answer(kind: type[Message]) -> None:
    """One header or block at a time, each just in time: it counts as stalling, others are asked."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, new = nodes
        for nonce in range(60):
            honest.pool.add([transfer(0, nonce)])
            honest.mine()

        def crumble(message: AnyMessage) -> Message | None:
            answer = find_answer(honest.consensus, message) if isinstance(message, kind) else None
            if isinstance(answer, Headers):
                return Headers(answer.request_id, answer.headers[:1])
            if isinstance(answer, Blocks):
                return Blocks(answer.request_id, answer.blocks[:1])
            return None

        liar = Liar(network, honest, lie=crumble)
        session = await liar.join(new)
        connection = session.connection
        assert isinstance(connection, MemoryConnection)
        session.send(Status(honest.consensus.best_block(), 60, []))
        connection.link = Link(delay_s=8.0)
        await until(lambda: any(isinstance(each, kind) for each in liar.heard), "it is asked")
        await new.peers.dial(honest.address)
        await agree(nodes, seconds=90)
        await until(lambda: score_of(new, liar) > 0, "it is noted")

    attack(2, scenario)
