"""A JSON-RPC port in a thread of its own, for tests that speak to it over real sockets."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import uvloop

from sogdia.ledger.rpc.dispatch import Dispatcher
from sogdia.ledger.rpc.errors import InternalError
from sogdia.ledger.rpc.http import JsonRpcApp
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.listener import Listener
from sogdia.ledger.rpc.method import Method, MethodTable, OffLoop
from sogdia.ledger.rpc.params import Data, Quantity, hex_data, hex_quantity
from sogdia.ledger.rpc.rate import RateLimiter


def add(node: Any, left: Quantity, right: Quantity = 1) -> str:
    """Return the sum."""
    return hex_quantity(left + right)


def echo(node: Any, data: Data) -> str:
    """Return what came."""
    return hex_data(data)


def slow(node: Any, milliseconds: Quantity) -> OffLoop:
    """Return after a while."""

    def run() -> str:
        time.sleep(milliseconds / 1000)
        return hex_quantity(milliseconds)

    return OffLoop(run)


def broken(node: Any) -> str:
    """Meet a defect."""
    raise ZeroDivisionError("a secret that no caller may see")


async def note(node: Any, data: Data) -> str:
    """Keep one item."""
    return (await note_many(node, [[data]]))[0]


async def note_many(node: Any, calls: list[list[bytes]]) -> list[str]:
    """Keep the items of a batch."""
    await asyncio.sleep(0)
    node.append([data for (data,) in calls])
    return [hex_data(data) for (data,) in calls]


METHODS = MethodTable(
    [
        [
            Method.of("test_add", add),
            Method.of("test_echo", echo),
            Method.of("test_slow", slow),
            Method.of("test_broken", broken),
            Method.of("test_note", note, many=note_many),
        ]
    ]
)


class Supervised:
    """Does what the node's supervisor does, without its log."""

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return the result, or what a caller sees of a defect."""
        try:
            return work(*arguments)
        except Exception:
            return InternalError("test-1")

    async def wait(self, work: Awaitable[Any]) -> Any:
        """Return the result, or what a caller sees of a defect."""
        try:
            return await work
        except Exception:
            return InternalError("test-1")


class Served:
    """An open port, and the few ways in which tests talk to it."""

    def __init__(self, port: int, node: list[Any]) -> None:
        self.port = port
        self.node = node

    def post(self, body: bytes, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Send one POST; return status, body, headers."""
        return self.request("POST", body, **headers)

    def request(self, verb: str, body: bytes, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Send one request; underscores in header names become hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        named = {"Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(verb, "/", body, named)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data, {k.lower(): v for k, v in answer.getheaders()}

    def call(self, method: str, *params: Any) -> Any:
        """Make one call; return the whole answer object."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        status, data, _ = self.post(json.dumps(body).encode())
        assert status == 200
        return json.loads(data)

    def raw(self, data: bytes, *, wait_s: float = 5.0) -> bytes:
        """Send bytes; return everything that comes until the other side closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait_s) as stream:
            stream.sendall(data)
            received = b""
            while piece := stream.recv(65_536):
                received += piece
            return received


@contextmanager
def serving(limits: RpcLimits) -> Iterator[Served]:
    """Serve METHODS on a free port until the block ends."""
    node: list[Any] = []
    opened: list[int] = []
    ready = threading.Event()
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        with ThreadPoolExecutor(2) as workers:
            dispatcher = Dispatcher(node, METHODS, limits, workers, Supervised())
            rate = None
            if limits.calls_per_second is not None:
                rate = RateLimiter(limits.calls_per_second, time.monotonic)
            listener = Listener(JsonRpcApp(dispatcher, limits, rate), limits)
            opened.append(await listener.open("127.0.0.1", 0))
            ready.set()
            await stop.wait()
            await listener.close(grace_s=1.0)
            await asyncio.sleep(0.02)  # aborted transports close their sockets in the next turns

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield Served(opened[0], node)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
