"""JSON in and out: strict where the caller writes, fast where the node answers."""

import json
from typing import Any, Literal

import msgspec

from sogdia.json_depth import is_deeper
from sogdia.ledger.rpc.errors import ParseError
from sogdia.ledger.rpc.limits import RpcLimits

# JSON that is ready: the core renders whole blocks, and nobody parses them again.
ReadyJson = msgspec.Raw
# From here on JSON is sent beside what is around it: copying it there would cost more.
LONG_BYTES = 16 << 10

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


class PlainCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A call as nearly all are: its members and no other, and parameters that nest once at most."""

    jsonrpc: Literal["2.0"]
    id: int | str
    method: str
    params: list[str | bool | dict[str, str | None] | None]

    def members(self) -> dict[str, Any]:
        """Return the call as `decode_body` would."""
        return msgspec.structs.asdict(self)


_decode_plain = msgspec.json.Decoder(PlainCall).decode
# What any limits allow under which a plain call need not be measured: brackets in each other, and
# the digits of an id.
PLAIN_DEPTH = 3
PLAIN_ID_DIGITS = 18


def decode_plain(body: bytes) -> PlainCall | None:
    """Return the call of a body that `decode_body` would take too, found by one look instead of
    three; `None` says nothing about the body.
    """
    try:
        call = _decode_plain(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    keys = 4
    for each in call.params:
        if type(each) is dict:
            keys += len(each)
    # Every key has its colon: see `decode_body`.
    if body.count(b":") != keys:
        return None
    call_id = call.id
    is_short = type(call_id) is str or -_PLAIN_ID_END < call_id < _PLAIN_ID_END
    return call if is_short else None


_PLAIN_ID_END = 10**PLAIN_ID_DIGITS


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
