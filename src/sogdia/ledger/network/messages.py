"""What two nodes say to each other.

    M1  A message is one byte string with one meaning: MessagePack arrays tagged by a number;
        unknown tags, missing and additional fields are refused.
    M2  Every list and every string has a length that the decoder checks.

The set is the protocol family's sync protocol (status, heartbeat, hashes, headers, blocks, compact
blocks, terminals, epochs' hashes, transactions by short id) with the family's numbers as tags.
Blocks, headers and transactions inside are in their consensus encoding and are decoded by whoever
asked for them.
"""

from typing import Annotated

import msgspec

from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.record import RECORD_BYTES_MAX

PROTOCOL_VERSION = 1
HASHES_MAX = 512  # a request for headers: 512 × 32 bytes out, at most 512 × 8 KiB back: one frame
EPOCH_HASHES_MAX = 8 * HASHES_MAX  # of all epochs in an answer; one more epoch may go beyond
BODIES_MAX = 16  # 16 × 200 KiB = 3.2 MiB: one frame
HEADER_BYTES_MAX = 8_192  # 200 referees of 33 bytes are 6.6 KiB, the fixed fields below 0.6 KiB
BLOCK_BYTES_MAX = 256 * 1024  # 200 KiB of transactions, a header, and RLP's own lengths
TRANSACTION_BYTES_MAX = 128 * 1024  # the pool's limit for one transaction
TRANSACTIONS_MAX = 1_024  # one answer; with the frame's limit, 4 KiB each on average
SHORT_IDS_MAX = 10_000  # 200 KiB hold fewer than 2,000 transfers; a batch of announcements
RECORDS_MAX = 32

Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Hashes = Annotated[list[Hash], msgspec.Meta(max_length=HASHES_MAX)]
ShortId = Annotated[int, msgspec.Meta(ge=0, lt=2**48)]
Key = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
RequestId = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
Height = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
HeaderBytes = Annotated[bytes, msgspec.Meta(max_length=HEADER_BYTES_MAX)]
BlockBytes = Annotated[bytes, msgspec.Meta(max_length=BLOCK_BYTES_MAX)]
TransactionBytes = Annotated[bytes, msgspec.Meta(max_length=TRANSACTION_BYTES_MAX)]
Words = Annotated[str, msgspec.Meta(max_length=256)]


