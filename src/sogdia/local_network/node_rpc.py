"""JSON-RPC to one node over one connection that is kept; the standard library alone."""

import http.client
import json
import threading
from collections.abc import Sequence
from typing import Any

from sogdia.local_network.errors import NodeRefused, NodeSilent

TIMEOUT_S = 10.0  # a node under load answers late; one that is gone refuses at once
BATCH_MAX = 100  # calls of one request, as a node takes them by default

Call = tuple[str, Sequence[Any]]


class NodeRpc:
    """One node's port. Threads may share it; their calls go one after another."""

    def __init__(self, port: int) -> None:
        """`port` is on this machine."""
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of one call.

        Raises:
            NodeSilent: nobody answers.
            NodeRefused: the answer is an error.
        """
        return self.batch([(method, params)])[0]

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Return the results of calls, in their order.

        Raises:
            NodeSilent: nobody answers.
            NodeRefused: one of the answers is an error.
        """
        results = []
        for call, answer in zip(calls, self.answers(calls), strict=True):
            if "error" in answer:
                raise NodeRefused(call[0], answer["error"]["message"])
            results.append(answer["result"])
        return results

    def answers(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Return the answers to calls, errors too, in their order.

        Raises:
            NodeSilent: nobody answers.
        """
        found: list[dict[str, Any]] = []
        for start in range(0, len(calls), BATCH_MAX):
            found += self._post(calls[start : start + BATCH_MAX])
        return found

    def _post(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        requests = [
            {"jsonrpc": "2.0", "id": place, "method": method, "params": list(params)}
            for place, (method, params) in enumerate(calls)
        ]
        body = json.dumps(requests).encode()
        with self._lock:
            answers: Any = json.loads(self._exchange(body))
        if isinstance(answers, dict):  # the whole batch was refused
            raise NodeRefused("batch", answers["error"]["message"])
        by_id = {answer["id"]: answer for answer in answers}
        return [by_id[place] for place in range(len(calls))]

    def _exchange(self, body: bytes) -> bytes:
        # A kept connection may have been ended by a node that was started again: once more, fresh.
        is_fresh = self._connection is None
        try:
            return self._send(body)
        except (OSError, http.client.HTTPException) as error:
            self._end()
            if is_fresh:
                raise NodeSilent(self.url, str(error) or type(error).__name__) from None
        return self._exchange(body)

    def _send(self, body: bytes) -> bytes:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=TIMEOUT_S
            )
        headers = {"content-type": "application/json"}
        self._connection.request("POST", "/", body, headers)
        return self._connection.getresponse().read()

    def close(self) -> None:
        """End the connection; the next call makes another."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
