"""A WebSocket door that is built when somebody first knocks: it takes long to import.

The library behind it took a third of the time that a node needs to start, and most callers use
HTTP. The node imports it beside the loop soon after it has started.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Door(Protocol):
    """WebSocket connections of a port."""

    @property
    def protocol(self) -> Callable[[], asyncio.Protocol]:
        """The maker of protocols for upgraded connections."""

    @property
    def connections(self) -> int:
        """How many are open."""

    async def close(self, grace_s: float) -> None:
        """Stop."""


class LateDoor:
    """The door that `build` makes, made at its first connection."""

    def __init__(self, build: Callable[[], Door]) -> None:
        self._build = build
        self._door: Door | None = None

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol of a connection that asks to be upgraded."""
        if self._door is None:
            self._door = self._build()
        return self._door.protocol()

    @property
    def connections(self) -> int:
        """How many are open."""
        return 0 if self._door is None else self._door.connections

    async def close(self, grace_s: float) -> None:
        """Stop, if there ever was a connection."""
        if self._door is not None:
            await self._door.close(grace_s)
