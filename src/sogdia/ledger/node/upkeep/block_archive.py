"""The file of exported blocks: portable, checked frame by frame, readable as far as it reaches.

    magic        8 bytes, `SOGDIABL`
    version      2 bytes big-endian
    head         4 bytes of length, then JSON: network, chain_id, genesis
    frame        4 bytes of length, 4 bytes count of blocks, 16 bytes BLAKE2b of the payload, then
                 the payload: zstd of, for each block, 4 bytes of length and the block itself
    end          a frame of length 0 whose digest is that of the number of all blocks, 8 bytes

A frame is read whole or not at all, so that a file that is cut off gives what is before the cut.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from sogdia.ledger.node.upkeep.errors import (
    ArchiveCutOff,
    ArchiveDamaged,
    ForeignArchive,
    NotAnArchive,
    UnknownArchive,
)

MAGIC = b"SOGDIABL"
VERSION = 1
FRAME_BYTES = 1 << 20  # before compression: what a reader holds at once, twice
# A frame ends with the block that fills it: a block's most, 200 KiB of body on every network of
# ours, is far below; a length beyond this bound is damage, and nothing is allocated for it.
FRAME_BYTES_MAX = 64 << 20
LEVEL = 3  # zstd's default: signatures do not compress, and the rest does at once
_FRAME = struct.Struct(">II16s")
_LENGTH = struct.Struct(">I")


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ledger the blocks are of; `genesis` is 0x and hex."""

    network: str
    chain_id: int
    genesis: str


def write_archive(stream: BinaryIO, head: Head, blocks: Iterable[bytes]) -> int:
    """Write `blocks`, each as it travels, in their order; return how many there were."""
    encoded = msgspec.json.encode(head)
    stream.write(MAGIC + VERSION.to_bytes(2, "big") + _LENGTH.pack(len(encoded)) + encoded)
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    pending: list[bytes] = []
    pending_bytes = total = 0
    for block in blocks:
        pending += (_LENGTH.pack(len(block)), block)
        pending_bytes += len(block)
        total += 1
        if pending_bytes >= FRAME_BYTES:
            _write_frame(stream, compressor.compress(b"".join(pending)), len(pending) // 2)
            pending, pending_bytes = [], 0
    if pending:
        _write_frame(stream, compressor.compress(b"".join(pending)), len(pending) // 2)
    stream.write(_FRAME.pack(0, 0, _digest(total.to_bytes(8, "big"))))
    return total


def read_head(stream: BinaryIO, path: Path) -> Head:
    """Read the beginning of an archive.

    Raises:
        NotAnArchive, UnknownArchive, ArchiveCutOff, ArchiveDamaged: it cannot be used.
    """
    if stream.read(len(MAGIC)) != MAGIC:
        raise NotAnArchive(path=path)
    version = int.from_bytes(_exactly(stream, 2, path, 0), "big")
    if version != VERSION:
        raise UnknownArchive(path=path, found=version, expected=VERSION)
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size, path, 0))
    if length > FRAME_BYTES:
        raise ArchiveDamaged(path=path, blocks=0, detail=f"its head has {length:,} bytes")
    try:
        return msgspec.json.decode(_exactly(stream, length, path, 0), type=Head)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArchiveDamaged(path=path, blocks=0, detail=f"its head: {error}") from error


def validate_head(found: Head, expected: Head, path: Path) -> None:
    """Check that an archive is of the ledger that is expected.

    Raises:
        ForeignArchive: the first field that differs.
    """
    for field in Head.__struct_fields__:
        have, want = str(getattr(found, field)), str(getattr(expected, field))
        if have != want:
            raise ForeignArchive(path=path, field=field, found=have, expected=want)


def read_frames(stream: BinaryIO, path: Path) -> Iterator[list[bytes]]:
    """Yield the blocks of each frame, from after the head to the end.

    Raises:
        ArchiveDamaged: a frame is not what its digest says; the frames before were yielded.
        ArchiveCutOff: the file ends before its end; likewise.
    """
    decompressor = zstandard.ZstdDecompressor()
    total = 0
    while True:
        length, count, digest = _FRAME.unpack(_exactly(stream, _FRAME.size, path, total))
        if length == 0:
            if count != 0 or digest != _digest(total.to_bytes(8, "big")):
                detail = "it ends there and says that it has another number of blocks"
                raise ArchiveDamaged(path=path, blocks=total, detail=detail)
            return
        if length > FRAME_BYTES_MAX:
            detail = f"a frame claims {length:,} bytes, more than {FRAME_BYTES_MAX:,}"
            raise ArchiveDamaged(path=path, blocks=total, detail=detail)
        payload = _exactly(stream, length, path, total)
        if digest != _digest(payload):
            raise ArchiveDamaged(path=path, blocks=total, detail="a frame has another digest")
        try:
            blocks = _split(decompressor.decompress(payload, max_output_size=FRAME_BYTES_MAX))
        except (zstandard.ZstdError, ValueError) as error:
            raise ArchiveDamaged(path=path, blocks=total, detail=str(error)) from error
        if len(blocks) != count:
            detail = f"a frame of {len(blocks)} blocks says that it has {count}"
            raise ArchiveDamaged(path=path, blocks=total, detail=detail)
        yield blocks
        total += count


def _write_frame(stream: BinaryIO, payload: bytes, count: int) -> None:
    stream.write(_FRAME.pack(len(payload), count, _digest(payload)) + payload)


def _split(payload: bytes) -> list[bytes]:
    blocks = []
    place = 0
    while place < len(payload):
        body = place + _LENGTH.size
        length = int.from_bytes(payload[place:body], "big")
        place = body
        if place + length > len(payload):
            raise ValueError("a block reaches over the end of its frame")
        blocks.append(payload[place : place + length])
        place += length
    return blocks


def _exactly(stream: BinaryIO, count: int, path: Path, blocks: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise ArchiveCutOff(path=path, blocks=blocks)
    return data


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
