"""Calls onto the loop from wherever the ledger's parts tell something: its own thread or another.

Waking the loop from another thread is a system call; from its own, it is a place in a queue.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any


def from_any_thread(loop: asyncio.AbstractEventLoop) -> Callable[..., object]:
    """Return `call_soon` of `loop` for callers of every thread; ask for it on the loop's own."""
    loop_thread = threading.get_ident()

    def call_soon(callback: Callable[..., object], *arguments: Any) -> object:
        if threading.get_ident() == loop_thread:
            return loop.call_soon(callback, *arguments)
        return loop.call_soon_threadsafe(callback, *arguments)

    return call_soon
