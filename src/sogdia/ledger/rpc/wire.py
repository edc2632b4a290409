"""JSON in and out: strict where the caller writes, fast where the node answers."""

import json
from typing import Any

import msgspec

from sogdia.json_depth import is_deeper
from sogdia.ledger.rpc.errors import ParseError
from sogdia.ledger.rpc.limits import RpcLimits

# JSON that is ready: the core renders whole blocks, and nobody parses them again.
ReadyJson = msgspec.Raw

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


def decode_body(body: bytes, limits: RpcLimits) -> Any:
    """Return the value of a request body.

    Raises:
        ParseError: not JSON, deeper or with longer numbers than `limits` allow, or an object that
            names a key twice (two readers would see two different calls).
    """
    if is_deeper(body, limits.json_depth):
        raise ParseError(f"nested deeper than {limits.json_depth}")
    try:
        value = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ParseError(str(error)) from None
    keys = _count_keys(value, limits)
    # Every key has its colon. As many colons as keys: none was overwritten by its namesake. More
    # colons may also stand inside strings, so only then the slow reader looks.
    if body.count(b":") != keys:
        json.loads(body, object_pairs_hook=_refuse_duplicates)
    return value


def _count_keys(value: Any, limits: RpcLimits) -> int:
    kind = type(value)
    if kind is str:
        return 0
    if kind is dict or kind is list:
        keys = 0
        if kind is dict:
            keys = len(value)
            value = value.values()
        for item in value:
            if type(item) is not str:
                keys += _count_keys(item, limits)
        return keys
    if kind is int and abs(value) >= 10**limits.json_number_digits:
        raise ParseError(f"a number has more than {limits.json_number_digits} digits")
    return 0


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"the key {twice!r} stands twice in one object")
    return members
