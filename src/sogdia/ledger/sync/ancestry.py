"""Which blocks a peer lacks, told from the pivot chains of both.

All blocks of epochs up to h lie in the past of the pivot block at h. So two nodes with the same
pivot block at h have the same epochs up to h, and what one of them lacks lies above.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.consensus.outlook import Outlook
from sogdia.ledger.network.errors import InvalidMessage, NotThere
from sogdia.ledger.network.messages import (
    EPOCH_HASHES_MAX,
    HASHES_MAX,
    EpochHashes,
    GetEpochHashes,
)
from sogdia.ledger.network.session import Session

LOCATOR_MAX = 32  # 2^32 epochs are more than a century at two a second
PROBES = 16  # epochs asked for at once: 2^32 epochs are searched in eight round trips
EPOCHS_TIMEOUT_S = 10.0  # an answer of 150 KB at the most; then the next peer is tried
SEARCH_MAX = 50_000  # blocks one request may make us walk: 0.6 s, and 0.1 s once they are held


def locator(outlook: Outlook) -> list[bytes]:
    """Return pivot blocks from the tip down, ever farther apart, and the first block.

    It goes below our checkpoint: a peer whose own is older may know nothing above.
    """
    hashes: list[bytes] = []
    height, step = outlook.best_height, 1
    while height > 0 and len(hashes) < LOCATOR_MAX - 1:
        pivot = outlook.pivot_at(height)
        if pivot is not None:
            hashes.append(pivot)
        height -= step
        step *= 2
    return [*hashes, outlook.pivot_at(0) or outlook.era_genesis]


def common_height(outlook: Outlook, known: Sequence[bytes]) -> int:
    """Return the height of the highest pivot block of ours among `known`."""
    epochs = [(hash_, outlook.epoch_of(hash_)) for hash_ in known]
    heights = [height for hash_, height in epochs if height and outlook.pivot_at(height) == hash_]
    return max(heights, default=0)


def past_beyond(
    consensus: Consensus, tips: Sequence[bytes], known: Sequence[bytes], count: int
) -> list[bytes]:
    """Return up to `count` blocks of the past of `tips` above what `known` implies, oldest first.

    A block follows everything it refers to, so the receiver can submit them as they come. Whoever
    has a block has its past: of long branches beside the pivot chain only that says what is there.

    When the search ends before it has come to what is known, the deepest blocks of its way are
    told, which the receiver cannot submit yet: it asks for the past of the first of them.
    """
    outlook = consensus.outlook()
    floor = common_height(outlook, known)

    def is_beyond(block_hash: bytes) -> bool:
        if not consensus.has_block(block_hash):
            return False
        epoch = outlook.epoch_of(block_hash)
        return epoch is None or epoch > floor

    ordered: list[bytes] = []
    entered = _past(known, is_beyond, consensus)
    stack = [(tip, False) for tip in reversed(tips)]
    while stack and len(ordered) < count and len(entered) < SEARCH_MAX:
        block_hash, is_done = stack.pop()
        if is_done:
            ordered.append(block_hash)
            continue
        if block_hash in entered or not is_beyond(block_hash):
            continue
        entered.add(block_hash)
        stack.append((block_hash, True))
        parent, *referees = consensus.references(block_hash)
        stack += [(reference, False) for reference in (*referees, parent)]
    if stack and not ordered:
        return [block_hash for block_hash, is_done in reversed(stack) if is_done][:count]
    return ordered


def _past(
    known: Iterable[bytes], is_beyond: Callable[[bytes], bool], consensus: Consensus
) -> set[bytes]:
    """Return the known blocks and their past, the nearest first where it is more than may be."""
    past = set(known)
    waiting = deque(past)
    while waiting and len(past) < SEARCH_MAX // 2:
        block_hash = waiting.popleft()
        if is_beyond(block_hash):
            fresh = [each for each in consensus.references(block_hash) if each not in past]
            past.update(fresh)
            waiting += fresh
    return past


async def find_fork_height(outlook: Outlook, session: Session, peer_best: int) -> int:
    """Return the greatest height at which the peer's pivot chain is still that of `outlook`.

    Raises:
        InvalidMessage: the peer does not share the checkpoint: it is on another ledger.
        NotThere: it does not tell of that height. NetworkError: it does not answer.
    """
    low = outlook.era_genesis_height
    (pivot,) = await _pivots(session, [low])
    if pivot is None:
        raise NotThere(f"the epoch of our checkpoint, height {low}")
    if pivot != outlook.era_genesis:
        reason = f"{pivot.hex()} at our checkpoint {outlook.era_genesis.hex()}, height {low}"
        raise InvalidMessage("epoch hashes", reason)
    return await search_fork_height(outlook, session, low, peer_best)


async def search_fork_height(outlook: Outlook, session: Session, low: int, peer_best: int) -> int:
    """Return the greatest height from `low` on, where the chains agree, up to which they do.

    Raises:
        InvalidMessage: the answer is none. NetworkError: there is no answer.
    """
    high = min(outlook.best_height, peer_best)
    while low < high:
        step = max(1, (high - low + PROBES - 1) // PROBES)
        heights = [*range(low + step, high, step), high]
        pivots = zip(heights, await _pivots(session, heights), strict=True)
        first_differing = next((h for h, pivot in pivots if pivot != outlook.pivot_at(h)), None)
        if first_differing is None:
            return high
        low = max((h for h in heights if h < first_differing), default=low)
        high = first_differing - 1
    return low


async def _pivots(session: Session, heights: list[int]) -> list[bytes | None]:
    """Ask for pivot blocks; `None` where the peer tells of none."""
    return [hashes[-1] if hashes else None for hashes in await ask_epochs(session, heights)]


async def ask_epochs(session: Session, numbers: list[int]) -> list[list[bytes]]:
    """Return what a peer says is in epochs, of each its blocks in order; empty: it has none.

    Raises:
        InvalidMessage: the answer is none. NetworkError: there is no answer.
    """
    answer = await session.request(
        partial(GetEpochHashes, epochs=numbers), timeout_s=EPOCHS_TIMEOUT_S
    )
    if not isinstance(answer, EpochHashes) or len(answer.epochs) != len(numbers):
        raise InvalidMessage("epoch hashes", f"{len(numbers)} epochs were asked for")
    count = sum(map(len, answer.epochs))
    if count >= EPOCH_HASHES_MAX + HASHES_MAX:
        raise InvalidMessage("epoch hashes", f"{count} blocks in one answer")
    return answer.epochs
