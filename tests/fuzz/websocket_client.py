"""A WebSocket client that sends anything, and what an outside library makes of the same bytes.

The library is `websockets`, a server without sockets: it says whether a stream breaks RFC 6455,
where it ends, and which messages it holds. Two things RFC 6455 forbids and the node's own library
takes: frames without a mask, and a message that interrupts one whose first fragment was empty. They
harm nobody but the client, so such a stream is judged by what it does to the node only; and so is
one in which the node is the stricter of the two.
"""

import base64
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

WAIT_S = 300
MESSAGE_BYTES_MAX = 1 << 20  # of the node and of the library
PROBE = b'{"jsonrpc":"2.0","id":"probe","method":"eth_chainId"}'
LENIENT = {"incorrect masking", "expected a continuation frame"}
UNMASKED_KEY = b"\0\0\0\0"  # a mask that changes nothing: corpus files can be read
DATA = {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}


def frame_bytes(
    payload: bytes,
    opcode: int = 1,
    *,
    first_bits: int = 0x80,
    key: bytes | None = UNMASKED_KEY,
    form: int = 0,
    lie: int = 0,
) -> bytes:
    """Return a client's frame. `form` is the length field's size at least: 0, 126 or 127.

    `first_bits` are FIN and the reserved ones; `lie` is added to the stated length.
    """
    stated = max(0, len(payload) + lie)
    masked = 0 if key is None else 0x80
    if stated > 0xFFFF or form == 127:
        length = bytes([masked | 127]) + stated.to_bytes(8)
    elif stated > 125 or form == 126:
        length = bytes([masked | 126]) + stated.to_bytes(2)
    else:
        length = bytes([masked | stated])
    if key is None:
        return bytes([first_bits | opcode]) + length + payload
    pad = (key * (len(payload) // 4 + 1))[: len(payload)]
    hidden = (int.from_bytes(payload) ^ int.from_bytes(pad)).to_bytes(len(payload))
    return bytes([first_bits | opcode]) + length + key + hidden


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stream is: `open` (more may follow), `ended`, `within` a frame, or `lenient`."""

    kind: str
    messages: int
    owed: int
    """How many of the messages must be answered, at least."""


def judge_stream(data: bytes) -> Verdict:
    """Return what the outside library says of a client's stream."""
    reference, messages = _read(data)
    count = len(messages)
    if str(reference.parser_exc) in LENIENT or _has_long_control(data):
        return Verdict("lenient", count, 0)
    if any(kind is Opcode.TEXT and not _is_text(body) for kind, body in messages):
        return Verdict("ended", count, 0)
    if reference.parser_exc is not None or reference.close_rcvd is not None:
        return Verdict("ended", count, 0)
    # Where one more message can be read as it is, the stream stands between two.
    _, longer = _read(data + frame_bytes(PROBE))
    if longer != [*messages, (Opcode.TEXT, PROBE)]:
        return Verdict("within", count, 0)
    return Verdict("open", count + 1, sum(_is_owed(body) for _, body in longer))


def _read(data: bytes) -> tuple[ServerProtocol, list[tuple[Opcode, bytes]]]:
    reference = ServerProtocol(state=State.OPEN, max_size=MESSAGE_BYTES_MAX)
    reference.receive_data(data)
    frames = [event for event in reference.events_received() if isinstance(event, Frame)]
    return reference, list(_messages(frames))


def _has_long_control(data: bytes) -> bool:
    """Whether a control frame states its length in more bytes than it may: the node is strict."""
    place = 0
    while place + 2 <= len(data):
        opcode, flag = data[place] & 15, data[place + 1] & 127
        if opcode >= 8 and flag > 125:
            return True
        size = {126: 2, 127: 8}.get(flag, 0)
        length = int.from_bytes(data[place + 2 : place + 2 + size]) if size else flag
        place += 2 + size + (4 if data[place + 1] & 128 else 0) + length
    return False


def _messages(frames: list[Frame]) -> Iterator[tuple[Opcode, bytes]]:
    kind, body = Opcode.TEXT, b""
    for frame in frames:
        if frame.opcode not in DATA:
            continue
        if frame.opcode is not Opcode.CONT:
            kind, body = frame.opcode, b""
        body += bytes(frame.data)
        if frame.fin:
            yield kind, body


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_owed(body: bytes) -> bool:
    """Calls without an id may stay without an answer; what is no call at all is told so."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return True
    return not (isinstance(value, list) or (isinstance(value, dict) and "id" not in value))


class Connection:
    """One WebSocket connection, from its handshake on."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        assert place.hostname is not None
        self.stream = socket.create_connection((place.hostname, place.port), WAIT_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(
            f"GET / HTTP/1.1\r\nHost: {place.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = self.stream.recv(1)
            assert piece, head
            head += piece
        assert head.startswith(b"HTTP/1.1 101 "), head
        self._reader = StreamReader()
        self._parsing = Frame.parse(self._reader.read_exact, mask=False)

    def close(self) -> None:
        """Hang up."""
        self.stream.close()

    def send(self, data: bytes) -> bool:
        """Send bytes; return False if the node has hung up."""
        try:
            self.stream.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def frames(self) -> Iterator[Frame]:
        """Yield the node's frames until it hangs up; they are held to RFC 6455."""
        while True:
            try:
                next(self._parsing)
            except StopIteration as whole:
                yield whole.value
                self._parsing = Frame.parse(self._reader.read_exact, mask=False)
                continue
            try:
                piece = self.stream.recv(1 << 16)
            except ConnectionResetError:
                return  # it hung up with bytes of ours unread
            if not piece:
                return
            self._reader.feed_data(piece)
