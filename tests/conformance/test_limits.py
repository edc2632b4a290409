"""Every limit of the JSON-RPC door on a real node: set it, go one beyond it, read the answer."""

import asyncio
import contextlib
import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError
from tests.conformance.limit_table import holds
from tests.conformance.spawned import SpawnedNode, spawned_node

WAIT_S = 20
PLACE = "0x" + "77" * 20
LOOP = "0x5b600056"  # JUMPDEST PUSH1 0 JUMP: for ever
LOG = "0x60006000a000"  # LOG0 of nothing
STRICT = {
    "body_bytes": "20000",
    "batch_calls": "5",
    "response_bytes": "20000",
    "call_time_s": "60",  # the first signature loads a library: seconds on a busy machine
    "call_gas": "1000000",
    "call_memory_bytes": "65536",
    "log_epochs": "10",
    "logs": "3",
    "log_topics": "5",
    "fee_history_epochs": "4",
    "connections": "8",
    "subscriptions": "2",
    "queued_messages": "20",
    "queued_bytes": "250000",
    "filters": "5",
    "filter_idle_s": "1",
    "traces_waiting": "1",
    "header_time_s": "0.4",
    "body_time_s": "0.4",
    "idle_time_s": "0.8",
    "header_bytes": "2000",
    "json_depth": "10",
    "json_number_digits": "30",
    "hosts": "node.example",
    "origins": "https://desk.example",
    "namespaces": "eth,web3,debug,rpc,evm,hardhat",
}
# One that has no time for anybody.
HASTY = {"call_time_s": "0.001", "calls_per_second": "6"}


def settings(values: dict[str, str]) -> dict[str, str]:
    """Return variables of the environment."""
    return {f"SOGDIA_RPC_{name.upper()}": value for name, value in values.items()}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    with spawned_node(tmp_path_factory.mktemp("strict"), **settings(STRICT)) as node:
        yield node


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    with spawned_node(tmp_path_factory.mktemp("hasty"), **settings(HASTY)) as node:
        yield node


def post(node: SpawnedNode, body: bytes, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """POST a body; return status, answer, headers."""
    named = {"Content-Type": "application/json"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(node.url, body, named)
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), {k.lower(): v for k, v in error.headers.items()}


def raw(node: SpawnedNode, data: bytes) -> bytes:
    """Send bytes; return all that comes until the node closes."""
    place = urlsplit(node.url)
    with socket.create_connection((place.hostname, place.port), timeout=WAIT_S) as stream:
        stream.sendall(data)
        received = b""
        while piece := stream.recv(65_536):
            received += piece
        return received


def call_body(method: str, *params: Any, call_id: int = 1) -> bytes:
    call = {"jsonrpc": "2.0", "id": call_id, "method": method, "params": list(params)}
    return json.dumps(call).encode()


def error_of(node: SpawnedNode, body: bytes) -> dict[str, Any]:
    """Return the error object of a body that reaches JSON-RPC."""
    status, answer, _ = post(node, body)
    assert status == 200
    error: dict[str, Any] = json.loads(answer)["error"]
    return error


@holds("413", "body_bytes")
def test_a_body(strict: SpawnedNode) -> None:
    assert post(strict, b" " * 20_001)[0] == 413


@holds("-32700", "json_depth", "json_number_digits")
def test_json(strict: SpawnedNode) -> None:
    for body in (
        b"[" * 11 + b"]" * 11,
        b'{"jsonrpc":"2.0","id":' + b"9" * 31 + b',"method":"eth_chainId"}',
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"eth_chainId"}',
    ):
        assert error_of(strict, body)["code"] == -32700
    assert b"result" in post(strict, call_body("eth_chainId", call_id=10**29))[1]


@holds("-32600", "batch_calls")
def test_a_batch(strict: SpawnedNode) -> None:
    call = json.loads(call_body("eth_chainId"))
    assert error_of(strict, json.dumps([call] * 6).encode())["code"] == -32600
    assert len(json.loads(post(strict, json.dumps([call] * 5).encode())[1])) == 5


