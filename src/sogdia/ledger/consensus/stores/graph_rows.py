"""A block of the graph as it is kept on disk.

Everything that the graph needs of the header is repeated here, so that a start decodes no headers.
"""

import struct
from dataclasses import dataclass

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.stores.blocks import GraphBlock, Stage

_STAGES = tuple(Stage)
_STATUSES = tuple(BlockStatus)
_NO_HASH = bytes(32)

# hash, parent, last timer; difficulty, child difficulty, timer difficulty and era
# weight of 16 bytes; height, timestamp, timers in the past; era count; flags, stage, status.
_FIXED = struct.Struct(">32s32s32s16s16s16s16sQQQIBBB")


@dataclass(frozen=True, slots=True)
class GraphRow:
    """What a row says; hashes of 32 zero bytes stand for none."""

    hash: bytes
    parent: bytes
    referees: tuple[bytes, ...]
    """All that it refers to beside its parent, as far as the graph held it."""
    height: int
    timestamp: int
    difficulty: int
    child_difficulty: int
    is_timer: bool
    is_heavy: bool
    is_adaptive: bool
    stage: Stage
    status: BlockStatus
    timer_difficulty: int
    timer_count: int
    """Length of the timer chain in its past."""
    last_timer: bytes
    is_valid_timer: bool
    era_weight: int
    era_count: int


def encode_row(
    block: GraphBlock, referees: list[GraphBlock], era_weight: int, era_count: int
) -> bytes:
    """Return the row of `block`, which refers to `referees` beside its parent."""
    last = block.last_timer
    last_block = None if last is None else last.block
    flags = (
        block.is_timer
        | block.is_heavy << 1
        | block.is_adaptive << 2
        | (block.timer is not None) << 3
    )
    fixed = _FIXED.pack(
        block.hash,
        _NO_HASH if block.parent is None else block.parent.hash,
        _NO_HASH if last_block is None else last_block.hash,
        block.difficulty.to_bytes(16, "big"),
        block.child_difficulty.to_bytes(16, "big"),
        block.timer_difficulty.to_bytes(16, "big"),
        era_weight.to_bytes(16, "big"),
        block.height,
        block.timestamp,
        0 if last is None else last.number + 1,
        era_count,
        flags,
        _STAGES.index(block.stage),
        _STATUSES.index(block.status),
    )
    return fixed + b"".join([referee.hash for referee in referees])


def decode_row(row: bytes) -> GraphRow:
    """Return what a row says."""
    (
        block_hash, parent, last_timer,
        difficulty, child_difficulty, timer_difficulty, era_weight,
        height, timestamp, timer_count, era_count, flags, stage, status,
    ) = _FIXED.unpack_from(row)  # fmt: skip
    return GraphRow(
        hash=block_hash,
        parent=parent,
        referees=tuple(row[i : i + 32] for i in range(_FIXED.size, len(row), 32)),
        height=height,
        timestamp=timestamp,
        difficulty=int.from_bytes(difficulty, "big"),
        child_difficulty=int.from_bytes(child_difficulty, "big"),
        is_timer=bool(flags & 1),
        is_heavy=bool(flags & 2),
        is_adaptive=bool(flags & 4),
        stage=_STAGES[stage],
        status=_STATUSES[status],
        timer_difficulty=int.from_bytes(timer_difficulty, "big"),
        timer_count=timer_count,
        last_timer=last_timer,
        is_valid_timer=bool(flags & 8),
        era_weight=int.from_bytes(era_weight, "big"),
        era_count=era_count,
    )
