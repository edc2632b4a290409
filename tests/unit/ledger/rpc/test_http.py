"""The port judges a request before anybody parses it; every refusal has its status."""

import http.client
import json
import socket
import time
from collections.abc import Iterator

import pytest
from tests.unit.ledger.rpc.served import Served, serving

from sogdia.ledger.rpc.limits import RpcLimits

LIMITS = RpcLimits(
    body_bytes=10_000,
    header_time_s=0.3,
    body_time_s=0.3,
    idle_time_s=0.6,
    call_time_s=0.5,
    batch_calls=4,
    response_bytes=2_000,
    connections=5,
    origins=("https://desk.example",),
    hosts=("localhost", "node.example"),
)
CALL = b'{"jsonrpc":"2.0","id":7,"method":"test_add","params":["0x2","0x3"]}'


@pytest.fixture(scope="module")
def port() -> Iterator[Served]:
    with serving(LIMITS) as served:
        yield served


def test_a_call_is_answered_with_its_id(port: Served) -> None:
    status, body, headers = port.post(CALL)
    assert (status, body) == (200, b'{"jsonrpc":"2.0","id":7,"result":"0x5"}')
    assert headers["content-type"] == "application/json"
    assert "access-control-allow-origin" not in headers


def test_a_connection_serves_many_calls(port: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port.port)
    for _ in range(20):
        connection.request("POST", "/", CALL, {"Content-Type": "application/json"})
        assert connection.getresponse().read().endswith(b'"0x5"}')
    connection.close()


