"""A node as users start it, whose every answer is held to the schemas of execution-apis."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.vectors.execution_apis.schemas import validate_answer

from sogdia.testing.node import DevelopmentNode, run_node_as


class SpawnedNode(DevelopmentNode):
    """A running node that is judged."""

    def answer(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the answer to one call, or fail with what is wrong about its shape."""
        answer = super().answer(method, *params)
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
    with run_node_as(SpawnedNode, folder, *options, **settings) as node:
        yield node
