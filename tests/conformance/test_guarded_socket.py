"""The guarded socket of a network's node: files of its own user, a token for every call."""

import http.client
import json
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.shell import COMMAND, END_S_MAX, environment

from sogdia.ledger.node.guarded_socket import read_secret
from sogdia.ledger.rpc.token import issue_token


@dataclass(frozen=True, slots=True)
class NetworkNode:
    """A node of a network that is not for development."""

    process: subprocess.Popen[str]
    port: int
    socket: Path

    @property
    def secret(self) -> bytes:
        """What a token is made of."""
        return read_secret(self.socket.with_suffix(".secret"))

    def post(self, token: str | None, method: str, *params: Any) -> tuple[int, bytes]:
        """Call on the socket."""
        connection = http.client.HTTPConnection("localhost", timeout=120)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.socket))
        return _post(connection, token, method, params)

    def post_to_port(self, token: str | None, method: str, *params: Any) -> tuple[int, bytes]:
        """Call where everybody may."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        return _post(connection, token, method, params)


def _post(
    connection: http.client.HTTPConnection, token: str | None, method: str, params: Any
) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    connection.request("POST", "/", json.dumps(body), headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data


def start(folder: Path) -> NetworkNode:
    """Start a node of the local network in `folder`."""
    (folder / "node.toml").write_text(
        "[node]\nnetwork = 'local'\n[rpc]\nport = 0\nguarded_socket = 'guarded.sock'\n"
        "[log]\nformat = 'json'\n"
    )
    process = subprocess.Popen(
        [*COMMAND, "node", "--config", "node.toml"],
        cwd=folder,
        env=environment(folder),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        event = json.loads(line)
        if event["event"] == "ready":
            port = int(event["rpc"].rpartition(":")[2])
            return NetworkNode(process, port, folder / "guarded.sock")
    raise AssertionError(f"the node ended with {process.wait()}")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkNode]:
    node = start(tmp_path_factory.mktemp("guarded"))
    yield node
    node.process.terminate()
    assert node.process.wait(END_S_MAX) == 0
    assert node.process.stderr is not None
    node.process.stderr.close()
    assert not node.socket.exists()
    assert not node.socket.with_suffix(".secret").exists()


def now() -> int:
    return int(time.time())


def test_the_files_are_the_users_own(guarded: NetworkNode) -> None:
    for path in (guarded.socket, guarded.socket.with_suffix(".secret")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(guarded.secret) == 32


def test_traces_are_on_the_socket_and_not_on_the_port(guarded: NetworkNode) -> None:
    token = issue_token(guarded.secret, now())
    assert json.loads(guarded.post_to_port(token, "debug_traceCall", {})[1])["error"]["code"] == (
        -32601
    )
    status, body = guarded.post(token, "debug_traceCall", {"to": "0x" + "11" * 20}, "latest")
    assert status == 200
    assert json.loads(body)["result"]["failed"] is False


def test_without_a_good_token_the_answer_is_401(guarded: NetworkNode) -> None:
    secret = guarded.secret
    for token in (
        None,
        "",
        "a.b.c",
        issue_token(bytes(32), now()),
        issue_token(secret, now() - 90),
        issue_token(secret, now() + 90),
    ):
        status, body = guarded.post(token, "eth_chainId")
        assert status == 401, token
        assert secret.hex().encode() not in body


def test_a_killed_node_leaves_nothing_that_hinders_the_next(tmp_path: Path) -> None:
    node = start(tmp_path)
    before = node.secret
    node.process.kill()
    node.process.wait()
    assert node.socket.exists()
    again = start(tmp_path)
    try:
        assert again.secret != before
        assert again.post(issue_token(before, now()), "eth_chainId")[0] == 401
        assert again.post(issue_token(again.secret, now()), "eth_chainId")[0] == 200
    finally:
        for each in (node, again):
            each.process.terminate()
            each.process.wait(END_S_MAX)
            assert each.process.stderr is not None
            each.process.stderr.close()
