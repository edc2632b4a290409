"""WebSocket: 500 connections that each subscribe to newHeads, and what they get a second.

    uv run python -m benchmarks.websocket

The node has one core; one client on the other holds all connections, counts whole messages and
checks at the end that every subscriber got every head once, and some of them what was in it. Four
callers make the heads by `evm_mine`, each its next one when the one before is answered, so that a
node may send several heads that are ready to a connection at once. The rival is anvil in the same
rounds, with the same client. *Per CPU second* is of the node's processor, the making of the blocks
included; *client busy* is the share of its core that the client used.
"""

import base64
import json
import os
import select
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.node_process import CLIENT_CORE, NodeProcess, running, sogdia_command
from benchmarks.rival_nodes import anvil

ROUNDS = 3
SUBSCRIBERS = 500
HEADS = 400
MINERS = 4
# Of so many subscribers one is read to the letter.
READ_EVERY = 50
PORTS = {"sogdia": 18_549, "anvil": 18_550}
DEADLINE_S = 120.0

_SUBSCRIBE = b'{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}'
_MINE = b'{"jsonrpc":"2.0","id":1,"method":"evm_mine","params":[]}'


class Subscriber:
    """A connection that subscribed; it counts the messages of its subscription."""

    def __init__(self, port: int, *, is_read: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self._rest = b""
        self.count = 0
        self.is_read = True
        self.messages: list[bytes] = []
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._more()
        assert b" 101 " in head.partition(b"\r\n")[0], head
        self.socket.sendall(bytes((0x81, 0x80 | len(_SUBSCRIBE), 0, 0, 0, 0)) + _SUBSCRIBE)
        while not self.count:  # the answer
            self.receive()
        assert b'"result"' in self.messages.pop(), "the subscription was refused"
        self.count = 0
        self.is_read = is_read

    def receive(self) -> None:
        """Take what has come; count whole messages. A server's frames are not masked."""
        data = self._more()
        if self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        while size - at >= 10:
            length, begin = data[at + 1], at + 2
            assert length < 127, "a message of 64 KiB or more"
            if length == 126:
                length, begin = data[at + 2] << 8 | data[at + 3], at + 4
            if begin + length > size:
                break
            if data[at] == 0x81:
                self.count += 1
                if self.is_read:
                    self.messages.append(data[begin : begin + length])
            at = begin + length
        self._rest = data[at:]

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 18)
        assert data, "the node closed a connection"
        return data


class Miner:
    """A caller of `evm_mine`: the next call is made when the one before is answered."""

    def __init__(self, port: int, calls: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        head = f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
        self._request = f"{head}Content-Length: {len(_MINE)}\r\n\r\n".encode() + _MINE
        self._left = calls
        self._answer = b""

    def ask(self) -> None:
        """Make the next call if there is one left."""
        if self._left:
            self._left -= 1
            self.socket.sendall(self._request)

    def receive(self) -> None:
        """Take a piece of an answer; when it is whole, go on."""
        self._answer += self.socket.recv(1 << 16)
        head, _, body = self._answer.partition(b"\r\n\r\n")
        stated = head.lower().partition(b"content-length:")[2].split()
        if stated and len(body) == int(stated[0]):
            assert b"error" not in body, body
            self._answer = b""
            self.ask()


def fan_out(node: NodeProcess, port: int) -> tuple[float, float, float]:
    """Return messages a second, messages a CPU second of the node, and how busy the client was."""
    subscribers = [Subscriber(port, is_read=n % READ_EVERY == 0) for n in range(SUBSCRIBERS)]
    miners = [Miner(port, HEADS // MINERS) for _ in range(MINERS)]
    wanted, poll = SUBSCRIBERS * HEADS, select.epoll()
    by_file: dict[int, Subscriber | Miner] = {e.socket.fileno(): e for e in subscribers + miners}
    for file in by_file:
        poll.register(file, select.EPOLLIN)
    started, used, busy = time.perf_counter(), node.cpu_seconds(), time.process_time()
    for miner in miners:
        miner.ask()
    while sum(each.count for each in subscribers) < wanted:
        # Some thousand messages are taken between two looks at the sum.
        for _ in range(10):
            for file, _events in poll.poll(0.05):
                by_file[file].receive()
        assert time.perf_counter() - started < DEADLINE_S, "heads are missing"
    elapsed, used = time.perf_counter() - started, node.cpu_seconds() - used
    busy = time.process_time() - busy
    for each in subscribers:
        check(each)
        each.socket.close()
    return wanted / elapsed, wanted / used, busy / elapsed


def check(subscriber: Subscriber) -> None:
    """Refuse a run in which a head came twice, not at all, or out of order."""
    assert subscriber.count == HEADS, f"{subscriber.count} heads, not {HEADS}"
    heads = [json.loads(message)["params"]["result"] for message in subscriber.messages]
    numbers = [int(head["number"], 16) for head in heads]
    if subscriber.is_read:
        assert numbers == list(range(numbers[0], numbers[0] + HEADS)), numbers


def main() -> None:
    """Print medians, spreads and ratios as JSON."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    rates: dict[str, list[tuple[float, float, float]]] = {"sogdia": [], "anvil": []}
    for _ in range(ROUNDS):
        for name, found in rates.items():
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
                port = PORTS[name]
                command = sogdia_command(Path(folder) / "data", port)
                if name == "anvil":
                    command = [str(anvil()), "-q", "--port", str(port)]
                url, many = f"http://127.0.0.1:{port}", "1000"
                with running(
                    command, url, SOGDIA_RPC_CONNECTIONS=many, XDG_RUNTIME_DIR=folder
                ) as node:
                    found.append(fan_out(node, port))
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
    report["client_busy"] = {
        name: round(statistics.median(each[2] for each in found), 2)
        for name, found in rates.items()
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
