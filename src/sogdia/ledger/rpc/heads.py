"""Request heads that were parsed and judged before, found again by their bytes.

A client sends the same headers with every call, and parsing them costs more than most answers do.

K1  A head is known whole: verb, target, every header, and with them the length of the body.
K2  What is known of it follows from its bytes and the node's settings alone, never from the caller.
"""

from dataclasses import dataclass

HEAD_END = b"\r\n\r\n"
# Heads differ in the length of their bodies: a client has a few hundred of them.
KNOWN_MAX = 2_048
# Longer heads are parsed each time; those of common clients have 150 to 700 bytes.
HEAD_BYTES_MAX = 1_024


@dataclass(frozen=True, slots=True)
class KnownHead:
    """A head that asks for JSON-RPC and may: its body's length, and how its reply begins."""

    body_bytes: int
    reply_headers: bytes


class KnownHeads:
    """A bounded memory; when it is full it starts anew."""

    def __init__(self) -> None:
        self._known: dict[bytes, KnownHead] = {}
        self.find = self._known.get

    def remember(self, head: bytes, known: KnownHead) -> None:
        """Know `head` from now on, unless it is empty or long."""
        if not head or len(head) > HEAD_BYTES_MAX:
            return
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[head] = known


def whole_head(piece: bytes, body: bytes | bytearray, stated_length: bytes | None) -> bytes:
    """Return the head of `piece` if it is one request with a stated length, else nothing.

    `body` and `stated_length` are what the parser found in it.
    """
    end = piece.find(HEAD_END) + len(HEAD_END)
    is_whole = stated_length == b"%d" % len(body) and piece[end:] == body
    return piece[:end] if is_whole else b""
