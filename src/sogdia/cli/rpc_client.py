"""The little JSON-RPC that commands speak: one call, one answer, the standard library alone."""

import json
import urllib.error
import urllib.request
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
    if "error" in answer:
        raise Failure(f"{method}: {answer['error']['message']}", Exit.REFUSED)
    return answer["result"]
