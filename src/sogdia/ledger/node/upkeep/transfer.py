"""Blocks out of a ledger into a file, and from a file into a ledger.

T1  An import submits blocks as if a peer had sent them: every rule is checked, every epoch is
    executed, and what is acknowledged is written.
T2  An import that ends early, by a cut file or a killed process, keeps what it took in; another
    one skips that and goes on.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.upkeep.block_archive import (
    Head,
    read_frames,
    read_head,
    validate_head,
    write_archive,
)
from sogdia.ledger.node.upkeep.errors import BlockRefused, UnreadableArchive
from sogdia.ledger.node.upkeep.kept_blocks import count_blocks, read_blocks
from sogdia.ledger.node.upkeep.progress import Progress, in_silence
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlock
from sogdia.ledger.primitives.rlp import frame_list
from sogdia.ledger.storage.identity import Identity


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: blocks taken in, and blocks that were there already."""

    taken: int
    known: int


def head_of(parts: Parts) -> Head:
    """Return which ledger `parts` is."""
    genesis = f"0x{parts.consensus.genesis.hex()}"
    return Head(network=parts.params.name, chain_id=parts.params.chain_id, genesis=genesis)


def validate_archive(path: Path, identity: Identity) -> None:
    """Check that the archive at `path` is of the ledger `identity`; no ledger need be there.

    Raises:
        ArchiveError: it is another ledger's, or cannot be used.
    """
    genesis = f"0x{identity.genesis.hex()}"
    wanted = Head(network=identity.network, chain_id=identity.chain_id, genesis=genesis)
    try:
        with path.open("rb") as stream:
            validate_head(read_head(stream, path), wanted, path)
    except OSError as error:
        raise _unreadable(path, error) from error


def export_blocks(parts: Parts, path: Path, progress: Progress = in_silence) -> int:
    """Write every block but genesis to `path`; return how many there were.

    The file appears under its name when it is whole and on the medium.

    Raises:
        BlockDamaged: a kept block is not what its hash says; no file is left.
        UnreadableArchive: the file cannot be written.
    """
    draft = path.with_name(f"{path.name}.partial")
    try:
        with draft.open("wb") as stream:
            count = write_archive(stream, head_of(parts), _travelling(parts, progress))
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return count


def import_blocks(parts: Parts, path: Path, progress: Progress = in_silence) -> Imported:
    """Take in the blocks of `path`; `progress` counts bytes of the file.

    Raises:
        ForeignArchive: it holds another ledger; nothing was taken in.
        ArchiveError: it is damaged or cut off, or a rule refuses a block; what came before is kept.
        StorageError: the ledger cannot be written.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            validate_head(read_head(stream, path), head_of(parts), path)
            return _take_in(parts, stream, path, size, progress)
    except OSError as error:
        raise _unreadable(path, error) from error


def _take_in(parts: Parts, stream: BinaryIO, path: Path, size: int, progress: Progress) -> Imported:
    taken = known = 0
    for frame in read_frames(stream, path):
        for data in frame:
            try:
                block = Block.decode(data, parts.params.chain_id)
                if parts.consensus.has_block(block.hash):
                    known += 1
                    continue
                parts.ledger.submit(block)
            except InvalidBlock as error:
                raise BlockRefused(path=path, number=taken + known + 1, reason=error) from error
            taken += 1
        progress(stream.tell(), size)
    return Imported(taken, known)


def _travelling(parts: Parts, progress: Progress) -> Iterator[bytes]:
    store = parts.database.store
    total = count_blocks(store)
    for kept in read_blocks(store):
        if kept.hash != parts.consensus.genesis:
            yield frame_list(kept.header + kept.body)
        progress(kept.number + 1, total)


def _unreadable(path: Path, error: OSError) -> UnreadableArchive:
    return UnreadableArchive(path=path, detail=error.strerror or str(error))
