"""WebSocket on the JSON-RPC port: a connection that asks for it is handed over to aiohttp.

aiohttp's fan-out was measured several times cheaper than that of the alternatives. Messages are not
compressed: a compressed bomb has no body limit. A burst of small messages does not hold the loop:
everybody else has a turn after every few of them.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dispatch import Dispatcher, is_request, whole
from sogdia.ledger.rpc.errors import RpcError, TooManyCalls
from sogdia.ledger.rpc.events import Event, EventHub
from sogdia.ledger.rpc.http import HttpRefusal, HttpRequest, JsonRpcApp
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.outbox import Outbox
from sogdia.ledger.rpc.rounds import Rounds
from sogdia.ledger.rpc.subscriptions import Rendered, Subscriptions

# A silent connection is asked so often whether it lives; two silences end it.
HEARTBEAT_S = 30.0
# Messages of one connection that are answered in a row: aiohttp hands out what has arrived without
# a turn of the loop, and 256 KiB of empty frames are 40,000 messages.
MESSAGES_A_TURN = 16


class WebSocketDoor:
    """WebSocket connections of the JSON-RPC port: the same methods as over HTTP, and subscriptions.

    `protocol` is what a connection is handed to when it asks to be upgraded.
    """

    def __init__(
        self,
        node: Backend,
        gate: JsonRpcApp,
        dispatcher: Dispatcher,
        *,
        events: EventHub,
        new_id: Callable[[], int],
    ) -> None:
        self._node = node
        self._gate = gate
        self._dispatcher = dispatcher
        self._new_id = new_id
        self._limits: RpcLimits = node.limits
        self._told: set[Subscriptions] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._rounds = Rounds(self._told)
        self._stop_hearing = events.listen(self._on_event)
        self._server = web.Server(self._serve, access_log=None)

    @property
    def protocol(self) -> Callable[[], asyncio.Protocol]:
        """The maker of protocols for upgraded connections."""
        return self._server

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._sockets)

    async def close(self, grace_s: float) -> None:
        """Stop; connections are told that the node goes away."""
        self._stop_hearing()
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the node stops")
        await self._server.shutdown(grace_s)

    def _on_event(self, event: Event) -> None:
        if self._told:
            self._rounds.tell(Rendered(self._node, event))

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower().encode(): text.encode() for name, text in request.headers.items()}
        try:
            self._gate.check_source(HttpRequest("GET", b"/", headers, request.remote or ""))
        except HttpRefusal as refusal:
            return web.Response(status=refusal.reply.status, body=refusal.reply.body)
        if self.connections >= self._limits.connections:
            return web.Response(status=503, text=f"{len(self._sockets)} connections already\n")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S,
            max_msg_size=self._limits.body_bytes,
            compress=False,
            autoping=False,  # it would answer a burst of pings in one turn of the loop
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await self._talk(socket, request)
        finally:
            self._sockets.discard(socket)
        return socket

    async def _talk(self, socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        peer, transport = request.remote or "", request.transport
        outbox = Outbox(socket, transport, self._limits)
        subscriptions = Subscriptions(
            self._node,
            self._new_id,
            outbox.put,
            outbox.give_up,
            events=lambda: self._rounds.count,
        )
        self._told.add(subscriptions)
        writer = asyncio.create_task(outbox.run())
        count = 0
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    answer = await self._answer(message.data, subscriptions, peer)
                    if answer:
                        outbox.put([answer])
                elif message.type is WSMsgType.PING:
                    with contextlib.suppress(ConnectionError):  # the other side left
                        await socket.pong(message.data)
                count += 1
                if count % MESSAGES_A_TURN == 0:
                    await asyncio.sleep(0)
        finally:
            self._told.discard(subscriptions)
            writer.cancel()

    async def _answer(self, data: str | bytes, subscriptions: Subscriptions, peer: str) -> bytes:
        body = data.encode() if isinstance(data, str) else data
        try:
            request = self._dispatcher.decode(body)
        except RpcError as error:
            return self._dispatcher.refuse(error)
        wait_s = self._gate.wait_s(peer, request)
        if wait_s > 0:
            return self._dispatcher.refuse(TooManyCalls(wait_s))
        if is_request(request) and request["method"] in ("eth_subscribe", "eth_unsubscribe"):
            answer = self._subscribe(request, subscriptions)
            return answer if "id" in request else b""
        return await whole(self._dispatcher.answer(request))

    def _subscribe(self, request: dict[str, Any], subscriptions: Subscriptions) -> bytes:
        params = request.get("params")
        params = params if type(params) is list else []
        try:
            if request["method"] == "eth_subscribe":
                outcome: Any = subscriptions.add(params)
            else:
                outcome = bool(params) and subscriptions.remove(params[0])
        except RpcError as error:
            outcome = error
        return self._dispatcher.render(request, outcome)