@holds("-32003", "response_bytes")
def test_a_reply(strict: SpawnedNode) -> None:
    assert error_of(strict, call_body("rpc_discover"))["code"] == -32003


@holds("-32002", "call_time_s")
def test_the_time_of_a_call(hasty: SpawnedNode) -> None:
    time.sleep(1)  # for the bucket to fill
    error = error_of(hasty, call_body("eth_call", {"to": PLACE}, "latest", {PLACE: {"code": LOOP}}))
    assert error == {"code": -32002, "message": "request timed out after 0.001 s"}


@holds("capped", "call_gas")
def test_the_gas_of_a_call(strict: SpawnedNode) -> None:
    code = "0x5a60005260206000f3"  # return GAS
    left = strict.call(
        "eth_call", {"to": PLACE, "gas": hex(10**9)}, "latest", {PLACE: {"code": code}}
    )
    assert 900_000 < int(left, 16) < 1_000_000


@holds("-32000", "call_memory_bytes")
def test_the_memory_of_a_call(strict: SpawnedNode) -> None:
    def error_or_none(size: int) -> Any:
        code = f"0x6001 62{size:06x} 53 00".replace(" ", "")  # MSTORE8 at `size`
        body = call_body("eth_call", {"to": PLACE}, "latest", {PLACE: {"code": code}})
        return json.loads(post(strict, body)[1]).get("error")

    assert error_or_none(65_535 - 32) is None
    error = error_or_none(65_536)
    assert (error["code"], error["message"]) == (-32000, "out of gas: memory limit exceeded")


@holds("-32602", "log_epochs", "logs", "log_topics")
def test_logs(strict: SpawnedNode) -> None:
    strict.call("hardhat_mine", "0xc")
    error = strict.error("eth_getLogs", {"fromBlock": "0x0", "toBlock": "0xb"})
    assert error["code"] == -32602
    assert "ask for 0x0 to 0x9 first" in error["message"]
    topics = [["0x" + "00" * 32] * 6]
    assert strict.error("eth_getLogs", {"topics": topics})["code"] == -32602
    account = strict.call("eth_accounts")[0]
    strict.call("hardhat_setCode", PLACE, "0x" + LOG[2:-2] * 4 + "00")
    sent = strict.call("eth_sendTransaction", {"from": account, "to": PLACE, "gas": "0x186a0"})
    end = time.monotonic() + WAIT_S
    while (receipt := strict.call("eth_getTransactionReceipt", sent)) is None:
        assert time.monotonic() < end
    assert len(receipt["logs"]) == 4
    error = strict.error("eth_getLogs", {"address": PLACE, "fromBlock": receipt["blockNumber"]})
    assert error["code"] == -32602
    assert "more than 3 logs" in error["message"]


@holds("capped", "fee_history_epochs")
def test_fee_history(strict: SpawnedNode) -> None:
    strict.call("hardhat_mine", "0x8")
    assert len(strict.call("eth_feeHistory", "0x8", "latest")["gasUsedRatio"]) == 4


@holds("503", "connections")
def test_connections_of_both_kinds_together(strict: SpawnedNode) -> None:
    """Four of WebSocket, four that say nothing: the ninth of either kind is refused."""
    place = urlsplit(strict.url)

    async def run() -> None:
        async with ClientSession() as session:
            open_ones = [await session.ws_connect(strict.url) for _ in range(4)]
            silent = [await asyncio.open_connection(place.hostname, place.port) for _ in range(4)]
            await asyncio.sleep(0.05)
            with pytest.raises(WSServerHandshakeError) as refused:
                await session.ws_connect(strict.url)
            assert refused.value.status == 503
            for _, writer in silent:
                writer.close()
            for each in open_ones:
                await each.close()

    asyncio.run(run())
    time.sleep(0.1)
    assert post(strict, call_body("eth_chainId"))[0] == 200


