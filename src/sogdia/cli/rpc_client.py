"""The little JSON-RPC that commands speak: one call, one answer, the standard library alone."""

import http.client
import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from sogdia.cli.exits import Exit, Failure

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def node_address(text: str) -> str:
    """Return where a node is asked: `http://` may be left out, and `ws` is the same port.

    Raises:
        Failure: it is no such address (usage).
    """
    words = text if "://" in text else f"http://{text}"
    try:
        parts = urllib.parse.urlsplit(words)
        is_address = parts.hostname is not None and parts.port != 0 and " " not in words
    except ValueError:  # a bracket that is not closed, a port that is no number
        is_address = False
    scheme = words.partition("://")[0].lower()
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    if not is_address or scheme not in ("http", "https"):
        raise Failure(f"{text!r} is no node's address; want http://127.0.0.1:8545", Exit.USAGE)
    return f"{scheme}://{words.partition('://')[2]}"


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Return what asks: an office's proxy does not reach this machine."""
    is_here = urllib.parse.urlsplit(url).hostname in THIS_MACHINE
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if is_here else []))


def call(url: str, method: str, *params: Any, timeout_s: float = 5.0) -> Any:
    """Return the result of a call to the node at `url`.

    Raises:
        Failure: nobody answers (not ready), the node refuses (refused), or `url` is no address.
    """
    url = node_address(url)
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        with _opener(url).open(
            urllib.request.Request(
                url,
                data=json.dumps(request).encode(),
                headers={"content-type": "application/json"},
            ),
            timeout=timeout_s,
        ) as response:
            answer = json.load(response)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failure(f"no node answers at {url}: {_reason(error)}", Exit.NOT_READY) from error
    return _result(method, answer, url)


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
        raise Failure(f"no node answers at {path}: {_reason(error)}", Exit.NOT_READY) from error
    finally:
        connection.close()
    return _result(method, answer, str(path))


def _reason(error: Exception) -> str:
    """Return what the system said, without the number that it has for it."""
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__


def _result(method: str, answer: Any, place: str) -> Any:
    match answer:
        case {"error": {"code": -32601}}:
            raise Failure(
                f"{method}: the node at {place} does not serve it: {_where(method)}", Exit.REFUSED
            )
        case {"error": {"message": str(words)}}:
            raise Failure(f"{method}: {words}", Exit.REFUSED)
        case {"result": result}:
            return result
    raise no_node(place)


def _where(method: str) -> str:
    """Return where a method is served that is not served here."""
    if method.startswith("admin_"):
        return "ask on the node's own machine, as the user who runs it"
    return "development chains have it (`sogdia up`)"


def no_node(place: str) -> Failure:
    """Return what is said of somebody who answers, and not as a node does."""
    return Failure(
        f"what answers at {place} is no node: look which program that is", Exit.NOT_READY
    )
