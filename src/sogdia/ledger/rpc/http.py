"""The HTTP side of JSON-RPC: a request is judged before anybody parses its body.

A web page that a user of this machine visits can send requests here. Three checks stop it: the
Host header (a rebound name is not ours), the Origin header, and the content type, which a page
cannot set to JSON without asking first.
"""

import ipaddress
import math
from asyncio import Future
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from sogdia.ledger.rpc.dispatch import Answer, Dispatcher, Pieces
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.heads import KnownHead, KnownHeads
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.rate import RateLimiter
from sogdia.ledger.rpc.submissions import MARK, Submissions

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
# Other pages of the same port are ASGI: the explorer's framework speaks it, and so do small pages.
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON_TYPES = frozenset((b"application/json", b"application/json-rpc", b"application/jsonrequest"))
# Host headers remembered with their verdict; a browser sends the same one every time.
HOSTS_REMEMBERED_MAX = 1_000


@dataclass(slots=True)
class HttpRequest:
    """One request: header names are lower case, the body is whole."""

    verb: str
    target: bytes
    headers: dict[bytes, bytes]
    peer: str
    body: bytearray = field(default_factory=bytearray)
    # Its head as it arrived, if it arrived in one piece and may be known again by its bytes.
    whole_head: bytes = b""


@dataclass(slots=True)
class HttpReply:
    """What goes back. `headers` are whole lines with their ends; a body may be in pieces."""

    status: int
    body: bytes | Pieces
    headers: bytes


# In place of an answer: the body submits transactions, and waits for the end of the turn.
SUBMITS = object()
# What is at hand, what is to be awaited, or what comes by itself and is one of the two.
Reply = HttpReply | Coroutine[Any, Any, HttpReply] | Future[Any]


class HttpRefusal(Exception):
    """A request that ends with an HTTP status and a line of text, before JSON-RPC begins."""

    def __init__(self, status: int, reason: str, header: str = "") -> None:
        super().__init__(reason)
        lines = b"content-type: text/plain; charset=utf-8\r\n" + header.encode()
        self.reply = HttpReply(status, reason.encode() + b"\n", lines)


