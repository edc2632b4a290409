"""Peers that hang up, or are hung up on, and come back: what they did counts."""

import asyncio
from collections.abc import Callable

import pytest
from tests.attacks.parties import Liar, agree, attack, is_dropped, join_all
from tests.unit.ledger.sync.nodes import Node

from sogdia.ledger.network import limits
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import GetTransactions, Heartbeat, Terminals
from sogdia.ledger.network.session import Session


def flood(session: Session) -> None:
    """More messages than the buckets hold."""
    for _ in range(int(limits.MESSAGES_BURST) + 100):
        session.send(Heartbeat())


def babble(session: Session) -> None:
    """Bytes that are no message."""
    session.connection.send(b"\xc1 no message")


def ask_for_nonsense(session: Session) -> None:
    """A place that no honest peer asks for."""
    session.send(GetTransactions(1, 0, [3, 1]))


def too_long(session: Session) -> None:
    """A list beyond its bound."""
    session.send(Terminals(1, [bytes(32)] * 600))


@pytest.mark.parametrize("wrong", [flood, babble, ask_for_nonsense, too_long])
def test_who_comes_back_after_a_wrong_is_not_a_stranger(
    wrong: Callable[[Session], None],
) -> None:
    """The session ends; so do the sessions after it, and then there are no more."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        await join_all(nodes)
        liar = Liar(network, honest)
        for _ in range(6):
            session = await liar.join(victim)
            wrong(session)
            await asyncio.sleep(5)
            assert session.end_reason is not None
            if is_dropped(victim, liar):
                break
        assert is_dropped(victim, liar)
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario)
