"""From request bytes to answer bytes: the laws D1 to D3, and each error with its code."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.ledger.rpc.served import Served, serving

from sogdia.ledger.rpc.limits import RpcLimits


@pytest.fixture(scope="module")
def port() -> Iterator[Served]:
    with serving(RpcLimits(batch_calls=4, response_bytes=2_000, call_time_s=0.3)) as served:
        yield served


def ask(port: Served, body: bytes | Any) -> Any:
    """Send a body, return the decoded answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, answer, _ = port.post(data)
    assert status == 200
    return json.loads(answer) if answer else None


def call(method: str, *params: Any, call_id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": call_id, "method": method, "params": list(params)}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[1,]", "malformed"),
        (b'{"jsonrpc":"2.0"} x', "malformed"),
        (b'"\xff"', "utf-8"),
        (b"[" * 33 + b"]" * 33, "nested deeper than 32"),
        (b"[" * 200_000, "nested deeper than 32"),
        (b"[" + b"9" * 81 + b"]", "more than 80 digits"),
        (b'{"jsonrpc":"2.0","id":1,"method":"test_add","id":2}', "'id' stands twice"),
        (b'{"jsonrpc":"2.0","id":1,"method":"a","params":[{"x":1,"x":2}]}', "'x' stands twice"),
        (b'{"id":":","method":":","id":":"}', "'id' stands twice"),
    ],
)
def test_what_is_not_our_json_is_a_parse_error(port: Served, body: bytes, words: str) -> None:
    answer = ask(port, body)
    assert answer["error"]["code"] == -32700
    assert words in answer["error"]["message"]
    assert answer["id"] is None


def test_colons_in_strings_are_no_keys(port: Served) -> None:
    assert ask(port, call("test_echo", "0x", call_id=":a:b"))["id"] == ":a:b"


@pytest.mark.parametrize(
    "body",
    [
        1,
        "x",
        None,
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "test_add"},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": {}, "method": "test_add"},
        [],
    ],
)
def test_what_is_no_request_is_an_invalid_request(port: Served, body: Any) -> None:
    assert ask(port, body)["error"]["code"] == -32600


@pytest.mark.parametrize("call_id", [0, -1, "text", 1.5, 2**70, None])
def test_any_id_comes_back(port: Served, call_id: Any) -> None:
    assert ask(port, call("test_add", "0x1", call_id=call_id)) == {
        "jsonrpc": "2.0",
        "id": call_id,
        "result": "0x2",
    }


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ([], "missing value for required argument 0"),
        (["0x1", "0x1", "0x1"], "too many arguments, want at most 2"),
        (["1"], "invalid argument 0: hex string without 0x prefix"),
        (["0x01"], "invalid argument 0: hex number with leading zero digits"),
        ([None], "missing value for required argument 0"),
        (["0x1", 5], "invalid argument 1: want a quantity as 0x… string, got number"),
        (["0x" + "f" * 65], "invalid argument 0: hex number > 256 bits"),
        ({"wrong": "0x1"}, "unknown argument 'wrong', want left, right"),
        ("0x1", "non-array args"),
    ],
)
def test_wrong_parameters_name_the_argument(port: Served, params: Any, words: str) -> None:
    request = call("test_add") | {"params": params}
    assert ask(port, request)["error"] == {"code": -32602, "message": words}


def test_parameters_may_be_named_and_left_out(port: Served) -> None:
    assert ask(port, call("test_add") | {"params": {"left": "0x2"}})["result"] == "0x3"
    assert ask(port, call("test_add", "0x2", None))["result"] == "0x3"


def test_an_unknown_method_is_named(port: Served) -> None:
    error = ask(port, call("eth_nope"))["error"]
    assert error == {
        "code": -32601,
        "message": "the method eth_nope does not exist/is not available",
    }


def test_d1_a_notification_is_not_answered(port: Served) -> None:
    notification = {"jsonrpc": "2.0", "method": "test_add", "params": ["0x1"]}
    assert ask(port, notification) is None
    assert ask(port, [notification, notification]) is None
    assert [a["id"] for a in ask(port, [notification, call("test_add", "0x1")])] == [1]


def test_d2_answers_stand_in_the_order_of_the_calls(port: Served) -> None:
    batch = [
        call("test_slow", "0x20", call_id=1),
        call("test_note", "0xaa", call_id=2),
        call("nope", call_id=3),
        5,
    ]
    answers = ask(port, batch)
    assert [a["id"] for a in answers] == [1, 2, 3, None]
    assert [("error" in a) for a in answers] == [False, False, True, True]


def test_d3_a_defect_shows_an_id_and_nothing_else(port: Served) -> None:
    error = ask(port, call("test_broken"))["error"]
    assert error["code"] == -32603
    assert "test-1" in error["message"]
    assert "secret" not in json.dumps(error)


def test_calls_that_belong_together_are_one_unit(port: Served) -> None:
    port.node.clear()
    batch = [call("test_note", data, call_id=i) for i, data in enumerate(["0x01", "1", "0x03"])]
    answers = ask(port, batch)
    assert port.node == [[b"\x01", b"\x03"]]
    assert answers[1]["error"]["code"] == -32602


def test_a_batch_beyond_the_limit_is_refused_whole(port: Served) -> None:
    error = ask(port, [call("test_add", "0x1")] * 5)["error"]
    assert error["code"] == -32600
    assert "5 calls, limit 4" in error["message"]


def test_answers_beyond_the_limit_are_refused_one_by_one(port: Served) -> None:
    big = call("test_echo", "0x" + "00" * 950)
    assert ask(port, call("test_echo", "0x" + "00" * 1_100))["error"]["code"] == -32003
    answers = ask(port, [big, big])
    assert "result" in answers[0]
    assert answers[1]["error"]["code"] == -32003


def test_a_call_that_takes_too_long_is_given_up(port: Served) -> None:
    error = ask(port, call("test_slow", "0x200"))["error"]
    assert error == {"code": -32002, "message": "request timed out after 0.3 s"}
