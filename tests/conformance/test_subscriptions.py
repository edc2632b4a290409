"""WebSocket on the node's port: the methods, subscriptions, and a reader that does not read."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from tests.conformance.spawned import SpawnedNode, spawned_node

WAIT_S = 20


async def ask(socket: ClientWebSocketResponse, method: str, *params: Any) -> Any:
    """Make one call; return its answer, leaving aside what is pushed meanwhile."""
    await socket.send_json({"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)})
    while True:
        answer = await socket.receive_json(timeout=WAIT_S)
        if answer.get("id") == 7:
            return answer.get("result", answer.get("error"))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A node under the limits of a public one."""
    settings = {"SOGDIA_RPC_BODY_BYTES": "10000", "SOGDIA_RPC_ORIGINS": "https://desk.example"}
    with spawned_node(tmp_path_factory.mktemp("strict"), **settings) as node:
        yield node


def talk(node: SpawnedNode, work: Any, **options: Any) -> Any:
    """Run `work(socket)` on a WebSocket connection to the node."""

    async def run() -> Any:
        async with ClientSession() as session, session.ws_connect(node.url, **options) as socket:
            return await work(socket)

    return asyncio.run(run())


def test_the_methods_are_served(node: SpawnedNode) -> None:
    async def work(socket: ClientWebSocketResponse) -> None:
        assert await ask(socket, "eth_chainId") == node.call("eth_chainId")
        assert (await ask(socket, "eth_nope"))["code"] == -32601
        await socket.send_str('[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}]')
        assert (await socket.receive_json(timeout=WAIT_S))[0]["id"] == 1
        await socket.send_str("{")
        assert (await socket.receive_json(timeout=WAIT_S))["error"]["code"] == -32700

    talk(node, work)


def test_heads_and_transactions_and_logs_are_pushed(node: SpawnedNode) -> None:
    # PUSH1 0x2a, PUSH1 0, MSTORE, LOG1 of that word with topic 7, deployed and run at once.
    code = "0x602a600052600760206000a100"

    async def work(socket: ClientWebSocketResponse) -> None:
        heads = await ask(socket, "eth_subscribe", "newHeads")
        pending = await ask(socket, "eth_subscribe", "newPendingTransactions")
        logs = await ask(socket, "eth_subscribe", "logs", {"topics": ["0x" + "00" * 31 + "07"]})
        await ask(socket, "eth_subscribe", "syncing")
        call = {"from": node.call("eth_accounts")[4], "data": code}
        sent = node.call("eth_sendTransaction", call)
        seen = {}
        while len(seen) < 3:
            message = await socket.receive_json(timeout=WAIT_S)
            seen[message["params"]["subscription"]] = message["params"]["result"]
        assert seen[pending] == sent
        receipt = node.call("eth_getTransactionReceipt", sent)
        assert seen[heads]["hash"] == receipt["blockHash"]
        assert "transactions" not in seen[heads]
        assert seen[logs] == receipt["logs"][0]
        assert await ask(socket, "eth_unsubscribe", heads) is True
        assert await ask(socket, "eth_unsubscribe", heads) is False

    talk(node, work)


def test_wrong_subscriptions_are_refused(node: SpawnedNode) -> None:
    async def work(socket: ClientWebSocketResponse) -> None:
        assert (await ask(socket, "eth_subscribe", "everything"))["code"] == -32602
        assert (await ask(socket, "eth_subscribe", "logs", {"topics": 5}))["code"] == -32602
        for _ in range(32):
            assert isinstance(await ask(socket, "eth_subscribe", "newHeads"), str)
        assert (await ask(socket, "eth_subscribe", "newHeads"))["code"] == -32005

    talk(node, work)
    assert node.error("eth_subscribe", "newHeads")["code"] == -32601


def test_what_only_the_guarded_socket_serves_is_not_served_here(node: SpawnedNode) -> None:
    async def work(socket: ClientWebSocketResponse) -> None:
        assert (await ask(socket, "admin_backupStatus"))["code"] == -32601

    talk(node, work)


def test_a_long_answer_comes_whole(node: SpawnedNode) -> None:
    """Answers of 16 KiB and more are handed on in pieces."""

    async def work(socket: ClientWebSocketResponse) -> None:
        described = await ask(socket, "rpc_discover")
        assert described == node.call("rpc_discover")
        assert len(json.dumps(described)) > 16 << 10

    talk(node, work)


def test_more_logs_than_the_limit_end_who_wanted_them_and_nobody_else(tmp_path: Path) -> None:
    """Six logs of one epoch under a limit of five; the other connections hear of all they want."""
    # PUSH0, PUSH0, LOG0 six times, and a LOG1 of topic 7 between.
    quiet, told = "5f5fa0", "60075f5fa1"
    logs = {"topics": ["0x" + "00" * 31 + "07"]}

    async def run(node: SpawnedNode) -> None:
        async with (
            ClientSession() as session,
            session.ws_connect(node.url) as whole,
            session.ws_connect(node.url) as narrow,
            session.ws_connect(node.url) as heads,
        ):
            await ask(whole, "eth_subscribe", "logs", {})
            await ask(narrow, "eth_subscribe", "logs", logs)
            await ask(heads, "eth_subscribe", "newHeads")
            code = f"0x{quiet * 3}{told}{quiet * 2}00"
            call = {"from": node.call("eth_accounts")[4], "data": code}
            node.call("eth_sendTransaction", call)
            told_head = await heads.receive_json(timeout=WAIT_S)
            told_log = await narrow.receive_json(timeout=WAIT_S)
            assert told_log["params"]["result"]["topics"] == logs["topics"]
            assert (
                told_head["params"]["result"]["hash"] == told_log["params"]["result"]["blockHash"]
            )
            end = await whole.receive(timeout=WAIT_S)
            assert (end.type, end.data) == (WSMsgType.CLOSE, 1013)
            assert end.extra == "more than 5 logs in one epoch: ask eth_getLogs in parts"

    with spawned_node(tmp_path, SOGDIA_RPC_LOGS="5") as node:
        asyncio.run(run(node))
        assert "Traceback" not in (tmp_path / "node.log").read_text()


def test_a_call_that_is_none_does_not_subscribe(node: SpawnedNode) -> None:
    async def work(socket: ClientWebSocketResponse) -> None:
        await ask(socket, "eth_subscribe", "newHeads")
        assert await ask(socket, "eth_unsubscribe", []) is False
        await socket.send_str('{"method":"eth_subscribe","params":["newHeads"],"id":7}')
        assert (await socket.receive_json(timeout=WAIT_S))["error"]["code"] == -32600
        message = (await ask(socket, "eth_subscribe", "x" * 9_999))["message"]
        assert len(message) < 200

    talk(node, work)


def test_a_foreign_page_may_not_connect(strict: SpawnedNode) -> None:
    async def work(_: ClientWebSocketResponse) -> None:
        raise AssertionError("connected")

    with pytest.raises(WSServerHandshakeError, match="403"):
        talk(strict, work, origin="https://evil.example")


def test_a_message_beyond_the_limit_ends_the_connection(strict: SpawnedNode) -> None:
    async def work(socket: ClientWebSocketResponse) -> None:
        await socket.send_str(json.dumps("x" * 10_000))
        message = await socket.receive(timeout=WAIT_S)
        assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert socket.close_code == 1009

    talk(strict, work)
