"""WebSocket streams on a real node's port: valid ones, changed ones, and ones nobody would send.

An outside library reads the same bytes (`websocket_client`). Where it goes on, the node answers
every message that asks for one, and then a call that is put after them; where it ends the
connection, the node ends it. In no case is there a defect, a held loop or growth.
"""

import json
import random
import socket
from contextlib import AbstractContextManager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.fuzz.mutations import corpus, draw, mutate
from tests.fuzz.test_live_rpc import GROWTH_BYTES_MAX, Broken, judge, resident_bytes
from tests.fuzz.websocket_client import (
    MESSAGE_BYTES_MAX,
    PROBE,
    Connection,
    Verdict,
    frame_bytes,
    judge_stream,
)
from websockets.frames import Close, Frame, Opcode

CLOSE_CODES = {1000, 1002, 1003, 1007, 1009, 1013}
HOLDS = ("the loop was held", "Traceback", "Exception")
ROUNDS_MAX = 1_000  # of one run of Hypothesis
BURST = 40_000
CALL = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
_kinds = st.sampled_from(["newHeads", "logs", "newPendingTransactions", "syncing", "x"])
_filters = st.fixed_dictionaries(
    {},
    optional={
        "address": st.just("0x" + "11" * 20) | _json,
        "topics": st.lists(st.none() | st.just("0x" + "22" * 32) | _json, max_size=5),
        "fromBlock": st.sampled_from(["latest", "0x0", "0x7"]) | _json,
        "blockHash": st.just("0x" + "33" * 32) | _json,
    },
)
_calls = st.fixed_dictionaries(
    {"method": st.sampled_from(["eth_subscribe", "eth_unsubscribe", "eth_call", "eth_getLogs"])},
    optional={
        "jsonrpc": st.just("2.0") | _json,
        "id": st.integers() | _json,
        "params": st.tuples(_kinds | _json, _filters | _json) | st.tuples(_kinds | _json) | _json,
    },
)
_payloads = st.one_of(
    _calls.map(lambda call: json.dumps({"jsonrpc": "2.0", "id": 1, **call}).encode()),
    st.lists(_calls, max_size=110).map(lambda calls: json.dumps(calls).encode()),
    _json.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([9, 33, 9_999, 99_999]).map(lambda depth: b"[" * depth),
    st.sampled_from([1, 9_999, 1 << 17, 1 << 20]).map(
        lambda size: CALL[:-1] + b',"params":["' + b"f" * size + b'"]}'
    ),
    st.binary(max_size=200),
)
_frames = st.builds(
    frame_bytes,
    _payloads,
    st.sampled_from([0, 1, 1, 1, 2, 2, 8, 9, 9, 10, *range(16)]),
    first_bits=st.sampled_from([0x80, 0x80, 0x80, 0x00, 0x00, 0xC0, 0xA0, 0x90, 0x40]),
    key=st.sampled_from([bytes(4), b"\xa5\x01\xff\x7f", None]),
    form=st.sampled_from([0, 0, 126, 127]),
    lie=st.sampled_from([0, 0, 0, 0, 1, -1, 1 << 20, 1 << 62]),
)
# Ends of a message that is split: sessions of frames drawn one by one seldom have whole ones.
_split = st.builds(
    lambda payload, cuts, between: b"".join(_fragments(payload, cuts, between)),
    _payloads,
    st.lists(st.integers(0, 1 << 20), max_size=5),
    st.sampled_from([b"", frame_bytes(b"ping", 9), frame_bytes(b"", 10)]),
)
sessions = st.lists(st.one_of(_frames, _split), min_size=1, max_size=6).map(b"".join)


def _fragments(payload: bytes, cuts: list[int], between: bytes) -> list[bytes]:
    places = [*sorted({cut % (len(payload) + 1) for cut in cuts} | {0}), len(payload)]
    pieces = [payload[a:b] for a, b in pairwise(places)]
    return [
        frame_bytes(piece, 0 if number else 1, first_bits=0x80 * (number == len(pieces) - 1))
        + (between if number < len(pieces) - 1 else b"")
        for number, piece in enumerate(pieces)
    ]


def attempt(node: SpawnedNode, data: bytes) -> None:
    """Send one stream on a connection of its own.

    Raises:
        Broken: an answer, a missing one, or an end that must not be.
    """
    verdict = judge_stream(data)
    connection = Connection(node.url)
    try:
        went = connection.send(data)
        if verdict.kind == "open":
            connection.send(frame_bytes(PROBE))
        elif went and verdict.kind != "ended":
            _shut(connection.stream)
        hear(connection, data, verdict)
    finally:
        connection.close()


def _shut(stream: socket.socket) -> None:
    with suppress(OSError):  # the node was first
        stream.shutdown(socket.SHUT_WR)


