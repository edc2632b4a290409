"""A node as users start it, whose every answer is held to the schemas of execution-apis."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.vectors.execution_apis.schemas import validate_answer

from sogdia.testing.node import STOP_S_MAX, DevelopmentNode, NodeFailed, run_node_as


class SpawnedNode(DevelopmentNode):
    """A running node that is judged."""

    def answer(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the answer to one call, or fail with what is wrong about its shape."""
        answer = super().answer(method, *params)
        validate_answer(method, list(params), answer)
        return answer


@contextmanager
def spawned_node(folder: Path, *options: str, **settings: str) -> Iterator[SpawnedNode]:
    """Run `sogdia up` until the block ends; its log goes to `folder`/node.log."""
    with run_node_as(SpawnedNode, folder, *options, **settings) as node:
        yield node


@contextmanager
def network_node(folder: Path, *namespaces: str) -> Iterator[SpawnedNode]:
    """Run `sogdia node` on the local network, open to peers, until the block ends.

    Its port answers `namespaces`, by default those that a node answers by default. Its log goes to
    `folder`/node.log.
    """
    folder.mkdir(parents=True)
    answered = f"namespaces = {json.dumps(namespaces)}\n" if namespaces else ""
    (folder / "node.toml").write_text(
        f"[node]\nnetwork = 'local'\ndata_dir = 'data'\n[rpc]\nport = 0\n{answered}"
        "[network]\nenabled = true\nport = 0\n[log]\nformat = 'json'\n"
    )
    command = [sys.executable, "-m", "sogdia", "node", "--config", "node.toml"]
    with (folder / "node.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=dict(os.environ), stderr=log)
    try:
        node = SpawnedNode(wait_until_ready(process, folder / "node.log"))
        yield node
        node.close()
    finally:
        process.terminate()
        process.wait(STOP_S_MAX)


def wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the JSON-RPC address that a node logs when it is ready."""
    while process.poll() is None:
        for line in log.read_text().splitlines():
            with suppress(json.JSONDecodeError):  # the last line may be half written
                event = json.loads(line)
                if event["event"] == "ready":
                    url: str = event["rpc"]
                    return url
        time.sleep(0.05)
    raise NodeFailed(f"the node ended with {process.returncode}:\n{log.read_text()}")
