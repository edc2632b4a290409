"""One caller at a time, for parts whose calls must come from one thread at a time.

Consensus has a single writer, and the RPC's readers live on other threads. Execution is not inside
its calls, but the sync of a block is: who waits may wait for the medium. What a part answers to any
thread at any time, and what the loop asks therefore, goes past the lock.
"""

import functools
from collections.abc import Collection
from threading import RLock
from typing import Any, TypeVar, cast

Part = TypeVar("Part")


class _Exclusive:
    def __init__(self, part: object, for_any_thread: Collection[str]) -> None:
        self._part = part
        self._for_any_thread = for_any_thread
        self._lock = RLock()

    def __getattr__(self, name: str) -> Any:
        # Reached once per method: the wrapped one is kept as an attribute of this object. What is
        # a property of the part may change, so it is read anew each time.
        if name in self._for_any_thread:
            attribute = getattr(self._part, name)
            setattr(self, name, attribute)
            return attribute
        is_property = isinstance(getattr(type(self._part), name, None), property)
        with self._lock:
            attribute = getattr(self._part, name)
        if is_property or not callable(attribute):
            return attribute

        @functools.wraps(attribute)
        def locked(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                return attribute(*arguments, **named)

        setattr(self, name, locked)
        return locked


def exclusive(part: Part, *, for_any_thread: Collection[str] = ()) -> Part:
    """Return `part` with every method behind one lock, but for those named `for_any_thread`."""
    return cast(Part, _Exclusive(part, for_any_thread))
