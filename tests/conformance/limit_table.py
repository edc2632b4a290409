"""Which test holds which limit, so that the table in `docs/json-rpc.md` cannot promise more.

A test that is decorated with `holds` proves that the node answers so beyond the setting.
"""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

# setting -> what a caller gets beyond it, in the words of the table.
HELD: dict[str, str] = {}


def holds(answer: str, *settings: str) -> Callable[[Test], Test]:
    """Note that the decorated test proves `answer` for each of `settings`."""

    def note(test: Test) -> Test:
        for setting in settings:
            assert setting not in HELD, f"{setting} is held twice"
            HELD[setting] = answer
        return test

    return note
