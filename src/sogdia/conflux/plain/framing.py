"""Bytes on the wire: packets, and what a session says with them.

A packet is three bytes of length, little-endian, then its bytes, of which the first three have gone
to the end. A session's packet ends with one byte that says which kind it is, before that one that
says whether a protocol is named, before that the protocol's three letters.
"""

import asyncio
from dataclasses import dataclass

from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import FrameTooLarge, InvalidMessage, PeerGone

LENGTH_BYTES = 3
PROTOCOL_BYTES = 3
HAS_PROTOCOL = 1
HELLO, DISCONNECT, USER = 0x80, 0x01, 0x10


@dataclass(frozen=True, slots=True)
class Packet:
    """What a session says: its kind, the protocol that it is of, if any, and the words."""

    kind: int
    payload: bytes
    protocol: bytes | None = None

    def encode(self) -> bytes:
        """Return the bytes of the packet, not framed yet."""
        if self.protocol is None:
            return self.payload + bytes((0, self.kind))
        return self.payload + self.protocol + bytes((HAS_PROTOCOL, self.kind))

    @classmethod
    def decode(cls, data: bytes) -> "Packet":
        """Read a packet.

        Raises:
            InvalidMessage: it is too short for what it says it is.
        """
        if len(data) < 2:
            raise InvalidMessage("packet", f"{len(data)} bytes")
        kind, body = data[-1], data[:-2]
        if not data[-2] & HAS_PROTOCOL:
            return cls(kind, body)
        if len(body) < PROTOCOL_BYTES:
            raise InvalidMessage("packet", "it names no protocol, and says that it does")
        return cls(kind, body[:-PROTOCOL_BYTES], body[-PROTOCOL_BYTES:])


def frame(data: bytes) -> bytes:
    """Return `data` as it travels.

    Raises:
        FrameTooLarge: it is over the limit.
    """
    if len(data) > limits.FRAME_BYTES_MAX:
        raise FrameTooLarge(len(data), limits.FRAME_BYTES_MAX)
    length = len(data).to_bytes(LENGTH_BYTES, "little")
    if len(data) <= LENGTH_BYTES:
        return length + data
    return length + data[LENGTH_BYTES:] + data[:LENGTH_BYTES]


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return the next frame's data.

    Raises:
        FrameTooLarge: the other side announced more than the limit.
        PeerGone: the connection has ended.
    """
    try:
        length = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "little")
        if length > limits.FRAME_BYTES_MAX:
            raise FrameTooLarge(length, limits.FRAME_BYTES_MAX)
        data = await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        raise PeerGone("closed") from None
    except OSError as error:
        raise PeerGone(str(error)) from None
    return data if length <= LENGTH_BYTES else data[-LENGTH_BYTES:] + data[:-LENGTH_BYTES]
