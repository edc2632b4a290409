"""The WebSocket port of Core Space: the same methods as over HTTP, and subscriptions to the chain.

`newHeads` tells of each block as it enters the graph, `epochs` of each epoch as it becomes part of
the pivot chain (`latest_mined`) or is executed (`latest_state`). When the pivot chain moves, the
epochs after the fork are told again.

W1  What one connection is told and answered goes out in the order in which it came to be.
W2  An answer above the limit that the configuration sets is replaced by a refusal.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.errors import InvalidParameter, OversizedPayload
from sogdia.conflux.methods.blocks import block_members
from sogdia.conflux.params import EpochTag
from sogdia.ledger.execution.driver import Advance
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.rpc.dispatch import Dispatcher, whole
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.params import hex_data, hex_quantity

NEW_HEADS = "newHeads"
SUBSCRIBE, UNSUBSCRIBE = "cfx_subscribe", "cfx_unsubscribe"


@dataclass(slots=True, eq=False)
class _Client:
    """One connection: what goes out, and what it wants to be told."""

    outgoing: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    topics: dict[str, str] = field(default_factory=dict)
    """By the subscription's id."""

    def tell(self, topic: str, result: Any) -> None:
        """Queue news for every subscription to its topic."""
        for name in [each for each, wanted in self.topics.items() if wanted == topic]:
            params = {"subscription": name, "result": result}
            told = {"jsonrpc": "2.0", "method": "cfx_subscription", "params": params}
            self.outgoing.put_nowait(json.dumps(told).encode())


@dataclass(slots=True, eq=False)
class PubSub:
    """The port. Its calls run on the loop; `hear` is told on the ledger's thread."""

    node: HarnessBackend
    dispatcher: Dispatcher
    payload_max: int | None
    clients: set[_Client] = field(default_factory=set)
    pivots: list[bytes] = field(default_factory=list)
    """Pivot blocks by height, as far as they were told."""

    def hear(self) -> None:
        """Listen to the ledger from now on; what is there already is told to nobody."""
        loop, ledger = asyncio.get_running_loop(), self.node.parts.ledger
        self._follow()

        def on_block(block: Block) -> None:
            loop.call_soon_threadsafe(self._on_block, block.hash)

        def on_advance(advance: Advance) -> None:
            for outcome in advance.executed:
                summary = self.node.parts.executor.epoch(outcome.number)
                if summary is not None:
                    shown = _epoch(outcome.number, summary.blocks)
                    loop.call_soon_threadsafe(self._tell, str(EpochTag.STATE), shown)

        ledger.block_listeners.append(on_block)
        ledger.listeners.append(on_advance)

    async def open(self, host: str, port: int) -> Callable[[], None]:
        """Listen; return what closes the port.

        Raises:
            OSError: the port cannot be had.
        """
        protocol = web.Server(self._serve, access_log=None)
        server = await asyncio.get_running_loop().create_server(protocol, host, port)
        return server.close

    def _on_block(self, block_hash: bytes) -> None:
        if any(self.clients):
            self._tell(NEW_HEADS, block_members(self.node, block_hash, full=False))
        for epoch in self._follow():
            self._tell(str(EpochTag.MINED), epoch)

    def _follow(self) -> list[dict[str, Any]]:
        """Return the epochs of the pivot chain that were not told yet, the lowest first."""
        consensus = self.node.parts.consensus
        while self.pivots and consensus.pivot_at(len(self.pivots) - 1) != self.pivots[-1]:
            self.pivots.pop()
        fresh = []
        for height in range(len(self.pivots), consensus.best_height() + 1):
            if height < consensus.era_genesis_height:
                self.pivots.append(b"")  # forgotten before anybody asked
                continue
            plan = consensus.epoch_plan(height)
            self.pivots.append(plan.pivot)
            fresh.append(_epoch(height, plan.blocks))
        return fresh

    def _tell(self, topic: str, result: Any) -> None:
        for client in self.clients:
            client.tell(topic, result)

    async def _serve(self, request: web.BaseRequest) -> web.WebSocketResponse:
        socket, client = web.WebSocketResponse(), _Client()
        await socket.prepare(request)
        self.clients.add(client)
        writer = asyncio.create_task(_keep_sending(socket, client))
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    data = message.data
                    body = data.encode() if isinstance(data, str) else data
                    client.outgoing.put_nowait(await self._answer(client, body))
        finally:
            self.clients.discard(client)
            writer.cancel()
        return socket

    async def _answer(self, client: _Client, body: bytes) -> bytes:
        try:
            request = self.dispatcher.decode(body)
        except RpcError as error:
            return self.dispatcher.refuse(error)
        if type(request) is dict and request.get("method") in (SUBSCRIBE, UNSUBSCRIBE):
            return self._subscribe(client, request)
        told = await whole(self.dispatcher.answer(request))
        if self.payload_max is not None and len(told) > self.payload_max:
            return self.dispatcher.render(request, OversizedPayload(len(told), self.payload_max))
        return told

    def _subscribe(self, client: _Client, request: dict[str, Any]) -> bytes:
        params = request.get("params")
        words = params if type(params) is list and params else [None]
        if request["method"] == UNSUBSCRIBE:
            was_there = client.topics.pop(str(words[0]), None) is not None
            return self.dispatcher.render(request, was_there)
        topic = str(words[0])
        if topic == "epochs":
            topic = str(EpochTag.MINED) if len(words) == 1 else str(words[1])
        if topic not in (NEW_HEADS, str(EpochTag.MINED), str(EpochTag.STATE)):
            words_known = "newHeads, epochs, epochs latest_state"
            refusal = InvalidParameter("subscription", f"{topic}: this node tells {words_known}")
            return self.dispatcher.render(request, refusal)
        name = f"0x{secrets.randbits(64):016x}"
        client.topics[name] = topic
        return self.dispatcher.render(request, name)


async def _keep_sending(socket: web.WebSocketResponse, client: _Client) -> None:
    with contextlib.suppress(ConnectionError):  # who reads notices that it is gone
        while True:
            told = await client.outgoing.get()
            if told:
                await socket.send_str(told.decode())


def _epoch(number: int, blocks: tuple[bytes, ...]) -> dict[str, Any]:
    return {
        "epochNumber": hex_quantity(number),
        "epochHashesOrdered": [hex_data(block) for block in blocks],
    }
