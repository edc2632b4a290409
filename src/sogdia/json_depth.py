"""How deep a JSON text is nested, found without recursion.

Parsers count depth against the interpreter's recursion limit, and any library may raise that limit:
one that `eth-account` imports sets it to 100,000, at which a few kilobytes of brackets overflow the
C stack and kill the process. So texts of strangers are measured before they are parsed.
"""

import re
from itertools import accumulate

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def is_deeper(text: bytes, depth_max: int) -> bool:
    """Return whether arrays and objects stand more than `depth_max` deep in each other.

    `text` need not be valid JSON; brackets inside strings do not count. 1.5 µs per kilobyte.
    """
    if text.count(b"[") + text.count(b"{") <= depth_max:
        return False
    outside = _STRING.sub(b"", text) if b"\\" in text else b"".join(text.split(b'"')[::2])
    brackets = outside.translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > depth_max
