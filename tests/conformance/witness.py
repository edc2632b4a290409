"""A witness between client and node: passes every request on and judges every answer.

Clients in other languages validate nothing; what goes through here is held to the schemas of
execution-apis whatever the client makes of it.
"""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.vectors.execution_apis.schemas import WrongShape, validate_answer


class Witness:
    """Counts the calls by method and keeps what was wrong with their answers."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.url = ""
        self.calls: dict[str, int] = {}
        self.violations: list[str] = []

    def judge(self, request: bytes, answer: bytes) -> None:
        """Check the answers of one request."""
        asked, told = json.loads(request), json.loads(answer) if answer else []
        calls = asked if isinstance(asked, list) else [asked]
        answers = told if isinstance(told, list) else [told]
        by_id = {json.dumps(one["id"]): one for one in answers}
        for call in calls:
            self.calls[call["method"]] = self.calls.get(call["method"], 0) + 1
            one = by_id.get(json.dumps(call.get("id")))
            try:
                if one is None:
                    raise WrongShape(f"{call['method']}: not answered")
                validate_answer(call["method"], call.get("params"), one)
            except WrongShape as wrong:
                self.violations.append(str(wrong))


@contextmanager
def witnessed(target: str) -> Iterator[Witness]:
    """Serve a witness on a free port; at the end, fail if any answer had the wrong shape."""
    witness = Witness(target)
    server = _server(witness)
    witness.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield witness
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not witness.violations, "\n".join(witness.violations)


def _server(witness: Witness) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = _forward(witness, body)
            if status == 200:
                witness.judge(body, answer)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing: violations are reported at the end."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


def _forward(witness: Witness, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(
        witness.target.hostname or "", witness.target.port, timeout=60
    )
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
