"""The HTTP side of JSON-RPC: one ASGI callable that judges a request before anybody parses it.

A web page that a user of this machine visits can send requests here. Three checks stop it: the
Host header (a rebound name is not ours), the Origin header, and the content type, which a page
cannot set to JSON without asking first.
"""

import asyncio
import ipaddress
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sogdia.ledger.rpc.dispatch import Dispatcher
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.rate import RateLimiter

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON_TYPES = frozenset((b"application/json", b"application/json-rpc", b"application/jsonrequest"))


class HttpRefusal(Exception):
    """A request that ends with an HTTP status and a line of text, before JSON-RPC begins."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]


class JsonRpcApp:
    """The ASGI callable. `mounts` serves other paths of the same port, such as `/health`."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        limits: RpcLimits,
        rate: RateLimiter | None = None,
        mounts: Mapping[str, AsgiApp] | None = None,
    ) -> None:
        self._dispatcher = dispatcher
        self._limits = limits
        self._rate = rate
        self._mounts = mounts or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            self._check_host(headers)
            cors = self._check_origin(headers)
            mounted = self._mounts.get(scope["path"])
            if mounted is not None:
                await mounted(scope, receive, send)
                return
            if scope["method"] == "OPTIONS":
                await _respond(send, 204, b"", [*cors, *_PREFLIGHT])
                return
            self._check_form(scope["method"], headers)
            body = await self._read_body(headers, receive)
            answer = await self._answer(body, scope)
        except HttpRefusal as refusal:
            text = refusal.reason.encode() + b"\n"
            await _respond(send, refusal.status, text, [_PLAIN, *refusal.headers])
            return
        await _respond(send, 200, answer, [_JSON, *cors])

    async def _answer(self, body: bytes, scope: Scope) -> bytes:
        try:
            request = self._dispatcher.decode(body)
        except RpcError as error:
            return self._dispatcher.refuse(error)
        if self._rate is not None:
            wait_s = self._rate.take(scope["client"][0], self._dispatcher.weight(request))
            if wait_s > 0:
                raise HttpRefusal(
                    429, f"too many calls: wait {wait_s:.1f} s", retry_after=str(math.ceil(wait_s))
                )
        return await self._dispatcher.answer(request)

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = _without_port(host)
        if not name or "*" in self._limits.hosts or name in self._limits.hosts or _is_address(name):
            return
        raise HttpRefusal(403, f"invalid host {name!r}: add it to rpc.hosts if it is yours")

    def _check_origin(self, headers: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        origin = headers.get(b"origin")
        if origin is None:
            return []
        text = origin.decode("latin-1")
        if "*" in self._limits.origins or text in self._limits.origins:
            return [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
        raise HttpRefusal(
            403, f"origin {text!r} is not allowed: add it to rpc.origins if it is yours"
        )

    def _check_form(self, http_method: str, headers: dict[bytes, bytes]) -> None:
        if http_method != "POST":
            raise HttpRefusal(405, "JSON-RPC is a POST with a JSON body", allow="POST, OPTIONS")
        if b"transfer-encoding" in headers and b"content-length" in headers:
            raise HttpRefusal(400, "content-length and transfer-encoding exclude each other")
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if kind not in JSON_TYPES:
            raise HttpRefusal(415, "want content-type: application/json")

    async def _read_body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        limit = self._limits.body_bytes
        length = headers.get(b"content-length")
        if length is not None and int(length) > limit:
            raise HttpRefusal(413, f"body of {int(length)} bytes, limit {limit}")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_time_s):
                while True:
                    message = await receive()
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise HttpRefusal(413, f"body larger than {limit} bytes")
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            limit_s = self._limits.body_time_s
            raise HttpRefusal(408, f"the body did not arrive within {limit_s:g} s") from None


_JSON = (b"content-type", b"application/json")
_PLAIN = (b"content-type", b"text/plain; charset=utf-8")
_PREFLIGHT = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"600"),
)


async def _respond(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


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
