"""One HTTP connection: bytes in, one request after the other, bytes out, under its limits.

    L1  A request's headers arrive within `header_time_s` and in `header_bytes`, or the connection
        ends with 408 or 431; its body within `body_time_s` and in `body_bytes`, or 408 or 413.
    L2  A connection that says nothing is closed after `idle_time_s`.
    L3  Requests of a connection are answered in order, and the next one is not begun while the
        answers to earlier ones wait to be read.

A reply that can be had at once is written in the same turn of the loop, without a task: that is the
common case, and twice as fast. Clients repeat their headers byte for byte, so a head that was
parsed and judged once is remembered (`heads.py`), and the next request with it is its body alone.
"""

import asyncio
import http
from collections import deque
from collections.abc import Coroutine
from typing import Any

import httptools

from sogdia.ledger.rpc.heads import HEAD_END, whole_head
from sogdia.ledger.rpc.http import HttpRefusal, HttpReply, HttpRequest, JsonRpcApp, Reply
from sogdia.ledger.rpc.late_door import LateDoor
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.wire import LONG_BYTES

# Requests that a client may send ahead of the answers before it is read no further.
PIPELINED_MAX = 16
# How long a refused connection is still read, and what it sends thrown away.
LINGER_S = 1.0

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
}
_OK = _STATUS_LINES[200] + b"content-length: "


