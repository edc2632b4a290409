"""A node as users start it: `sogdia up` in a process of its own, on a free port, fresh data."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.vectors.execution_apis.schemas import validate_answer

START_S_MAX = 30  # a loaded machine of two cores; the promise itself is measured by a benchmark


@dataclass(frozen=True, slots=True)
class SpawnedNode:
    """A running node: where it listens, and its process."""

    url: str
    process: subprocess.Popen[bytes]

    def ask(self, body: Any) -> Any:
        """POST a JSON body; return the decoded answer."""
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def call(self, method: str, *params: Any) -> Any:
        """Make one call; return its result or fail with its error."""
        answer = self._judged(method, params)
        assert "error" not in answer, f"{method}{params}: {answer['error']}"
        return answer["result"]

    def error(self, method: str, *params: Any) -> dict[str, Any]:
        """Make one call that must be refused; return its error."""
        answer = self._judged(method, params)
        assert "error" in answer, f"{method}{params} was not refused: {answer}"
        error: dict[str, Any] = answer["error"]
        return error

    def _judged(self, method: str, params: tuple[Any, ...]) -> Any:
        """Every answer of every test is held to the schemas of execution-apis."""
        answer = self.ask({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        validate_answer(method, list(params), answer)
        return answer


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def spawned_node(folder: Path, *options: str, **settings: str) -> Iterator[SpawnedNode]:
    """Run `sogdia up` until the block ends; its log goes to `folder`/node.log."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("sogdia")), "up", "--port", str(port)]
    command += ["--data-dir", str(folder / "data"), *options]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "node.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **settings},
        )
    node = SpawnedNode(f"http://127.0.0.1:{port}", process)
    try:
        _await_first_answer(node, folder / "node.log")
        yield node
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_first_answer(node: SpawnedNode, log: Path) -> None:
    end = time.monotonic() + START_S_MAX
    while True:
        try:
            node.call("eth_chainId")
            return
        except (urllib.error.URLError, ConnectionError):
            ended = node.process.poll()
            assert ended is None, f"the node ended with {ended}:\n{log.read_text()[-4_000:]}"
            assert time.monotonic() < end, f"no answer in {START_S_MAX} s:\n{log.read_text()}"
            time.sleep(0.02)
