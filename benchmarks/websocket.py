"""WebSocket: 500 connections that each subscribe to newHeads, and what they get a second.

    uv run python -m benchmarks.websocket

The node has one core; one client on the other holds all connections and counts whole messages.
Heads are made by `evm_mine`, so many as the node makes while the one before is still on its way.
The rival is anvil in the same rounds, with the same client. *Per CPU second* is of the node's
processor, the making of the blocks included.
"""

import asyncio
import base64
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from benchmarks.node_process import CLIENT_CORE, NodeProcess, running, sogdia_command
from benchmarks.rpc import anvil

ROUNDS = 3
SUBSCRIBERS = 500
HEADS = 200
PORTS = {"sogdia": 18_549, "anvil": 18_550}
DEADLINE_S = 60.0


class Subscriber(asyncio.Protocol):
    """A connection that subscribes and counts the messages of its subscription."""

    def __init__(self, port: int, wanted: int) -> None:
        loop = asyncio.get_running_loop()
        self._port = port
        self._left = wanted
        self._buffer = bytearray()
        self._is_open = False
        self.subscribed: asyncio.Future[None] = loop.create_future()
        self.done: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: Any) -> None:
        """Ask to be upgraded."""
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET / HTTP/1.1\r\nHost: localhost:{self._port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take whole frames; a server's are not masked."""
        # One whole message, as most are: the client must not be what is measured.
        is_waiting = self.subscribed.done() and not self._buffer
        if is_waiting and data[0] == 0x81 and _frame_end(data, 0) == len(data):
            self._left -= 1
            if self._left == 0:
                self.done.set_result(None)
            return
        self._buffer += data
        if not self._is_open:
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head.partition(b"\r\n")[0], head
            self._is_open, self._buffer = True, bytearray(rest)
            self._transport.write(_masked(_SUBSCRIBE))
        at = 0
        while (end := _frame_end(self._buffer, at)) is not None:
            self._on_frame(self._buffer[at:end])
            at = end
        del self._buffer[:at]

    def _on_frame(self, frame: bytearray) -> None:
        if frame[0] != 0x81:
            return
        if not self.subscribed.done():
            assert b'"result"' in frame, bytes(frame)
            self.subscribed.set_result(None)
            return
        self._left -= 1
        if self._left == 0:
            self.done.set_result(None)


_SUBSCRIBE = b'{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}'


def _masked(message: bytes) -> bytes:
    assert len(message) < 126
    return bytes((0x81, 0x80 | len(message), 0, 0, 0, 0)) + message  # a mask of zeros


def _frame_end(data: bytes | bytearray, at: int) -> int | None:
    if len(data) - at < 4:
        return None
    length = data[at + 1]
    head = 2
    if length == 126:
        length, head = int.from_bytes(data[at + 2 : at + 4]), 4
    end = at + head + length
    return end if end <= len(data) else None


async def fan_out(node: NodeProcess, port: int) -> tuple[float, float]:
    """Return messages a second, and a CPU second of the node."""
    loop = asyncio.get_running_loop()
    subscribers = [Subscriber(port, HEADS) for _ in range(SUBSCRIBERS)]
    for each in subscribers:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)  # type: ignore[misc]
        await each.subscribed
    started, used = time.perf_counter(), node.cpu_seconds()
    async with asyncio.timeout(DEADLINE_S):
        await mine(port)
        await asyncio.gather(*(each.done for each in subscribers))
    elapsed, used = time.perf_counter() - started, node.cpu_seconds() - used
    for each in subscribers:
        each._transport.abort()
    return SUBSCRIBERS * HEADS / elapsed, SUBSCRIBERS * HEADS / used


async def mine(port: int) -> None:
    """Make the heads, one call after the other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": []}).encode()
    head = f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
    for _ in range(HEADS):
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].split()[0])
        assert b"error" not in await reader.readexactly(length)
    writer.close()


def main() -> None:
    """Print medians, spreads and ratios as JSON."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    rates: dict[str, list[tuple[float, float]]] = {"sogdia": [], "anvil": []}
    for _ in range(ROUNDS):
        for name, found in rates.items():
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
                port = PORTS[name]
                command = sogdia_command(Path(folder) / "data", port)
                if name == "anvil":
                    command = [str(anvil()), "-q", "--port", str(port)]
                settings = {"SOGDIA_RPC_CONNECTIONS": "1000", "XDG_RUNTIME_DIR": folder}
                with running(command, f"http://127.0.0.1:{port}", **settings) as node:
                    found.append(uvloop.run(fan_out(node, port)))
    report: dict[str, Any] = {"subscribers": SUBSCRIBERS, "heads": HEADS}
    for place, unit in enumerate(("second", "cpu_second")):
        medians = {n: statistics.median(each[place] for each in r) for n, r in rates.items()}
        pairs = zip(rates["sogdia"], rates["anvil"], strict=True)
        ratios = [ours[place] / theirs[place] for ours, theirs in pairs]
        report[f"messages_per_{unit}"] = {
            **{name: round(median) for name, median in medians.items()},
            "to_anvil": round(statistics.median(ratios), 2),
            "spread": f"{min(ratios):.2f} to {max(ratios):.2f}",
        }
    report["messages_per_second"]["at_least"] = 50_000
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
