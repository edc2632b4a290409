"""What everything in a run shares, and nothing else: time, wire, record, trace."""

import hashlib
import random
from dataclasses import dataclass, field

from sogdia.simulation.blocks import BlockRecord, MadeBlock
from sogdia.simulation.clock import SECOND, Timeline
from sogdia.simulation.scenario import Scenario
from sogdia.simulation.transactions import TransactionFlow
from sogdia.simulation.wire import Wire

START_S = 1_700_000_000  # what virtual time 0 is in block timestamps


@dataclass(slots=True, eq=False)
class Surroundings:
    """The shared parts of one run."""

    scenario: Scenario
    timeline: Timeline
    wire: Wire
    record: BlockRecord
    flow: TransactionFlow
    chance: random.Random
    """For what nodes draw on the way; whatever is drawn at the start has a stream of its own."""
    is_over: bool = False
    """No more blocks are made."""
    refused: int = 0
    """Blocks that a node refused, counted at each node."""
    _trace: hashlib.blake2b = field(default_factory=hashlib.blake2b)

    def note(self, node: int, block: MadeBlock) -> None:
        """Write into the trace that a node accepted a block now."""
        stamp = (self.timeline.now << 16 | node).to_bytes(12, "big")
        self._trace.update(stamp + block.hash[:8])

    def clock_of(self, skew_s: int) -> int:
        """Return Unix seconds by a clock that is wrong by `skew_s`."""
        return START_S + self.timeline.now // SECOND + skew_s

    @property
    def trace(self) -> str:
        """Hash over every acceptance of the run: which node, which block, when."""
        return self._trace.copy().hexdigest()[:32]


def stream(seed: int, purpose: str) -> random.Random:
    """Return the random numbers of a seed for one purpose, independent of all other purposes."""
    return random.Random(f"{seed}/{purpose}")