async def ask(stream: ClientWebSocketResponse, method: str, *params: Any) -> Any:
    """Make one call; return its whole answer, leaving aside what is pushed."""
    await stream.send_bytes(call_body(method, *params, call_id=77))
    while True:
        answer = await stream.receive_json(timeout=WAIT_S)
        if answer.get("id") == 77:
            return answer


def on_socket(node: SpawnedNode, work: Any) -> Any:
    """Run `work(stream)` on a WebSocket connection."""

    async def run() -> Any:
        async with ClientSession() as session, session.ws_connect(node.url) as stream:
            return await work(stream)

    return asyncio.run(run())


@holds("-32005", "subscriptions")
def test_subscriptions(strict: SpawnedNode) -> None:
    async def work(stream: ClientWebSocketResponse) -> None:
        for _ in range(2):
            assert "result" in await ask(stream, "eth_subscribe", "newHeads")
        error = (await ask(stream, "eth_subscribe", "newHeads"))["error"]
        assert error["code"] == -32005

    on_socket(strict, work)


def close_reason(node: SpawnedNode, size: int, count: int) -> bytes:
    """Ask so often for an answer of `size` bytes, read none; return what came in the end.

    On a loaded machine the node may not have met its limit before reading begins; then nothing
    ends the connection, and it is tried again with more time.
    """
    for pause_s in (0.5, 5, 30):
        with contextlib.suppress(TimeoutError):
            return ask_and_read_late(node, size, count, pause_s)
    raise AssertionError("the node kept a connection that reads nothing")


def ask_and_read_late(node: SpawnedNode, size: int, count: int, pause_s: float) -> bytes:
    """Ask, pause, then read to the end."""
    code = f"0x61{size // 2:04x}6000f3"
    call = call_body("eth_call", {"to": PLACE}, "latest", {PLACE: {"code": code}})
    # A client's frame is masked; zeros leave it as it is.
    frame = b"\x82\xfe" + len(call).to_bytes(2) + bytes(4) + call
    place = urlsplit(node.url)
    with socket.socket() as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        stream.settimeout(WAIT_S)
        stream.connect((place.hostname, place.port))
        stream.sendall(
            b"GET / HTTP/1.1\r\nHost: node.example\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        for _ in range(count):
            stream.sendall(frame)
        time.sleep(pause_s)
        received = b""
        with contextlib.suppress(ConnectionResetError):  # it has said why, and waits for nobody
            while piece := stream.recv(1 << 20):
                received = received[-200:] + piece
        return received


@holds("close 1013", "queued_messages", "queued_bytes")
def test_a_client_that_does_not_read(strict: SpawnedNode) -> None:
    """The system's own buffers take up to 4 MiB; what waits beyond them is the node's."""
    # What the transport holds, up to 128 KiB, is counted in bytes and not as messages.
    assert b"\xf520 messages wait" in close_reason(strict, 4_000, 2_000)
    assert re.search(rb"\xf52\d{5} bytes wait", close_reason(strict, 18_000, 500))


@holds("-32005", "filters")
def test_filters(strict: SpawnedNode) -> None:
    time.sleep(1.1)
    for _ in range(5):
        strict.call("eth_newBlockFilter")
    assert strict.error("eth_newBlockFilter")["code"] == -32005


@holds("-32000", "filter_idle_s")
def test_a_filter_that_nobody_polls(strict: SpawnedNode) -> None:
    time.sleep(1.1)
    name = strict.call("eth_newBlockFilter")
    time.sleep(1.1)
    assert strict.error("eth_getFilterChanges", name) == {
        "code": -32000,
        "message": "filter not found",
    }


@holds("-32005", "traces_waiting")
def test_traces(strict: SpawnedNode) -> None:
    body = call_body(
        "debug_traceCall", {"to": PLACE}, "latest", {"stateOverrides": {PLACE: {"code": LOOP}}}
    )
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(lambda _: error_of(strict, body)["code"], range(6)))
    # Whoever is traced gets more than a reply may hold.
    assert set(answers) == {-32005, -32003}


