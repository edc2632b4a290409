"""Mutated JSON-RPC bodies on a real node's port: answered in form, or refused; and it serves on.

What is held of every answer: it is JSON-RPC, and no error of it is a defect of the node (-32603).
And of the node in the end: its loop was never held for 100 ms, and it grew by less than 64 MiB.
"""

import contextlib
import http.client
import json
import random
import resource
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.fuzz.mutations import corpus, draw, mutate

INTERNAL_ERROR = -32603
REFUSALS = {400, 413}
GROWTH_BYTES_MAX = 64 << 20
HONEST_EVERY = 50
WAIT_S = 120


class Broken(AssertionError):
    """What an answer must not be."""


class Client:
    """A client that sends anything."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        assert place.hostname is not None
        self._connection = http.client.HTTPConnection(place.hostname, place.port, timeout=WAIT_S)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def post(self, body: bytes) -> bytes | None:
        """Return the answer to a body; None when it was refused."""
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status in REFUSALS:
            return None
        if answer.status not in {200, 204}:
            raise Broken(f"status {answer.status} for {body[:200]!r}")
        return content


def judge(body: bytes, content: bytes) -> None:
    """Hold an answer against what any answer is.

    Raises:
        Broken: it is none.
    """
    if not content:
        return  # notifications
    try:
        decoded = json.loads(content)
    except ValueError as error:
        raise Broken(f"no JSON for {body[:200]!r}: {content[:200]!r}") from error
    for answer in decoded if isinstance(decoded, list) else [decoded]:
        if answer.get("jsonrpc") != "2.0" or ("result" in answer) == ("error" in answer):
            raise Broken(f"no answer for {body[:200]!r}: {answer}")
        if answer.get("error", {}).get("code") == INTERNAL_ERROR:
            raise Broken(f"a defect for {body[:300]!r}: {answer['error']}")


def resident_bytes(node: SpawnedNode) -> int:
    """Return the memory of a node."""
    pages = int(Path(f"/proc/{node.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def fuzz(node: SpawnedNode, log: Path, *, count: int, seed: int) -> None:
    """Send `count` bodies near the corpus.

    Raises:
        Broken: an answer, or the node in the end.
    """
    chance, kept = random.Random(seed), corpus("rpc")
    with contextlib.closing(Client(node.url)) as client:
        for body in kept:  # what they need is loaded and cached now
            client.post(body)
        before = resident_bytes(node)
        for number in range(count):
            body = mutate(chance.choice(kept), draw(chance))
            content = client.post(body)
            if content is not None:
                judge(body, content)
            if number % HONEST_EVERY == 0:
                assert int(node.call("eth_blockNumber"), 16) >= 0
    grown = resident_bytes(node) - before
    if grown > GROWTH_BYTES_MAX:
        raise Broken(f"grew by {grown:,} bytes")
    said = log.read_text()
    for word in ("the loop was held", "Traceback"):
        if word in said:
            raise Broken(f"{word}: …{said[max(0, said.index(word) - 500) :][:3_000]}")


@pytest.mark.parametrize("count", [1_500, pytest.param(100_000, marks=pytest.mark.full)])
def test_no_body_breaks_a_live_node(tmp_path: Path, count: int) -> None:
    """The seed is printed."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    with spawned_node(tmp_path) as node:
        fuzz(node, tmp_path / "node.log", count=count, seed=seed)


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"{}",
        b'{"jsonrpc": "2.0", "id": 1}',
        b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "defect 1"}}',
    ],
)
def test_the_judge_notices_planted_answers(content: bytes) -> None:
    """The planted defects."""
    with pytest.raises(Broken):
        judge(b"[1]", content)
