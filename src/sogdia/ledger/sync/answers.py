"""Answer what peers ask for, from what consensus holds.

A1  An answer is that of one state: while it is made, the writer may be taking blocks.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.consensus.outlook import Outlook
from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.messages import (
    EPOCH_HASHES_MAX,
    HASHES_MAX,
    TRANSACTION_BYTES_MAX,
    AnyMessage,
    Blocks,
    BlockTransactions,
    EpochHashes,
    GetBlocks,
    GetBlockTransactions,
    GetEpochHashes,
    GetHeaders,
    GetPast,
    GetTerminals,
    Headers,
    Message,
    Status,
    Terminals,
)
from sogdia.ledger.primitives.rlp import decode, frame_list, read_bytes, read_list
from sogdia.ledger.sync.ancestry import past_beyond

ANSWER_BYTES_MAX = limits.FRAME_BYTES_MAX - 4_096  # the frame, less the message's own framing


def status(outlook: Outlook) -> Status:
    """Return where we are."""
    return Status(outlook.best, outlook.best_height, list(outlook.terminals[-HASHES_MAX:]))


def find_answer(consensus: Consensus, message: AnyMessage) -> Message | None:
    """Return the answer to a question about blocks, `None` when it is no such question.

    Raises:
        InvalidMessage: no honest peer asks so.
    """
    answer: Message | None = None
    match message:
        case GetHeaders(request_id=id_, hashes=hashes):
            answer = Headers(id_, _headers(consensus, hashes))
        case GetPast(request_id=id_, tips=tips, known=known, count=count):
            answer = Headers(id_, _headers(consensus, past_beyond(consensus, tips, known, count)))
        case GetBlocks(request_id=id_, hashes=hashes):
            answer = Blocks(id_, _blocks(consensus, hashes))
        case GetEpochHashes(request_id=id_, epochs=epochs):
            answer = EpochHashes(id_, _epochs(consensus.outlook(), epochs))
        case GetTerminals(request_id=id_):
            answer = Terminals(id_, list(consensus.outlook().terminals[-HASHES_MAX:]))
        case GetBlockTransactions(request_id=id_, block=block_hash, places=places):
            answer = BlockTransactions(id_, _transactions(consensus, block_hash, places))
        case _:
            answer = None
    return answer


def fitting(items: Iterable[bytes]) -> list[bytes]:
    """Return as many of `items`, from the first on, as one answer holds."""
    taken: list[bytes] = []
    size = 0
    for item in items:
        size += len(item)
        if size > ANSWER_BYTES_MAX:
            break
        taken.append(item)
    return taken


def has_filled_a_frame(transactions: Sequence[bytes]) -> bool:
    """Return whether a peer may have more transactions, for which its answer had no room."""
    return sum(map(len, transactions)) > ANSWER_BYTES_MAX - TRANSACTION_BYTES_MAX


def check_places(places: Sequence[int]) -> None:
    """Pass places that rise strictly: one that is repeated would make an answer without end.

    Raises:
        InvalidMessage: they do not.
    """
    if any(place <= before for before, place in pairwise((-1, *places))):
        raise InvalidMessage("places", "they do not rise strictly")


def _headers(consensus: Consensus, hashes: Sequence[bytes]) -> list[bytes]:
    here = filter(consensus.has_block, hashes)
    return fitting(map(consensus.header_bytes, here))


def _blocks(consensus: Consensus, hashes: Sequence[bytes]) -> list[bytes]:
    here = filter(consensus.has_block, hashes)
    # From the bytes as they are stored: a block decoded again has every sender recovered again.
    return fitting(
        frame_list(consensus.header_bytes(hash_) + consensus.body_bytes(hash_)) for hash_ in here
    )


def _epochs(outlook: Outlook, numbers: Sequence[int]) -> list[list[bytes]]:
    """Return each epoch's blocks, the pivot last; empty for an epoch that is not here."""
    epochs: list[list[bytes]] = []
    room = EPOCH_HASHES_MAX
    for number in numbers:
        hashes = list(outlook.epoch(number)[-HASHES_MAX:]) if room > 0 else []
        room -= len(hashes)
        epochs.append(hashes)
    return epochs


def _transactions(consensus: Consensus, block_hash: bytes, places: Sequence[int]) -> list[bytes]:
    check_places(places)
    if not consensus.has_block(block_hash):
        return []
    items = read_list(decode(consensus.body_bytes(block_hash), "body"), "body")
    raws = [read_bytes(item, "transaction") for item in items]
    return [raws[place] for place in places if place < len(raws)]