def hear(connection: Connection, data: bytes, verdict: Verdict) -> None:
    """Read until the probe is answered or the node hangs up, and judge all of it.

    Raises:
        Broken.
    """
    answers, close = 0, None
    for frame in connection.frames():
        if frame.opcode is Opcode.CLOSE:
            close = Close.parse(bytes(frame.data))
            continue
        if frame.opcode is not Opcode.TEXT:
            continue
        if _is_push(frame):
            continue
        answers += 1
        judge(data, bytes(frame.data))
        if verdict.kind == "open" and b'"id":"probe"' in bytes(frame.data)[:40]:
            break
    else:
        if verdict.kind == "open":
            raise Broken(f"the node hung up ({close}) on {data[:300]!r}")
    if close is not None and close.code not in CLOSE_CODES:
        raise Broken(f"closed with {close} for {data[:300]!r}")
    if verdict.kind == "open" and not verdict.owed <= answers <= verdict.messages:
        raise Broken(f"{answers} answers, {verdict} to {data[:300]!r}")


def _is_push(frame: Frame) -> bool:
    return bytes(frame.data).startswith(b'{"jsonrpc":"2.0","method":"eth_subscription"')


def check_health(node: SpawnedNode, log: Path, before: int) -> None:
    """Look at the node after what was done to it.

    Raises:
        Broken: a defect, a held loop, growth.
    """
    assert int(node.call("eth_blockNumber"), 16) >= 0
    said = log.read_text()
    for word in HOLDS:
        if word in said:
            raise Broken(f"{word}: …{said[max(0, said.index(word) - 500) :][:3_000]}")
    grown = resident_bytes(node) - before
    if grown > GROWTH_BYTES_MAX:
        raise Broken(f"grew by {grown:,} bytes")


def live_node(folder: Path) -> AbstractContextManager[SpawnedNode]:
    """Run a node with the limit that the library has."""
    return spawned_node(folder, SOGDIA_RPC_BODY_BYTES=str(MESSAGE_BYTES_MAX))


def warm(node: SpawnedNode) -> int:
    """Send the corpus; return the memory of a node that has loaded what it needs."""
    for data in corpus("websocket"):
        attempt(node, data)
    for data in (b"", *corpus("rpc")):
        attempt(node, frame_bytes(data))
    return resident_bytes(node)


@pytest.mark.parametrize("count", [400, pytest.param(100_000, marks=pytest.mark.full)])
def test_no_changed_stream_breaks_a_live_node(tmp_path: Path, count: int) -> None:
    """The seed is printed."""
    chosen = random.randrange(2**32)
    print(f"seed {chosen}")
    chance, kept = random.Random(chosen), corpus("websocket")
    with live_node(tmp_path) as node:
        before = warm(node)
        for _ in range(count):
            attempt(node, mutate(chance.choice(kept), draw(chance)))
        check_health(node, tmp_path / "node.log", before)


@pytest.mark.parametrize("count", [100, pytest.param(20_000, marks=pytest.mark.full)])
def test_no_drawn_stream_breaks_a_live_node(tmp_path: Path, count: int) -> None:
    """The seed is printed; Hypothesis makes a find small."""
    chosen = random.randrange(2**32)
    print(f"seed {chosen}")
    with live_node(tmp_path) as node:
        before = warm(node)
        for done in range(0, count, ROUNDS_MAX):

            @seed(chosen + done)
            @settings(
                max_examples=min(ROUNDS_MAX, count - done),
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )
            @given(sessions)
            def run(data: bytes) -> None:
                attempt(node, data)

            run()
        check_health(node, tmp_path / "node.log", before)


def test_a_burst_of_small_frames_holds_nobody(tmp_path: Path) -> None:
    """Empty messages, calls, notifications and pings, as fast as they can be sent."""
    note = b'{"jsonrpc":"2.0","method":"eth_chainId"}'
    with live_node(tmp_path) as node:
        before = warm(node)
        for frame in (frame_bytes(b""), frame_bytes(CALL), frame_bytes(note), frame_bytes(b"", 9)):
            connection = Connection(node.url)
            connection.stream.settimeout(0.2)  # whoever does not read is not read at last
            with suppress(OSError):
                connection.stream.sendall(frame * BURST)
            node.call("eth_chainId")
            connection.close()
        check_health(node, tmp_path / "node.log", before)


def test_the_judge_notices_planted_defects(tmp_path: Path) -> None:
    """A stream of which more is said than is true, and one whose end is denied."""
    with live_node(tmp_path) as node:
        call = frame_bytes(CALL)
        for data, lie in (
            (call, Verdict("open", 9, 3)),
            (call, Verdict("open", 1, 0)),
            (frame_bytes(b"", 8), Verdict("open", 9, 0)),
        ):
            connection = Connection(node.url)
            connection.send(data + frame_bytes(PROBE))
            with pytest.raises(Broken):
                hear(connection, data, lie)
            connection.close()
