"""Rounds: everybody hears everything once and in order, and nobody holds the loop."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sogdia.ledger.rpc.events import EpochsExecuted
from sogdia.ledger.rpc.rounds import TURN_CONNECTIONS, Rounds
from sogdia.ledger.rpc.subscriptions import Rendered


@dataclass(eq=False)
class Hearer:
    """Writes down what it is told, and in how many turns."""

    log: "list[Hearer]"
    prepared: list[int] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    turns: int = 0

    def prepare(self, event: Rendered) -> None:
        """Note that the event was fresh."""
        self.prepared.append(event.number)

    def tell(self, events: Sequence[Rendered]) -> None:
        """Note what was told."""
        self.turns += 1
        self.heard += [event.number for event in events]
        self.log.append(self)


def event(number: int) -> Rendered:
    return Rendered(cast("Any", None), EpochsExecuted(number, number))


async def settle(hearers: Sequence[Hearer], last: int) -> None:
    """Wait until all have heard of event `last`."""
    while any(type(each) is Hearer and each.heard[-1:] != [last] for each in hearers):
        await asyncio.sleep(0.001)


def test_everybody_hears_everything_once_in_order_and_few_hold_no_turn() -> None:
    async def run() -> None:
        told: list[Hearer] = []
        hearers = [Hearer(told) for _ in range(3 * TURN_CONNECTIONS)]
        rounds = Rounds(hearers)
        rounds.tell(event(1))
        assert len(told) == TURN_CONNECTIONS
        for number in range(2, 12):  # these come while the first one is under way
            rounds.tell(event(number))
            assert len(told) == TURN_CONNECTIONS
        await settle(hearers, 11)
        for hearer in hearers:
            assert hearer.heard == hearer.prepared == list(range(1, 12))
            assert hearer.turns == 2
        rounds.tell(event(12))
        await settle(hearers, 12)
        assert [hearer.heard[-1] for hearer in hearers] == [12] * len(hearers)

    asyncio.run(run())


def test_a_few_hear_at_once() -> None:
    async def run() -> None:
        hearer = Hearer([])
        rounds = Rounds([hearer])
        for number in (1, 2):
            rounds.tell(event(number))
            assert hearer.heard[-1] == number

    asyncio.run(run())


def test_one_that_raises_keeps_nobody_from_hearing() -> None:
    class Broken(Hearer):
        def tell(self, events: Sequence[Rendered]) -> None:
            raise ValueError(events)

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        told: list[Hearer] = []
        first = [Hearer(told) for _ in range(TURN_CONNECTIONS)]
        hearers = [*first, Broken(told), *(Hearer(told) for _ in range(2 * TURN_CONNECTIONS))]
        rounds = Rounds(hearers)
        rounds.tell(event(1))
        rounds.tell(event(2))
        await settle(hearers, 2)
        assert [h.heard for h in hearers if type(h) is Hearer] == [[1, 2]] * (len(hearers) - 1)

    asyncio.run(run())