class Message(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What is sent; the subclasses are the protocol."""


class Hello(Message, tag=0x80, frozen=True):
    """The first message of each side.

    `short_id_key` is chosen by its sender: whoever names a transaction to it by short id uses this
    key, so the receiver hashes each transaction it holds once and not once per peer or block, and
    nobody can prepare two transactions that collide for everyone (docs/adr/0091).
    """

    version: Annotated[int, msgspec.Meta(ge=0, lt=2**16)]
    network_id: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    genesis: Hash
    agent: Words
    listen_port: Annotated[int, msgspec.Meta(ge=0, lt=65536)]
    short_id_key: Key = bytes(16)


class Disconnect(Message, tag=0x01, frozen=True):
    """The last message, with the reason."""

    reason: Words


class Status(Message, tag=0x23, frozen=True):
    """Where the sender is: its best block and the blocks nobody refers to yet."""

    best: Hash
    best_height: Height
    terminals: Hashes


class Heartbeat(Message, tag=0x24, frozen=True):
    """Nothing new; the sender is alive."""


class GetHeaders(Message, tag=0x05, frozen=True):
    """Ask for headers by hash."""

    request_id: RequestId
    hashes: Hashes


class Headers(Message, tag=0x06, frozen=True):
    """Answer `GetHeaders`: those that the sender has, in the order asked."""

    request_id: RequestId
    headers: Annotated[list[HeaderBytes], msgspec.Meta(max_length=HASHES_MAX)]


class GetPast(Message, tag=0x30, frozen=True):
    """Ask for headers of the past of `tips` that is not in the past of `known`."""

    request_id: RequestId
    tips: Hashes
    known: Hashes
    count: Annotated[int, msgspec.Meta(ge=1, le=HASHES_MAX)]


class GetEpochHashes(Message, tag=0x17, frozen=True):
    """Ask for the blocks of epochs, by number."""

    request_id: RequestId
    epochs: Annotated[list[Height], msgspec.Meta(max_length=HASHES_MAX)]


class EpochHashes(Message, tag=0x04, frozen=True):
    """Answer `GetEpochHashes`: per epoch its blocks in order, the pivot last."""

    request_id: RequestId
    epochs: Annotated[list[Hashes], msgspec.Meta(max_length=HASHES_MAX)]


class GetBlocks(Message, tag=0x0C, frozen=True):
    """Ask for whole blocks by hash."""

    request_id: RequestId
    hashes: Annotated[list[Hash], msgspec.Meta(max_length=BODIES_MAX)]


class Blocks(Message, tag=0x0D, frozen=True):
    """Answer `GetBlocks`: those that the sender has, as many as fit in a frame."""

    request_id: RequestId
    blocks: Annotated[list[BlockBytes], msgspec.Meta(max_length=BODIES_MAX)]


class GetTerminals(Message, tag=0x0B, frozen=True):
    """Ask for the blocks that nobody refers to yet."""

    request_id: RequestId


class Terminals(Message, tag=0x0A, frozen=True):
    """Answer `GetTerminals`."""

    request_id: RequestId
    hashes: Hashes


class NewBlockHashes(Message, tag=0x01 + 0x100, frozen=True):
    """Announce blocks that the sender has."""

    hashes: Hashes


class CompactBlock(Message, tag=0x10, frozen=True):
    """A new block whose transactions the receiver probably has.

    Short ids are under the receiver's key; `given` are (place, transaction) that it cannot have.
    """

    header: HeaderBytes
    short_ids: Annotated[list[ShortId], msgspec.Meta(max_length=SHORT_IDS_MAX)]
    given: Annotated[
        list[tuple[Annotated[int, msgspec.Meta(ge=0, lt=SHORT_IDS_MAX)], TransactionBytes]],
        msgspec.Meta(max_length=TRANSACTIONS_MAX),
    ]


class GetBlockTransactions(Message, tag=0x11, frozen=True):
    """Ask for the transactions of a block by their places, strictly rising."""

    request_id: RequestId
    block: Hash
    places: Annotated[list[int], msgspec.Meta(max_length=SHORT_IDS_MAX)]


class BlockTransactions(Message, tag=0x12, frozen=True):
    """Answer `GetBlockTransactions`, in the order asked."""

    request_id: RequestId
    transactions: Annotated[list[TransactionBytes], msgspec.Meta(max_length=SHORT_IDS_MAX)]


class TransactionIds(Message, tag=0x14, frozen=True):
    """Announce transactions by short id under the receiver's key; a request names `batch`."""

    batch: RequestId
    short_ids: Annotated[list[ShortId], msgspec.Meta(max_length=SHORT_IDS_MAX)]


class GetTransactions(Message, tag=0x15, frozen=True):
    """Ask for transactions of an announced batch by their places, strictly rising."""

    request_id: RequestId
    batch: RequestId
    places: Annotated[list[int], msgspec.Meta(max_length=TRANSACTIONS_MAX)]


class Transactions(Message, tag=0x16, frozen=True):
    """Answer `GetTransactions`, in the order asked, as many as fit in a frame."""

    request_id: RequestId
    transactions: Annotated[list[TransactionBytes], msgspec.Meta(max_length=TRANSACTIONS_MAX)]


class GetPeers(Message, tag=0x31, frozen=True):
    """Ask for addresses of other nodes."""

    request_id: RequestId


class Peers(Message, tag=0x32, frozen=True):
    """Answer `GetPeers`: signed records."""

    request_id: RequestId
    records: Annotated[
        list[Annotated[bytes, msgspec.Meta(max_length=RECORD_BYTES_MAX)]],
        msgspec.Meta(max_length=RECORDS_MAX),
    ]


AnyMessage = (
    Hello
    | Disconnect
    | Status
    | Heartbeat
    | GetHeaders
    | Headers
    | GetPast
    | GetEpochHashes
    | EpochHashes
    | GetBlocks
    | Blocks
    | GetTerminals
    | Terminals
    | NewBlockHashes
    | CompactBlock
    | GetBlockTransactions
    | BlockTransactions
    | TransactionIds
    | GetTransactions
    | Transactions
    | GetPeers
    | Peers
)

# The messages that answer a request, by its id.
Answer = Headers | EpochHashes | Blocks | Terminals | BlockTransactions | Transactions | Peers

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(type=AnyMessage)


def encode(message: Message) -> bytes:
    """Return the frame that carries `message`."""
    return _encoder.encode(message)


def decode(frame: bytes) -> AnyMessage:
    """Return the message in `frame`.

    Raises:
        InvalidMessage: the bytes are no message, or one of its fields is out of bounds.
    """
    try:
        message: AnyMessage = _decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidMessage("message", str(error)) from None
    return message