class Connection(asyncio.Protocol):
    """A connection of `peers`, the connections of its listener."""

    def __init__(
        self,
        app: JsonRpcApp,
        limits: RpcLimits,
        peers: "set[Connection]",
        door: LateDoor | None = None,
    ) -> None:
        """`door` takes connections that ask for WebSocket; they are of the same limit."""
        self._app = app
        self._door = door
        self._limits = limits
        self._peers = peers
        self._loop = asyncio.get_running_loop()
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._peer = ""
        self._timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._request: HttpRequest | None = None
        # What arrived last, while it may be one whole request.
        self._piece = b""
        self._in_headers = False
        self._header_bytes = 0
        self._waiting: deque[tuple[HttpRequest, bool]] = deque()
        self._task: asyncio.Future[Any] | None = None
        self._can_write = True
        self._is_closing = False

    # --- the transport ------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:  # uvloop's is no asyncio.Transport
        """Begin; one connection too many is told so and ends."""
        self._transport = transport
        name = transport.get_extra_info("peername")
        self._peer = name[0] if name else ""
        count = len(self._peers) + (0 if self._door is None else self._door.connections)
        if count >= self._limits.connections:
            self._refuse(HttpRefusal(503, f"{count} connections already: try later"))
            return
        self._peers.add(self)
        self._idle_since = self._loop.time()
        self._watch_idle(self._limits.idle_time_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """End: what still runs for this connection has nobody to answer to."""
        del exc
        self._is_closing = True
        self._peers.discard(self)
        self._clear_timers()
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
        self._parser = None

    def pause_writing(self) -> None:
        """Answers pile up unread."""
        self._can_write = False

    def resume_writing(self) -> None:
        """They are read again."""
        self._can_write = True
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take bytes; refuse what is no HTTP, too long or too slow."""
        if self._is_closing:
            return
        is_between = self._request is None and self._task is None and self._can_write
        if is_between and not self._waiting and self._answer_known(data):
            return
        self._piece = data if is_between else b""
        began_before = self._in_headers
        try:
            self._parser.feed_data(data)
        except HttpRefusal as refusal:
            self._refuse(refusal)
            return
        except httptools.HttpParserUpgrade as upgrade:
            self._hand_over(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            # The parser wraps what its callbacks raise.
            cause = error.__context__
            wrong = HttpRefusal(400, f"not the HTTP that this port speaks: {error}")
            self._refuse(cause if isinstance(cause, HttpRefusal) else wrong)
            return
        if self._in_headers:
            self._watch_headers(len(data), began_before=began_before)
        elif self._request is not None and self._timer is None:
            limit_s = self._limits.body_time_s
            self._set_timer(limit_s, f"the body did not arrive within {limit_s:g} s")

    def _answer_known(self, data: bytes) -> bool:
        """Answer `data` if it is one whole request whose head was judged before."""
        end = data.find(HEAD_END) + len(HEAD_END)
        head = self._app.heads.find(data[:end])
        if head is None or len(data) != end + head.body_bytes:
            return False
        body = data[end:]
        answer = self._app.answer_plain(body)
        if type(answer) is bytes and len(answer) < LONG_BYTES:
            headers = head.reply_headers
            self._transport.write(b"%b%d\r\n%b\r\n%b" % (_OK, len(answer), headers, answer))
            self._idle_since = self._loop.time()
            return True
        reply = self._app.reply(answer, body, self._peer, head.reply_headers)
        self._send(reply, keeps_alive=True)
        return True

    def _watch_headers(self, size: int, *, began_before: bool) -> None:
        # The piece in which the headers begin may hold the end of another request too, so it alone
        # never is too long.
        limit = self._limits.header_bytes
        self._header_bytes += size if began_before else min(size, limit)
        if self._header_bytes > limit:
            self._refuse(HttpRefusal(431, f"headers longer than {limit} bytes"))
        elif self._timer is None:
            limit_s = self._limits.header_time_s
            self._set_timer(limit_s, f"headers did not arrive within {limit_s:g} s")

    # --- the parser ---------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request's first byte has come."""
        self._clear_timer()
        self._request = HttpRequest("", b"", {}, self._peer)
        self._in_headers = True
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target."""
        assert self._request is not None
        self._request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        assert self._request is not None
        self._request.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """All headers are here: judge them before the body."""
        request = self._request
        assert request is not None
        self._in_headers = False
        self._clear_timer()
        limit = self._limits.header_bytes
        size = len(request.target) + sum(len(n) + len(v) + 4 for n, v in request.headers.items())
        if size > limit:
            raise HttpRefusal(431, f"headers of {size} bytes, limit {limit}")
        request.verb = self._parser.get_method().decode("latin-1")
        self._app.check_head(request)
        if request.headers.get(b"expect", b"").lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        assert self._request is not None
        self._request.body += body
        if len(self._request.body) > self._limits.body_bytes:
            raise HttpRefusal(413, f"body larger than {self._limits.body_bytes} bytes")

    def on_message_complete(self) -> None:
        """The request is whole: answer it when its turn comes."""
        if self._parser.should_upgrade():
            return  # the parser tells with its next breath, and `_hand_over` takes the request
        request, self._request = self._request, None
        assert request is not None
        self._clear_timer()
        keeps_alive = self._parser.should_keep_alive()
        if self._piece and keeps_alive:
            length = request.headers.get(b"content-length")
            request.whole_head = whole_head(self._piece, request.body, length)
        self._waiting.append((request, keeps_alive))
        if len(self._waiting) > PIPELINED_MAX:
            self._transport.pause_reading()
        self._next()

    def _hand_over(self, rest: bytes) -> None:
        """Let another protocol have the connection, from this request on."""
        request = self._request
        assert request is not None
        kind = request.headers.get(b"upgrade", b"").lower()
        if self._door is None or kind != b"websocket" or self._waiting or self._task:
            self._refuse(HttpRefusal(400, f"no upgrade to {kind.decode('latin-1')!r} here"))
            return
        self._clear_timers()
        lines = [b"%b: %b\r\n" % header for header in request.headers.items()]
        head = b"GET %b HTTP/1.1\r\n%b\r\n" % (request.target, b"".join(lines))
        if self._door.is_open:
            self._pass_on(self._door, head + rest)
        else:
            self._transport.pause_reading()
            self._task = self._loop.create_task(self._wait_for(self._door, head + rest))

    async def _wait_for(self, door: LateDoor, data: bytes) -> None:
        try:
            await door.open()
        finally:
            self._task = None
        if self._is_closing:
            self._close()
            return
        self._transport.resume_reading()
        self._pass_on(door, data)

    def _pass_on(self, door: LateDoor, data: bytes) -> None:
        self._peers.discard(self)
        protocol = door.protocol()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(data)

    # --- answers ------------------------------------------------------------------------------

    def shut_down(self) -> asyncio.Future[Any] | None:
        """Close when what runs is answered; return what runs."""
        self._waiting.clear()
        if self._task is None:
            self._close()
        else:
            self._is_closing = True
        return self._task

    def abort(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    def _next(self) -> None:
        while self._waiting and self._task is None and self._can_write and not self._is_closing:
            request, keeps_alive = self._waiting.popleft()
            if len(self._waiting) == PIPELINED_MAX:
                self._transport.resume_reading()
            self._send(self._app.handle(request), keeps_alive=keeps_alive)

    def _send(self, reply: Reply, *, keeps_alive: bool) -> None:
        if isinstance(reply, HttpReply):
            self._write(reply, keeps_alive=keeps_alive)
        elif isinstance(reply, asyncio.Future):
            self._task = reply
            reply.add_done_callback(self._on_reply if keeps_alive else self._on_last_reply)
        else:
            self._task = self._loop.create_task(self._finish(reply, keeps_alive=keeps_alive))

    def _on_last_reply(self, reply: asyncio.Future[Any]) -> None:
        self._on_reply(reply, keeps_alive=False)

    def _on_reply(self, reply: asyncio.Future[Any], *, keeps_alive: bool = True) -> None:
        """Write what came by itself, unless the connection has gone meanwhile."""
        self._task = None
        if not reply.cancelled():
            self._send(reply.result(), keeps_alive=keeps_alive and not self._is_closing)
            self._next()

    async def _finish(self, reply: Coroutine[Any, Any, HttpReply], *, keeps_alive: bool) -> None:
        try:
            self._write(await reply, keeps_alive=keeps_alive and not self._is_closing)
        finally:
            self._task = None
        self._next()

    def _write(self, reply: HttpReply, *, keeps_alive: bool, closes_now: bool = True) -> None:
        body = reply.body
        pieces = (body,) if isinstance(body, bytes) else body
        size = sum(map(len, pieces))
        head = b"%bcontent-length: %d\r\n%b%b\r\n" % (
            _STATUS_LINES[reply.status],
            size,
            reply.headers,
            b"" if keeps_alive else b"connection: close\r\n",
        )
        if size < LONG_BYTES:
            self._transport.write(head + b"".join(pieces))
        else:
            self._transport.writelines((head, *pieces))
        if keeps_alive:
            self._idle_since = self._loop.time()
        elif closes_now:
            self._close()

    def _refuse(self, refusal: HttpRefusal) -> None:
        """Answer at once and end: what follows on this connection cannot be trusted.

        Closing with unread bytes would reset the connection, and the caller would lose the answer
        that tells what was wrong; so what still comes is thrown away for a moment.
        """
        if self._is_closing:
            return
        self._write(refusal.reply, keeps_alive=False, closes_now=False)
        self._is_closing = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._set_timer(LINGER_S, None)

    def _close(self) -> None:
        self._is_closing = True
        self._clear_timers()
        self._transport.close()

    # --- time ---------------------------------------------------------------------------------

    def _set_timer(self, seconds: float, reason: str | None) -> None:
        self._clear_timer()
        self._timer = self._loop.call_later(seconds, self._on_timer, reason)

    def _watch_idle(self, seconds: float) -> None:
        self._idle_timer = self._loop.call_later(seconds, self._on_idle_timer)

    def _on_idle_timer(self) -> None:
        """Close what has been silent for too long; one timer looks on for many requests."""
        limit_s = self._limits.idle_time_s
        is_busy = self._request is not None or self._task is not None
        silent_s = 0.0 if is_busy else self._loop.time() - self._idle_since
        if silent_s < limit_s:
            self._watch_idle(limit_s - silent_s)
        elif not self._is_closing:
            self._close()

    def _clear_timers(self) -> None:
        self._clear_timer()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _clear_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self, reason: str | None) -> None:
        self._timer = None
        if reason is None:
            self._close()
        else:
            self._refuse(HttpRefusal(408, reason))