def request(body: bytes, *, origin: str | None = None, length: int | None = None) -> bytes:
    lines = [b"POST / HTTP/1.1", b"Host: localhost", b"Content-Type: application/json"]
    lines.append(b"Content-Length: %d" % (len(body) if length is None else length))
    if origin is not None:
        lines.append(b"Origin: " + origin.encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def test_a_head_that_is_known_is_answered_as_one_that_is_parsed(port: Served) -> None:
    """The same requests in whole pieces, cut, and two at once get the same bytes back."""
    other = CALL.replace(b'"0x3"', b'"0x4"')
    asked = [CALL, other, CALL, b"[" + CALL + b"]", b"{" + b" " * (len(CALL) - 1), other]
    stream = b"".join(request(body) for body in asked)
    half = len(request(CALL)) + 20
    ways = (
        [request(body) for body in asked],
        [request(body)[i : i + 37] for body in asked for i in range(0, len(request(body)), 37)],
        [stream[:half], stream[half:]],
        [stream],
    )
    answers = [exchange(port, pieces, len(asked)) for pieces in ways]
    assert answers[0].count(b'"result":"0x5"') == 3
    assert answers[0].count(b'"result":"0x6"') == 2
    assert answers[0].count(b'"code":-32700') == 1
    assert len(set(answers)) == 1


def test_a_known_head_opens_no_door_to_another(port: Served) -> None:
    """One byte more in the head, or in the body, and the request is judged anew."""
    assert exchange(port, [request(CALL), request(CALL)], 2).count(b"0x5") == 2
    foreign = exchange(port, [request(CALL), request(CALL, origin="https://a.example")], 2)
    assert foreign.count(b"HTTP/1.1 403 ") == 1
    short = exchange(port, [request(CALL), request(CALL, length=len(CALL) + 9)], 2)
    assert short.count(b"HTTP/1.1 408 ") == 1


def exchange(port: Served, pieces: list[bytes], count: int) -> bytes:
    """Send pieces, each in a packet of its own; return the bytes of `count` replies."""
    with socket.create_connection(("127.0.0.1", port.port), timeout=60) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            stream.sendall(piece)
            time.sleep(0.005)
        answer = b""
        while answer.count(b"HTTP/1.1 ") < count or not answer.endswith((b"}", b"]", b"\n")):
            more = stream.recv(65_536)
            assert more, answer
            answer += more
        return answer


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(port: Served) -> None:
    status, text, _ = port.post(b" " * 10_001)
    assert (status, text) == (413, b"body of 10001 bytes, limit 10000\n")


def test_a_chunked_body_beyond_the_limit_is_refused_while_it_is_read(port: Served) -> None:
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert port.raw(head + 4 * chunk + b"0\r\n\r\n").startswith(b"HTTP/1.1 413 ")


def test_length_and_chunks_together_are_refused(port: Served) -> None:
    """Two readers would see two different bodies: request smuggling."""
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert port.raw(head).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8545", "localhost.evil.example"])
def test_a_rebound_name_is_refused(port: Served, host: str) -> None:
    status, text, _ = port.post(CALL, Host=host)
    assert status == 403
    assert b"rpc.hosts" in text


@pytest.mark.parametrize(
    "host", ["localhost:1", "127.0.0.1", "[::1]:8545", "node.example", "NODE.example"]
)
def test_own_names_and_addresses_are_served(port: Served, host: str) -> None:
    assert port.post(CALL, Host=host)[0] == 200


def test_a_foreign_page_is_refused_and_a_known_one_may_read(port: Served) -> None:
    assert port.post(CALL, Origin="https://evil.example")[0] == 403
    status, _, headers = port.post(CALL, Origin="https://desk.example")
    assert status == 200
    assert headers["access-control-allow-origin"] == "https://desk.example"
    status, _, headers = port.request("OPTIONS", b"", Origin="https://desk.example")
    assert status == 204
    assert headers["access-control-allow-headers"] == "content-type"


def test_a_form_that_a_page_can_send_unasked_is_refused(port: Served) -> None:
    assert port.post(CALL, Content_Type="text/plain")[0] == 415
    assert port.post(CALL, Content_Type="application/json; charset=utf-8")[0] == 200


def test_other_verbs_are_told_what_is_allowed(port: Served) -> None:
    status, _, headers = port.request("GET", b"")
    assert status == 405
    assert headers["allow"] == "POST, OPTIONS"


def test_long_headers_are_refused_whole_and_in_pieces(port: Served) -> None:
    whole = b"POST / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9_000
    assert port.raw(whole + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
    with socket.create_connection(("127.0.0.1", port.port), timeout=60) as stream:
        stream.sendall(b"POST / HTTP/1.1\r\nX: ")
        for _ in range(9):
            stream.sendall(b"x" * 1_000)
            time.sleep(0.005)
        assert stream.recv(100).startswith(b"HTTP/1.1 431 ")


def test_slow_headers_and_slow_bodies_are_refused(port: Served) -> None:
    assert port.raw(b"POST / HTTP/1.1\r\nHost: localh").startswith(b"HTTP/1.1 408 ")
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert port.raw(head + b"Content-Length: 50\r\n\r\n{").startswith(b"HTTP/1.1 408 ")


def test_a_silent_connection_is_closed(port: Served) -> None:
    assert port.raw(b"") == b""


def test_more_connections_than_the_limit_are_refused(port: Served) -> None:
    held = [socket.create_connection(("127.0.0.1", port.port)) for _ in range(5)]
    try:
        time.sleep(0.1)
        assert port.post(CALL)[0] == 503
    finally:
        for stream in held:
            stream.close()
    time.sleep(0.1)
    assert port.post(CALL)[0] == 200


def test_what_is_not_http_is_refused(port: Served) -> None:
    assert port.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").startswith(
        b"HTTP/1.1 400 "
    )


def test_a_caller_beyond_the_rate_is_told_when_to_come_back() -> None:
    with serving(RpcLimits(calls_per_second=3)) as port:
        batch = json.dumps([json.loads(CALL)] * 3).encode()
        assert port.post(batch)[0] == 200
        status, _, headers = port.post(CALL)
        assert status == 429
        assert int(headers["retry-after"]) >= 1
