"""What the harness's methods need of the node, and how they name its epochs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sogdia.conflux.keys import HarnessKey
from sogdia.conflux.maker import BlockMaker
from sogdia.conflux.params import EpochTag
from sogdia.ledger.node.network_task import NetworkTask
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.rpc.errors import InvalidParams

OnWriter = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(slots=True)
class BlockNumbers:
    """How many blocks are executed up to each epoch: the block number of Core Space.

    `counts[h]` is the number of the last block of epoch h; `pivots` say of which chain.
    """

    parts: Parts
    pivots: list[bytes] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def last_of(self, epoch: int) -> int:
        """Return the number of the last block of an epoch of the pivot chain."""
        self._follow(epoch)
        return self.counts[epoch]

    def find(self, number: int) -> bytes | None:
        """Return the block of a number, None above the pivot tip."""
        tip = self.parts.consensus.best_height()
        epoch = 0
        while epoch <= tip and self.last_of(epoch) < number:
            epoch += 1
        if epoch > tip:
            return None
        blocks = self.parts.consensus.epoch_plan(epoch).blocks
        return blocks[number - self.last_of(epoch) - 1]

    def _follow(self, epoch: int) -> None:
        consensus = self.parts.consensus
        while self.pivots and consensus.pivot_at(len(self.pivots) - 1) != self.pivots[-1]:
            self.pivots.pop()
            self.counts.pop()
        for height in range(len(self.pivots), epoch + 1):
            plan = consensus.epoch_plan(height)
            before = self.counts[-1] if self.counts else -1
            self.pivots.append(plan.pivot)
            self.counts.append(before + len(plan.blocks))


@dataclass(slots=True)
class HarnessBackend:
    """The node as the methods of the harness see it; all of it is used on the loop."""

    parts: Parts
    maker: BlockMaker
    key: HarnessKey
    network: NetworkTask
    client_version: str
    on_writer: OnWriter
    numbers: BlockNumbers

    def epoch_number(self, epoch: int | EpochTag) -> int:
        """Return the number of an epoch.

        Raises:
            InvalidParams: it lies above the pivot tip.
        """
        consensus = self.parts.consensus
        if isinstance(epoch, EpochTag):
            meanings: Mapping[EpochTag, Callable[[], int]] = {
                EpochTag.EARLIEST: lambda: 0,
                EpochTag.CHECKPOINT: lambda: consensus.era_genesis_height,
                EpochTag.FINALIZED: lambda: 0,  # nothing is, without the finality committee
                EpochTag.CONFIRMED: consensus.confirmed_height,
                EpochTag.STATE: lambda: self.parts.executor.head()[0],
                EpochTag.MINED: consensus.best_height,
            }
            return meanings[epoch]()
        tip = consensus.best_height()
        if epoch > tip:
            raise InvalidParams(f"epoch {epoch} is larger than the pivot tip, {tip}")
        return epoch
