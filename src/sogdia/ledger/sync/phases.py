"""How far a node is in catching up, by the names that the protocol family uses."""

from dataclasses import dataclass
from enum import Enum


class SyncPhase(Enum):
    """From the start of a node to the moment it follows the network."""

    RECOVER_FROM_STORE = "CatchUpRecoverBlockHeaderFromDbPhase"
    """The graph is rebuilt from what is on disk."""
    HEADERS = "CatchUpSyncBlockHeaderPhase"
    """Headers of the epochs that are missing are fetched and their work is checked."""
    BLOCKS = "CatchUpSyncBlockPhase"
    """Bodies are fetched from several peers and submitted in order."""
    NORMAL = "NormalSyncPhase"
    """New blocks arrive as they are made."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A catch-up, for the log line and `eth_syncing`."""

    phase: SyncPhase
    starting_height: int
    height: int
    highest_height: int
    blocks: int
    """Blocks submitted since the catch-up began."""
    started_at_s: float
    now_s: float

    @property
    def blocks_per_s(self) -> float:
        """The rate so far."""
        elapsed_s = self.now_s - self.started_at_s
        return self.blocks / elapsed_s if elapsed_s > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds to the highest height at the rate of heights so far; `None` before any."""
        gained = self.height - self.starting_height
        if gained <= 0:
            return None
        return (self.highest_height - self.height) * (self.now_s - self.started_at_s) / gained
