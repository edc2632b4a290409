"""A body that is read in one look is one that is read the same in three."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.rpc.errors import ParseError
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.wire import decode_body, decode_plain

LIMITS = RpcLimits()

NAMES = st.sampled_from(["jsonrpc", "id", "method", "params", "to", "a:b", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**90), 10**90)
    | st.floats(allow_nan=False)
    | st.sampled_from(["2.0", "1.0", "eth_call", "0x", 'a":"b', "ключ"]),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(NAMES, inner), max_size=3),
    max_leaves=6,
)
PLAIN = st.fixed_dictionaries(
    {
        "jsonrpc": st.just("2.0"),
        "id": st.integers(-(10**30), 10**30) | st.text(max_size=5),
        "method": st.sampled_from(["eth_call", "eth:x"]),
        "params": st.lists(
            st.text(max_size=5)
            | st.none()
            | st.booleans()
            | st.dictionaries(st.text(max_size=3), st.text(max_size=3) | st.none(), max_size=3),
            max_size=3,
        ),
    }
)


def text_of(value: Any) -> str:
    """Return JSON in which lists of pairs are objects, so that a key may stand twice."""
    if isinstance(value, list) and value and all(isinstance(each, tuple) for each in value):
        members = (f"{json.dumps(name)}: {text_of(inner)}" for name, inner in value)
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    return json.dumps(value)


@given(st.lists(st.tuples(NAMES, VALUES), min_size=3, max_size=6))
def test_what_is_read_at_once_is_read_the_same_slowly(members: list[tuple[str, Any]]) -> None:
    body = text_of(members).encode()
    plain = decode_plain(body)
    if plain is not None:
        assert plain.members() == decode_body(body, LIMITS)


@given(PLAIN, st.lists(st.tuples(NAMES, VALUES), max_size=2))
def test_plain_calls_and_nearly_plain_ones_are_read_the_same(
    call: dict[str, Any], more: list[tuple[str, Any]]
) -> None:
    body = text_of([*call.items(), *more]).encode() if more else json.dumps(call).encode()
    plain = decode_plain(body)
    if plain is not None:
        assert plain.members() == decode_body(body, LIMITS) == call


@pytest.mark.parametrize(
    "params", ['["0xaa", "latest"]', '[{"to": "0xaa", "data": "0x"}, "latest"]', "[]", "[true]"]
)
def test_what_clients_send_is_plain(params: str) -> None:
    body = f'{{"jsonrpc": "2.0", "id": 7, "method": "eth_call", "params": {params}}}'.encode()
    plain = decode_plain(body)
    assert plain is not None
    assert plain.members() == decode_body(body, LIMITS)


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"eth_call","params":[]}',
        b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"0x","to":"0x01"}]}',
        b'{"jsonrpc":"2.0","id":' + b"9" * 81 + b',"method":"eth_call","params":[]}',
    ],
)
def test_what_would_be_refused_is_not_plain(body: bytes) -> None:
    assert decode_plain(body) is None
    with pytest.raises(ParseError):
        decode_body(body, LIMITS)
