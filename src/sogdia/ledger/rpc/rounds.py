"""Who is told of an event, and when: everybody in turn, of all that happened since their last turn.

A write costs a connection several times what its messages cost, so events that happen while a round
lasts wait for the next one, where each connection gets them together. With few connections, or
seldom events, every event is told at once.

    R1  Every connection hears of every event once, in the order in which they were told.
    R2  No turn of the loop tells more than `TURN_CONNECTIONS`: others are answered in between.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from typing import Protocol

from sogdia.ledger.rpc.subscriptions import Rendered

# Connections that are told in one turn of the loop: about a millisecond.
TURN_CONNECTIONS = 64
# From the end of a round of several turns to the next: what happens meanwhile costs no more writes.
REST_S = 0.01


class Listener(Protocol):
    """A connection that has subscribed to something."""

    def prepare(self, event: Rendered) -> None:
        """Render what must be read while the event is fresh."""

    def tell(self, events: Sequence[Rendered]) -> None:
        """Send what this connection wants of events."""


class Rounds:
    """Rounds over `listeners`, which may change at any time."""

    def __init__(self, listeners: Collection[Listener]) -> None:
        self._listeners = listeners
        self._loop = asyncio.get_running_loop()
        self._told: list[Rendered] = []
        self._next: list[Rendered] = []
        self._due: deque[Listener] = deque()
        self._is_resting = False
        # How many events there were; each has its number.
        self.count = 0

    def tell(self, event: Rendered) -> None:
        """Tell everybody who listens now of `event`, in this round or the next."""
        self.count += 1
        event.number = self.count
        for listener in self._listeners:
            listener.prepare(event)
        self._next.append(event)
        if not self._due and not self._is_resting and len(self._next) == 1:
            self._begin()

    def _begin(self) -> None:
        self._told, self._next = self._next, []
        self._due.extend(self._listeners)
        self._turn()

    def _turn(self) -> None:
        due, told = self._due, self._told
        try:
            for _ in range(min(len(due), TURN_CONNECTIONS)):
                due.popleft().tell(told)
        finally:
            if due:
                self._loop.call_soon(self._turn)
            elif len(self._listeners) > TURN_CONNECTIONS:
                self._is_resting = True
                self._loop.call_later(REST_S, self._end_rest)
            elif self._next:
                self._loop.call_soon(self._begin)

    def _end_rest(self) -> None:
        self._is_resting = False
        if self._next:
            self._begin()
