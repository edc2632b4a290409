"""Frames over a byte stream: four bytes of length, big-endian, then that many bytes."""

import asyncio
from dataclasses import dataclass

from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import FrameTooLarge, PeerGone, PeerTimeout, PeerTooSlow
from sogdia.ledger.network.transport import Address

LENGTH_BYTES = 4


@dataclass(slots=True, eq=False)
class StreamConnection:
    """A `Connection` over an asyncio stream whose peer is already proved."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    peer_id: bytes
    remote: Address

    def send(self, frame: bytes) -> None:
        """Queue a frame; see `transport.Connection.send`."""
        if len(frame) > limits.FRAME_BYTES_MAX:
            raise FrameTooLarge(len(frame), limits.FRAME_BYTES_MAX)
        if self.writer.is_closing():
            raise PeerGone("closed")
        waiting = self.writer.transport.get_write_buffer_size()
        if waiting + len(frame) > limits.WRITE_BUFFER_BYTES_MAX:
            # Abort, not close: closing would wait for the reader that does not read.
            self.writer.transport.abort()
            raise PeerTooSlow(waiting + len(frame), limits.WRITE_BUFFER_BYTES_MAX)
        self.writer.write(len(frame).to_bytes(LENGTH_BYTES, "big") + frame)

    async def receive(self, *, timeout_s: float) -> bytes:
        """Return the next frame; see `transport.Connection.receive`.

        Waiting for a frame to begin and waiting for it to end are different: the first may be as
        long as the caller allows, the second is bounded, or one byte a second would hold a slot.
        """
        header = await self._read_exactly(LENGTH_BYTES, timeout_s, "frame")
        length = int.from_bytes(header, "big")
        if length > limits.FRAME_BYTES_MAX:
            self.close()
            raise FrameTooLarge(length, limits.FRAME_BYTES_MAX)
        return await self._read_exactly(length, limits.FRAME_TIMEOUT_S, "rest of a frame")

    async def _read_exactly(self, count: int, timeout_s: float, what: str) -> bytes:
        try:
            async with asyncio.timeout(timeout_s):
                return await self.reader.readexactly(count)
        except TimeoutError:
            self.close()
            raise PeerTimeout(what, timeout_s) from None
        except asyncio.IncompleteReadError as end:
            raise PeerGone("closed in the middle" if end.partial else "closed") from None
        except OSError as error:
            raise PeerGone(str(error)) from None

    def close(self) -> None:
        """End the connection."""
        self.writer.close()
