"""What other threads see of consensus: the state after some submitted block, whole and unchanging.

    K1  An outlook never changes: whatever is asked of one is answered by one state, and by one that
        was there between two blocks.
    K2  The writer makes the next one from the last: what a block did not change is shared.

Most of an outlook is shared with those before and after it in a trunk that only grows; each sees
as much of it as was there when it was made. The last epochs, which move, it has for itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sogdia.ledger.storage.tables.settled import SettledEpochs

Epoch = tuple[bytes, ...]
"""All blocks of an epoch in their order, executed or not, the pivot block last."""

TOP_EPOCHS_MAX = 128  # copied with every block: a microsecond
TOP_EPOCHS_KEPT = 64  # deeper changes of the pivot chain copy the trunk: milliseconds, and rare


@dataclass(slots=True)
class _Trunk:
    """Epochs from height `first` on, and the numbers of their blocks; only the writer appends."""

    first: int
    epochs: list[Epoch] = field(default_factory=list)
    numbers: dict[bytes, int] = field(default_factory=dict)

    def append(self, epochs: Sequence[Epoch]) -> None:
        """Add the epochs that follow."""
        for epoch in epochs:
            self.numbers.update(dict.fromkeys(epoch, self.first + len(self.epochs)))
            self.epochs.append(epoch)

    def up_to(self, height: int) -> "_Trunk":
        """Return another trunk, which ends at `height`."""
        copy = _Trunk(self.first)
        copy.append(self.epochs[: height + 1 - self.first])
        return copy


def _numbers(first: int, epochs: Sequence[Epoch]) -> dict[bytes, int]:
    return {block: number for number, epoch in enumerate(epochs, first) for block in epoch}


@dataclass(frozen=True, slots=True)
class Outlook:
    """One state of consensus. Any thread may ask it anything."""

    era_genesis: bytes
    era_genesis_height: int
    terminals: tuple[bytes, ...]
    """Active blocks that no active block refers to, in the order of arrival."""
    _trunk: _Trunk
    _trunk_end: int
    """The last height of the trunk that belongs to this state; more may have been added since."""
    _top: tuple[Epoch, ...]
    """The epochs above, up to the tip."""
    _top_numbers: dict[bytes, int]
    _settled: SettledEpochs
    """What is up to the checkpoint; it does not change."""

    @classmethod
    def begin(
        cls,
        era_genesis_height: int,
        epochs: Sequence[Epoch],
        terminals: Sequence[bytes],
        settled: SettledEpochs,
    ) -> "Outlook":
        """Return the state of a graph whose `epochs` begin with that of the era genesis."""
        trunk = _Trunk(era_genesis_height)
        trunk.append(epochs)
        end = era_genesis_height + len(epochs) - 1
        genesis = epochs[0][-1]
        return cls(genesis, era_genesis_height, tuple(terminals), trunk, end, (), {}, settled)

    def changed(
        self, first_height: int | None, epochs: Sequence[Epoch], terminals: Sequence[bytes]
    ) -> "Outlook":
        """Return the next state: its epochs from `first_height` on are others, if it is given.

        For the writer alone.
        """
        trunk, end, top, numbers = self._trunk, self._trunk_end, self._top, self._top_numbers
        if first_height is not None:
            is_longer = first_height > self.best_height
            if first_height <= end:
                end = first_height - 1
                trunk, top = trunk.up_to(end), ()
            top = (*top[: first_height - end - 1], *epochs)
            if len(top) > TOP_EPOCHS_MAX:
                trunk.append(top[:-TOP_EPOCHS_KEPT])
                end += len(top) - TOP_EPOCHS_KEPT
                top = top[-TOP_EPOCHS_KEPT:]
                is_longer = False
            numbers = (
                {**numbers, **_numbers(first_height, epochs)}
                if is_longer
                else _numbers(end + 1, top)
            )
        return Outlook(
            self.era_genesis,
            self.era_genesis_height,
            tuple(terminals),
            trunk,
            end,
            top,
            numbers,
            self._settled,
        )

    @property
    def best_height(self) -> int:
        """Height of the tip of the pivot chain."""
        return self._trunk_end + len(self._top)

    @property
    def best(self) -> bytes:
        """The tip of the pivot chain."""
        return self.epoch(self.best_height)[-1]

    def epoch(self, height: int) -> Epoch:
        """Return the whole epoch at `height`, empty where there is none."""
        if height < 0:
            return ()
        if height > self._trunk_end:
            return self._top[height - self._trunk_end - 1] if height <= self.best_height else ()
        if height > self.era_genesis_height:
            return self._trunk.epochs[height - self.era_genesis_height]
        settled = self._settled.epoch(height)
        is_checkpoint = height == self.era_genesis_height
        return settled or ((self.era_genesis,) if is_checkpoint else ())

    def pivot_at(self, height: int) -> bytes | None:
        """Return the pivot block at `height`, None above the tip."""
        epoch = self.epoch(height)
        return epoch[-1] if epoch else None

    def epoch_of(self, block_hash: bytes) -> int | None:
        """Return the number of a block's epoch, None outside the past of the tip."""
        number = self._top_numbers.get(block_hash)
        if number is not None:
            return number
        number = self._trunk.numbers.get(block_hash)
        if number is not None:
            return number if number <= self._trunk_end else None  # else a later state's
        number = self._settled.number_of(block_hash)
        return number if number is not None and number <= self.era_genesis_height else None
