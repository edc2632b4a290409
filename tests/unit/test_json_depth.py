"""Depth, against the parser's own idea of it."""

import json
import sys

from hypothesis import given
from hypothesis import strategies as st

from sogdia.json_depth import is_deeper

VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}"\\,:a'),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet='[]{}"\\'), inner, max_size=3)
    ),
    max_leaves=30,
)


def depth_of(value: object) -> int:
    """The plain twin: by recursion over the parsed value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(VALUES, st.booleans())
def test_the_depth_of_a_text_is_that_of_its_value(value: object, is_ascii: bool) -> None:
    """Strings full of brackets, quotes and backslashes, as keys and as values."""
    text = json.dumps(value, ensure_ascii=is_ascii).encode()
    depth = depth_of(value)
    assert not is_deeper(text, depth)
    if depth:
        assert is_deeper(text, depth - 1)


def test_brackets_in_strings_cannot_hide_depth() -> None:
    """Closing brackets inside strings between opening ones outside."""
    assert is_deeper(b'["]]]]",' * 40 + b"1" + b"]" * 40, 39)
    assert not is_deeper(b'["]]]]",' * 40 + b"1" + b"]" * 40, 40)


def test_a_mile_of_brackets_needs_no_stack() -> None:
    """With the recursion limit that a library once set."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        assert is_deeper(b"[" * 1_000_000, 32)
        assert is_deeper(b'{"a":' * 100_000, 32)
    finally:
        sys.setrecursionlimit(before)
