"""A development node in a process of its own, and what tests ask a node."""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

CALL_S_MAX = 60  # a call takes milliseconds; a loaded machine may need many more
STOP_S_MAX = 120  # a node stops within five seconds; the same holds


class NodeFailed(Exception):
    """The node did not start, or refused a call: the words are its own."""


class DevelopmentNode:
    """A running node: `url` is its JSON-RPC address. Threads may share it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pid: int | None = None
        """The process that serves; None if it is this one, on a thread."""
        self._address = urlsplit(url).netloc
        # A connection is kept by each thread: opening one costs more than most calls.
        self._kept = threading.local()

    def ask(self, body: Any) -> Any:
        """POST a JSON body, a call or a batch; return the decoded answer."""
        text = json.dumps(body).encode()
        try:
            return self._post(text)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            return self._post(text)  # the node closes connections that nobody used for a while

    def answer(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the answer to one call: an object with `result` or `error`."""
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer: dict[str, Any] = self.ask(call)
        return answer

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of one call.

        Raises:
            NodeFailed: the node refused it.
        """
        answer = self.answer(method, *params)
        if "error" in answer:
            raise NodeFailed(f"{method}{params}: {answer['error']}")
        return answer["result"]

    def error(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the error of one call that must be refused.

        Raises:
            NodeFailed: the node did not refuse it.
        """
        answer = self.answer(method, *params)
        if "error" not in answer:
            raise NodeFailed(f"{method}{params} was not refused: {answer['result']}")
        error: dict[str, Any] = answer["error"]
        return error

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._kept, "connection", None)
        if connection is not None:
            connection.close()
            self._kept.connection = None

    def _post(self, body: bytes) -> Any:
        connection = getattr(self._kept, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._address, timeout=CALL_S_MAX)
            self._kept.connection = connection
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        except BaseException:
            self.close()
            raise


AnyNode = TypeVar("AnyNode", bound=DevelopmentNode)


@contextmanager
def run_node(folder: Path, *options: str, **environment: str) -> Iterator[DevelopmentNode]:
    """Run `sogdia up` over `folder` on a free port until the block ends.

    Raises:
        NodeFailed: it ended before it was ready; its log is `folder`/node.log.
    """
    with run_node_as(DevelopmentNode, folder, *options, **environment) as node:
        yield node


@contextmanager
def run_node_as(
    kind: type[AnyNode], folder: Path, *options: str, **environment: str
) -> Iterator[AnyNode]:
    """Run a node as `run_node` does; yield a `kind` for it."""
    command = [sys.executable, "-m", "sogdia", "up", "--port", "0", "--json"]
    command += ["--data-dir", str(folder / "data"), *options]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "node.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **environment},
        )
    assert process.stdout is not None, "it was asked for"
    try:
        line = process.stdout.readline()
        if not line:
            words = (folder / "node.log").read_text(errors="replace")[-4_000:]
            raise NodeFailed(f"the node ended with {process.wait()}:\n{words}")
        node = kind(json.loads(line)["rpc"])
        node.pid = process.pid
        yield node
        node.close()
    finally:
        process.terminate()
        try:
            process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
