"""One caller at a time, for parts whose calls must come from one thread at a time.

Consensus has a single writer, and the RPC's readers live on other threads. Its calls are short
(execution is not inside them), so a reader that waits waits for one block's rules at most.
"""

import functools
from threading import RLock
from typing import Any, TypeVar, cast

Part = TypeVar("Part")


class _Exclusive:
    def __init__(self, part: object) -> None:
        self._part = part
        self._lock = RLock()

    def __getattr__(self, name: str) -> Any:
        # Reached once per method: the wrapped one is kept as an attribute of this object. What is
        # a property of the part may change, so it is read anew each time.
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


def exclusive(part: Part) -> Part:
    """Return `part` with every method behind one lock."""
    return cast(Part, _Exclusive(part))
