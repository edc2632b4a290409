"""The blocks of the graph, as the rules see them.

Headers and bodies are on disk. What stays in memory is what later blocks are judged by.

    T1  A timer's parent is the last timer of the timer chain in its past.
    T2  `number` counts the timers above it on its chain, from 0; pruning does not change it.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Optional

from sogdia.ledger.consensus.api import BlockStatus


class Stage(Enum):
    """How far a block has come."""

    PENDING = "pending"
    """Its past misses the stable genesis; judged only when a block that has it refers to it."""
    WAITING = "waiting"
    """Something that it refers to is not active."""
    HELD = "held"
    """Judged partially invalid; counts once the timer chain has grown long enough."""
    ACTIVE = "active"


class GraphBlock:
    """One block of the graph. Only the pipeline assigns to it."""

    __slots__ = (
        "arrival",
        "child_difficulty",
        "difficulty",
        "hash",
        "height",
        "index",
        "is_adaptive",
        "is_heavy",
        "is_inside",
        "is_timer",
        "last_timer",
        "parent",
        "reaches_stable",
        "referees",
        "stage",
        "status",
        "timer",
        "timer_difficulty",
        "timestamp",
    )

    def __init__(
        self,
        *,
        hash: bytes,
        parent: Optional["GraphBlock"],
        referees: tuple["GraphBlock", ...],
        height: int,
        difficulty: int,
        timestamp: int,
        is_timer: bool,
        is_heavy: bool,
        is_adaptive: bool,
    ) -> None:
        self.hash = hash
        self.index = -1
        """Position in the graph kernel."""
        self.arrival = -1
        """Number of arrival, under which the block is kept on disk."""
        self.parent = parent
        """None for the era genesis, and for a block whose parent lies before it."""
        self.referees = referees
        """Those that matter for the timer chain; emptied once the block is active."""
        self.height = height
        self.difficulty = difficulty
        self.timestamp = timestamp
        self.is_timer = is_timer
        """Whether the proof of work is that of a timer block; it is one only if also valid."""
        self.is_heavy = is_heavy
        self.is_adaptive = is_adaptive
        self.is_inside = False
        """Whether it descends from the era genesis or is it: others weigh nothing."""
        self.reaches_stable = False
        """Whether the stable genesis is in its past or is it."""
        self.stage = Stage.WAITING
        self.status = BlockStatus.PENDING
        self.child_difficulty = 0
        """The difficulty that its children must have; known once it is judged."""
        self.timer_difficulty = 0
        """Accumulated difficulty of the timer chain in its past."""
        self.last_timer: Timer | None = None
        """Last block of the timer chain in its past."""
        self.timer: Timer | None = None
        """Its own place in the timer forest, if it is a valid timer block."""

    @property
    def is_active(self) -> bool:
        """Whether the block counts."""
        return self.stage is Stage.ACTIVE

    @property
    def predecessors(self) -> Iterator["GraphBlock"]:
        """The parent first, then the referees that matter."""
        if self.parent is not None:
            yield self.parent
        yield from self.referees

    def __repr__(self) -> str:
        return f"<block {self.hash.hex()[:10]} height {self.height} {self.stage.value}>"


class Timer:
    """A valid timer block, and what every block sees whose timer chain ends here."""

    __slots__ = ("barrier", "block", "confirmed", "forced", "number", "parent", "total")

    def __init__(
        self,
        *,
        block: GraphBlock | None,
        parent: Optional["Timer"],
        number: int,
        total: int,
    ) -> None:
        self.block = block
        """None when it lies before the era genesis: then it is in everybody's past."""
        self.parent = parent
        self.number = number
        self.total = total
        """Accumulated difficulty up to and with it."""
        self.forced: GraphBlock | None = None
        """Highest common ancestor of beta timers that end here or before; None: the era genesis."""
        self.confirmed: GraphBlock | None = None
        """The force-confirmed block of pasts whose timer chain ends here; None: the era genesis."""
        self.barrier: Timer | None = None
        """The timer beta - 1 before it: who lacks it in the past is beta ticks behind."""

    def forget_past(self) -> None:
        """Keep only what counts, number and total: the block lies before the era genesis."""
        self.block = self.parent = self.forced = self.confirmed = self.barrier = None


class BlockStore:
    """Blocks by hash and by kernel index."""

    def __init__(self) -> None:
        self._by_hash: dict[bytes, GraphBlock] = {}
        self._by_index: list[GraphBlock | None] = [None]  # 0 is the kernel's virtual origin

    def __len__(self) -> int:
        return len(self._by_hash)

    def __iter__(self) -> Iterator[GraphBlock]:
        return iter(self._by_hash.values())

    def find(self, block_hash: bytes) -> GraphBlock | None:
        """Return the block, None if it is not in the graph."""
        return self._by_hash.get(block_hash)

    def at(self, index: int) -> GraphBlock:
        """Return the block with this kernel index."""
        block = self._by_index[index]
        assert block is not None, f"the kernel gave out index {index} for a block"
        return block

    def at_all(self, indices: Iterable[int]) -> list[GraphBlock]:
        """Return the blocks with these kernel indices."""
        return [self.at(index) for index in indices]

    def insert(self, block: GraphBlock, index: int) -> None:
        """Add `block` under the index that the kernel gave it."""
        assert index == len(self._by_index), f"index {index} follows {len(self._by_index) - 1}"
        block.index = index
        self._by_index.append(block)
        self._by_hash[block.hash] = block

    def forget_last(self, block: GraphBlock) -> None:
        """Forget `block`, which has the last index."""
        assert block.index == len(self._by_index) - 1, f"{block} is not the last"
        self._by_index.pop()
        del self._by_hash[block.hash]
