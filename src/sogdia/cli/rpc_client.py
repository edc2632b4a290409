"""The little JSON-RPC that commands speak: one call, one answer, the standard library alone."""

import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from sogdia.cli.exits import Exit, Failure


def call(url: str, method: str, *params: Any, timeout_s: float = 5.0) -> Any:
    """Return the result of a call to the node at `url`.

    Raises:
        Failure: nobody answers (not ready), or the node refuses (refused).
    """
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(
                url,
                data=json.dumps(request).encode(),
                headers={"content-type": "application/json"},
            ),
            timeout=timeout_s,
        ) as response:
            answer = json.load(response)
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise Failure(f"no node answers at {url}: {reason}", Exit.NOT_READY) from error
    return _result(method, answer)


def call_guarded(path: Path, method: str, *params: Any, timeout_s: float = 30.0) -> Any:
    """Return the result of a call to the guarded socket at `path`, with a token of its secret.

    Raises:
        Failure: nobody answers (not ready), or the node refuses (refused).
    """
    from sogdia.ledger.node.guarded_socket import SCHEME, read_secret
    from sogdia.ledger.rpc.token import issue_token

    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    connection = http.client.HTTPConnection("localhost", timeout=timeout_s)
    try:
        token = issue_token(read_secret(path.with_suffix(".secret")), int(time.time()))
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(timeout_s)
        connection.sock.connect(str(path))
        headers = {"Content-Type": "application/json", "Authorization": SCHEME + token}
        connection.request("POST", "/", json.dumps(request), headers)
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Failure(f"no node answers at {path}: {error}", Exit.NOT_READY) from error
    finally:
        connection.close()
    return _result(method, answer)


def _result(method: str, answer: dict[str, Any]) -> Any:
    if "error" in answer:
        raise Failure(f"{method}: {answer['error']['message']}", Exit.REFUSED)
    return answer["result"]
