"""A development node in a process of its own."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALL_S_MAX = 60  # a call takes milliseconds; a loaded machine may need many more
STOP_S_MAX = 10  # a node stops within five seconds


class NodeFailed(Exception):
    """The node did not start, or refused a call: the words are its own."""


@dataclass(frozen=True, slots=True)
class DevelopmentNode:
    """A running node: `url` is its JSON-RPC address."""

    url: str

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of one JSON-RPC call.

        Raises:
            NodeFailed: the node refused it.
        """
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=CALL_S_MAX) as response:
            answer = json.load(response)
        if "error" in answer:
            raise NodeFailed(f"{method}: {answer['error']['message']}")
        return answer["result"]


@contextmanager
def run_node(folder: Path, *options: str) -> Iterator[DevelopmentNode]:
    """Run `sogdia up` over `folder` on a free port until the block ends.

    Raises:
        NodeFailed: it ended before it was ready; its log is `folder`/node.log.
    """
    command = [sys.executable, "-m", "sogdia", "up", "--port", "0", "--json"]
    command += ["--data-dir", str(folder / "data"), *options]
    with (folder / "node.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        )
    assert process.stdout is not None, "it was asked for"
    try:
        line = process.stdout.readline()
        if not line:
            words = (folder / "node.log").read_text(errors="replace")[-4_000:]
            raise NodeFailed(f"the node ended with {process.wait()}:\n{words}")
        yield DevelopmentNode(json.loads(line)["rpc"])
    finally:
        process.terminate()
        try:
            process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