def test_a_trace_of_a_loop_over_much_memory(node: SpawnedNode) -> None:
    """Each step would show half a megabyte: it ends before it holds 64 MiB, and says so."""
    code = "0x60016208000053" + LOOP[2:].replace("6000", "6007")
    override = {"stateOverrides": {PLACE: {"code": code}}}
    tracing = {"enableMemory": True, "disableStack": True}
    error = node.error("debug_traceCall", {"to": PLACE}, "latest", tracing | override)
    assert error["code"] == -32602
    assert "trace too large: its steps hold more than 67108864 bytes" in error["message"]


@holds("408", "header_time_s", "body_time_s")
def test_who_sends_slowly(strict: SpawnedNode) -> None:
    assert raw(strict, b"POST / HTTP/1.1\r\nHost: localh").startswith(b"HTTP/1.1 408 ")
    head = b"POST / HTTP/1.1\r\nHost: node.example\r\nContent-Type: application/json\r\n"
    assert raw(strict, head + b"Content-Length: 50\r\n\r\n{").startswith(b"HTTP/1.1 408 ")


@holds("closed", "idle_time_s")
def test_who_says_nothing(strict: SpawnedNode) -> None:
    assert raw(strict, b"") == b""


@holds("431", "header_bytes")
def test_headers(strict: SpawnedNode) -> None:
    assert post(strict, call_body("eth_chainId"), X="x" * 2_000)[0] == 431


def test_length_and_chunks_together(strict: SpawnedNode) -> None:
    head = b"POST / HTTP/1.1\r\nHost: node.example\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert raw(strict, head).startswith(b"HTTP/1.1 400 ")


@holds("429", "calls_per_second")
def test_the_rate_of_one_address(hasty: SpawnedNode) -> None:
    """One bucket, whether the calls come over HTTP or WebSocket."""
    time.sleep(1.2)
    six = json.dumps([json.loads(call_body("eth_chainId"))] * 6).encode()

    async def work(stream: ClientWebSocketResponse) -> Any:
        assert (await asyncio.to_thread(post, hasty, six))[0] == 200
        status, _, headers = await asyncio.to_thread(post, hasty, call_body("eth_chainId"))
        assert status == 429
        assert int(headers["retry-after"]) >= 1
        await stream.send_bytes(six)
        return await stream.receive_json(timeout=WAIT_S)

    assert on_socket(hasty, work)["error"]["code"] == -32005


@holds("403", "hosts", "origins")
def test_where_a_request_comes_from(strict: SpawnedNode) -> None:
    body = call_body("eth_chainId")
    assert post(strict, body, Host="evil.example")[0] == 403
    assert post(strict, body, Host="node.example")[0] == 200
    assert post(strict, body, Origin="https://evil.example")[0] == 403
    assert post(strict, body, Origin="https://desk.example")[0] == 200

    async def run() -> None:
        async with ClientSession() as session:
            for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
                with pytest.raises(WSServerHandshakeError) as refused:
                    await session.ws_connect(strict.url, headers=headers)
                assert refused.value.status == 403

    asyncio.run(run())


@holds("-32601", "namespaces")
def test_namespaces(strict: SpawnedNode) -> None:
    assert error_of(strict, call_body("net_version"))["code"] == -32601


@holds("waits", "workers")
def test_workers(strict: SpawnedNode) -> None:
    """More calls at once than threads: each waits for its turn and is answered."""
    body = call_body("eth_call", {"to": PLACE}, "latest", {PLACE: {"code": LOOP}})
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(lambda _: error_of(strict, body)["message"], range(12)))
    assert set(answers) == {"out of gas"}
