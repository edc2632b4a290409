"""A WebSocket door that is built when somebody first knocks: it takes long to import.

The library behind it took a third of the time that a node needs to start, and most callers use
HTTP. It is imported beside the loop, while that first connection waits and everybody else does not.
"""

import asyncio
import importlib
from collections.abc import Callable
from concurrent.futures import Executor
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
    """The door that `build` makes of `module`, which `workers` import, for its first connection."""

    def __init__(self, module: str, workers: Executor, build: Callable[[], Door]) -> None:
        self._module = module
        self._workers = workers
        self._build = build
        self._door: Door | None = None

    @property
    def is_open(self) -> bool:
        """Whether connections are taken at once."""
        return self._door is not None

    async def open(self) -> None:
        """Build the door. Importing takes longer than the loop may be held."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._workers, importlib.import_module, self._module)
        if self._door is None:
            self._door = self._build()

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol of a connection that asks to be upgraded."""
        assert self._door is not None, "it is opened first"
        return self._door.protocol()

    @property
    def connections(self) -> int:
        """How many are open."""
        return 0 if self._door is None else self._door.connections

    async def close(self, grace_s: float) -> None:
        """Stop, if there ever was a connection."""
        if self._door is not None:
            await self._door.close(grace_s)
