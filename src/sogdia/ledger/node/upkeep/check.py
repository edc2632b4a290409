"""Whether a kept ledger is what it says: each block by its hash, each epoch by executing again."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sogdia.ledger.node.config import Config
from sogdia.ledger.node.errors import ReplayDiffers
from sogdia.ledger.node.parts import Parts, build_parts
from sogdia.ledger.node.upkeep.kept_blocks import count_blocks, decode_kept, read_blocks
from sogdia.ledger.node.upkeep.progress import Progress, in_silence


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in order: blocks, and epochs executed again."""

    blocks: int
    epochs: int


def check_blocks(parts: Parts, progress: Progress = in_silence) -> int:
    """Read every block, and check hash, transactions root and signatures; return how many.

    Raises:
        BlockDamaged: the first that is not what it should be, with its table.
    """
    store, total, count = parts.database.store, count_blocks(parts.database.store), 0
    for count, kept in enumerate(read_blocks(store), 1):
        decode_kept(kept, parts.params.chain_id, is_own=parts.params.consensus.takes_unsigned)
        progress(count, total)
    return count


def check_everything(
    config: Config, parts: Parts, scratch: Path, progress: Progress = in_silence
) -> Checked:
    """Build the ledger anew from its blocks in a folder under `scratch`, and compare every epoch.

    Each block passes every rule again and each epoch is executed again. The folder takes about the
    room of the ledger, and is removed.

    Raises:
        BlockDamaged: as `check_blocks`.
        ReplayDiffers: an epoch has other roots than were committed. On a development chain edits
            (`hardhat_setBalance` and its like) do that, since no block repeats them.
        InvalidBlock: a rule refuses a block that is kept.
    """
    store, total = parts.database.store, count_blocks(parts.database.store)
    moment = 0
    with tempfile.TemporaryDirectory(dir=scratch, prefix="check-") as folder:
        again = build_parts(config, parts.params, Path(folder) / "data", lambda: moment)
        with again.database:
            count = 0
            for count, kept in enumerate(read_blocks(store), 1):
                block = decode_kept(
                    kept, parts.params.chain_id, is_own=parts.params.consensus.takes_unsigned
                )
                # A block is judged at the moment that it claims: it was not from the future then.
                moment = max(moment, block.header.timestamp)
                if not again.consensus.has_block(block.hash):
                    again.ledger.submit(block)
                progress(count, total)
            return Checked(count, _compare(parts, again))


def _compare(parts: Parts, again: Parts) -> int:
    head, _ = parts.executor.head()
    for number in range(head + 1):
        committed, replayed = (each.executor.epoch_roots(number) for each in (parts, again))
        if committed != replayed:
            raise ReplayDiffers(number=number, committed=committed, replayed=replayed)
    return head
