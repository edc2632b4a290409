"""What the harness's methods need of the node, and how they name its epochs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sogdia.conflux.admission import Admission
from sogdia.conflux.errors import InvalidParameter, UnknownState
from sogdia.conflux.keys import HarnessKey
from sogdia.conflux.maker import BlockMaker
from sogdia.conflux.params import EpochName, EpochOfBlock, EpochTag
from sogdia.conflux.plain.peer import PlainPeers
from sogdia.ledger.node.network_task import NetworkTask
from sogdia.ledger.node.parts import Parts

EPOCH = "epoch parameter"  # how the family calls it

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
    admission: Admission
    plain: PlainPeers
    stop: Callable[[], None]
    """Begin to stop, as SIGTERM does."""
    waits_for_peers: bool = False
    """A node is not in the normal phase before it has caught up with somebody."""

    def epoch_number(self, epoch: EpochName) -> int:
        """Return the number of an epoch.

        Raises:
            InvalidParameter: it lies above the pivot tip, or no epoch of that block is known.
        """
        consensus = self.parts.consensus
        if isinstance(epoch, EpochOfBlock):
            return self._epoch_of(epoch)
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
            words = f"specified epoch number {epoch} is larger than the pivot chain tip {tip}"
            raise InvalidParameter(EPOCH, words)
        return epoch

    def executed_epoch(self, epoch: EpochName) -> int:
        """Return the number of an epoch whose state can be read.

        Raises:
            InvalidParameter: as `epoch_number`, or it is not executed.
        """
        number = self.epoch_number(epoch)
        if number > self.parts.executor.head()[0]:
            if isinstance(epoch, EpochOfBlock):
                raise InvalidParameter(EPOCH, f"block {epoch.block.hex()} is not executed")
            raise UnknownState(number)
        return number

    def _epoch_of(self, name: EpochOfBlock) -> int:
        consensus = self.parts.consensus
        number = consensus.epoch_of(name.block) if consensus.has_block(name.block) else None
        if number is None:
            raise InvalidParameter(EPOCH, "block's epoch number is not found")
        if name.requires_pivot and consensus.pivot_at(number) != name.block:
            raise InvalidParameter(EPOCH, "should receive a pivot block hash")
        return number
