"""What some peer is asked for already, so that nobody else is asked for it at the same time.

I1  Whoever else told of it waits for its turn: a peer that does not deliver delays what others
    have, and cannot withhold it.
I2  Nobody waits for itself: what one peer tells again and again costs one look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Name = TypeVar("Name", bytes, int)


@dataclass(slots=True, eq=False)
class InFlight(Generic[Name]):
    """Names of blocks or transactions, and when the asking for each is over."""

    asked: dict[Name, bytes] = field(default_factory=dict)
    """Which peer is asked for each."""
    over: dict[Name, asyncio.Future[None]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many are asked for."""
        return len(self.over)

    async def in_turn(
        self,
        peer: bytes,
        names: Iterable[Name],
        is_missing: Callable[[Name], bool],
        ask: Callable[[list[Name]], Awaitable[None]],
        *,
        count_max: int | None = None,
    ) -> None:
        """Ask `peer` for what is missing of `names`, at most `count_max` at a time.

        What others are asked for comes last, if it is still missing when they have delivered or
        failed. Raises what `ask` raises.
        """
        left = list(dict.fromkeys(names))
        while left := [each for each in left if is_missing(each) and self.asked.get(each) != peer]:
            free = [name for name in left if name not in self.over][:count_max]
            if free:
                await self._ask(peer, free, ask)
                asked = set(free)
                left = [name for name in left if name not in asked]
            else:
                await asyncio.wait({self.over[name] for name in left})

    async def _ask(
        self, peer: bytes, names: list[Name], ask: Callable[[list[Name]], Awaitable[None]]
    ) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.over |= dict.fromkeys(names, over)
        self.asked |= dict.fromkeys(names, peer)
        try:
            await ask(names)
        finally:
            for name in names:
                del self.over[name], self.asked[name]
            over.set_result(None)