class JsonRpcApp:
    """Answers requests of one port. `mounts` serves other paths, such as `/health`."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        limits: RpcLimits,
        rate: RateLimiter | None = None,
        mounts: Mapping[str, AsgiApp] | None = None,
        *,
        guard: Callable[[HttpRequest], None] | None = None,
        submissions: Submissions | None = None,
    ) -> None:
        """`guard` raises `HttpRefusal` for a caller that may not ask here at all.

        `submissions` answers requests that submit transactions; it is for a port without `rate`.
        """
        self._dispatcher = dispatcher
        self._limits = limits
        self._rate = rate
        self._mounts = mounts or {}
        self._guard = guard
        self._submissions = submissions
        self._hosts: dict[bytes, bool] = {}
        self.heads = KnownHeads()
        # The answer to a body if it is a plain call that need not be counted; else `None`.
        self.answer_plain: Callable[[bytes], Any] = _no_answer
        if rate is None:
            self.answer_plain = dispatcher.answer_plain
            if submissions is not None:
                self.answer_plain = self._answer_others

    def _answer_others(self, body: bytes) -> Any:
        """Return the answer to a plain call at once, unless it submits something."""
        return SUBMITS if MARK in body else self._dispatcher.answer_plain(body)

    def check_head(self, request: HttpRequest) -> None:
        """Refuse by the headers alone, before the body arrives.

        Raises:
            HttpRefusal: a body longer than the limit.
        """
        length = request.headers.get(b"content-length")
        if length is not None and int(length) > self._limits.body_bytes:
            reason = f"body of {int(length)} bytes, limit {self._limits.body_bytes}"
            raise HttpRefusal(413, reason)

    def check_source(self, request: HttpRequest) -> bytes:
        """Refuse a request that comes from where nobody may call; return the headers for CORS.

        Raises:
            HttpRefusal: a Host that is not ours, a web origin that is not allowed, or what the
                guard refuses.
        """
        self._check_host(request.headers)
        cors = self._check_origin(request.headers)
        if self._guard is not None:
            self._guard(request)
        return cors

    def handle(self, request: HttpRequest) -> "Reply":
        """Return the reply, or what to await for it when it cannot be had at once."""
        try:
            cors = self.check_source(request)
            path = request.target.partition(b"?")[0].decode("latin-1")
            mounted = self._mounts.get(path)
            if mounted is not None:
                return _ask_mounted(mounted, request, path)
            if request.verb == "OPTIONS":
                return HttpReply(204, b"", cors + _PREFLIGHT)
            _check_form(request)
        except HttpRefusal as refusal:
            return refusal.reply
        headers = _JSON + cors
        if self._guard is None:  # a guard looks at the time, too: its verdict is not the head's
            self.heads.remember(request.whole_head, KnownHead(len(request.body), headers))
        body = bytes(request.body)
        return self.reply(self.answer_plain(body), body, request.peer, headers)

    def reply(self, answer: Any, body: bytes, peer: str, headers: bytes) -> "Reply":
        """Return the reply to a body whose head was judged, as `handle` does.

        `answer` is what `answer_plain` gave for the body.
        """
        if answer is SUBMITS and self._submissions is not None:

            def finish(answer: bytes | Pieces | None) -> Reply:
                if answer is None:
                    return self.reply(None, body, peer, headers)
                return HttpReply(200, answer, headers)

            return self._submissions.enter(body, finish)
        if answer is None:
            try:
                request = self._dispatcher.decode(body)
            except RpcError as error:
                return HttpReply(200, self._dispatcher.refuse(error), headers)
            wait_s = self.wait_s(peer, request)
            if wait_s > 0:
                retry = f"retry-after: {math.ceil(wait_s)}\r\n"
                return HttpRefusal(429, f"too many calls: wait {wait_s:.1f} s", retry).reply
            answer = self._dispatcher.answer(request)
        if type(answer) is bytes or type(answer) is tuple:
            return HttpReply(200, answer, headers)
        return _await_answer(answer, headers)

    def wait_s(self, peer: str, body: Any) -> float:
        """Take the calls of a decoded body from the caller's bucket; return 0, or how long to wait.

        One bucket for an address, whether it calls over HTTP or WebSocket.
        """
        if self._rate is None:
            return 0.0
        return self._rate.take(peer, self._dispatcher.weight(body))

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"")
        is_ours = self._hosts.get(host)
        if is_ours is None:
            is_ours = self._is_our_host(_without_port(host.decode("latin-1").lower()))
            if len(self._hosts) < HOSTS_REMEMBERED_MAX:
                self._hosts[host] = is_ours
        if not is_ours:
            name = host.decode("latin-1")
            raise HttpRefusal(403, f"invalid host {name!r}: add it to rpc.hosts if it is yours")

    def _is_our_host(self, name: str) -> bool:
        known = self._limits.hosts
        return not name or "*" in known or name in known or _is_address(name)

    def _check_origin(self, headers: dict[bytes, bytes]) -> bytes:
        origin = headers.get(b"origin")
        if origin is None:
            return b""
        text = origin.decode("latin-1")
        if "*" in self._limits.origins or text in self._limits.origins:
            return b"access-control-allow-origin: " + origin + b"\r\nvary: Origin\r\n"
        raise HttpRefusal(403, f"origin {text!r} is not allowed: add it to rpc.origins")


_JSON = b"content-type: application/json\r\n"
_PREFLIGHT = (
    b"access-control-allow-methods: POST\r\n"
    b"access-control-allow-headers: content-type\r\n"
    b"access-control-max-age: 600\r\n"
)


def _check_form(request: HttpRequest) -> None:
    if request.verb != "POST":
        allow = "allow: POST, OPTIONS\r\n"
        raise HttpRefusal(405, "JSON-RPC is a POST with a JSON body", allow)
    kind = request.headers.get(b"content-type", b"")
    if kind not in JSON_TYPES and kind.partition(b";")[0].strip().lower() not in JSON_TYPES:
        raise HttpRefusal(415, "want content-type: application/json")


async def _await_answer(answer: Awaitable[bytes | Pieces], headers: bytes) -> HttpReply:
    return HttpReply(200, await answer, headers)


async def _ask_mounted(app: AsgiApp, request: HttpRequest, path: str) -> HttpReply:
    """Let an ASGI application answer; its reply is kept whole, as these pages are small."""
    reply = HttpReply(500, b"", b"")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": request.verb,
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": request.target.partition(b"?")[2],
        "root_path": "",
        "headers": list(request.headers.items()),
        "client": (request.peer, 0),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(request.body), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            kept = [(n, v) for n, v in message.get("headers", ()) if n != b"content-length"]
            reply.headers = b"".join(b"%b: %b\r\n" % header for header in kept)
        else:
            reply.body += message.get("body", b"")

    await app(scope, receive, send)
    return reply


def _no_answer(body: bytes) -> Answer | None:
    del body
    return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    """A literal address cannot be rebound, so it needs no list."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
