"""What commands say when the address that they were given is not simply a node's."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner, Result

from sogdia.cli import main


def ask(address: str, **environment: str) -> Result:
    """Ask whoever is at `address` as `sogdia status` does."""
    return CliRunner().invoke(main, ["status", "--rpc", address], env=environment)


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """Run a web server that answers every POST with `body`; yield HOST:PORT."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def greeting(words: bytes) -> Iterator[str]:
    """Run a server that speaks first, and no HTTP, as SSH does; yield HOST:PORT."""

    def greet(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(words)
            connection.recv(65_536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=greet, args=(listener,), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


ONE = b'{"jsonrpc":"2.0","id":1,"result":"0x7"}'


@pytest.mark.parametrize("before", ["", "http://", "ws://"])
def test_an_address_needs_no_scheme(before: str) -> None:
    """The answer is no object, but it came: `pool["pending"]` is the next thing that is wanted."""
    with answering(ONE) as address:
        said = ask(before + address)
    assert (said.exit_code, "is no node" in said.stderr) == (3, True), said.output


@pytest.mark.parametrize(
    "body", [b"[1,2]", b"{}", b'"words"', b"null", b'{"error":"no"}', b"<html>"]
)
def test_another_programs_answer_is_told_from_a_nodes(body: bytes) -> None:
    with answering(body) as address:
        said = ask(f"http://{address}")
    assert said.exit_code == 3, said.output
    assert address in said.stderr


def test_a_port_that_speaks_no_http_is_no_node() -> None:
    with greeting(b"SSH-2.0-OpenSSH_9.2\r\n") as address:
        said = ask(f"http://{address}")
    assert (said.exit_code, "no node answers" in said.stderr) == (3, True), repr(said.exception)


@pytest.mark.parametrize("address", ["", "http://", "ftp://127.0.0.1:1", "http://[::1", "a b:1"])
def test_what_is_no_address_says_how_to_write_one(address: str) -> None:
    said = ask(address)
    assert (said.exit_code, "http://127.0.0.1:8545" in said.stderr) == (2, True), said.output


def test_this_machine_is_asked_directly_where_a_proxy_is_set() -> None:
    """An office's proxy can not reach it."""
    with answering(ONE) as address:
        said = ask(f"http://{address}", http_proxy="http://127.0.0.1:1", HTTP_PROXY="")
    assert "is no node" in said.stderr, said.output


def test_a_call_that_fails_is_the_nodes_own_word() -> None:
    refusal: Callable[[str], bytes] = lambda words: (  # noqa: E731
        b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"%b"}}' % words.encode()
    )
    with answering(refusal("not today")) as address:
        said = ask(address)
    assert (said.exit_code, "txpool_status: not today" in said.stderr) == (4, True)
