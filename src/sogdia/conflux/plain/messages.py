"""What the family's sync protocol says, as far as tests say it: a list in RLP, then its number.

Transactions inside a block are items of the list where they are lists themselves, and byte strings
where they have a type: ours keeps every one as a byte string, so bodies are turned both ways.
"""

from collections.abc import Sequence

from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.rlp import (
    Item,
    decode,
    encode,
    encode_integer,
    read_bytes,
    read_fixed,
    read_integer,
    read_list,
)

SYNC = b"cfx"
SYNC_VERSION = 3
HASHES_MAX = 512
HASH_BYTES = 32
NODE_TYPE_FULL = 1

STATUS, HEARTBEAT = 0x23, 0x24
NEW_BLOCK_HASHES, NEW_BLOCK = 0x01, 0x09
TRANSACTIONS = 0x02
GET_HEADERS, HEADERS = 0x05, 0x06
GET_BLOCKS, BLOCKS = 0x0C, 0x0D
GET_TERMINALS, TERMINALS = 0x0B, 0x0A
GET_EPOCH_HASHES, EPOCH_HASHES = 0x17, 0x04


def encode_message(number: int, item: Item) -> bytes:
    """Return the bytes of a message."""
    return encode(item) + bytes((number,))


def decode_message(data: bytes) -> tuple[int, Item]:
    """Return number and content of a message.

    Raises:
        InvalidMessage: it is empty, or no RLP.
    """
    try:
        return data[-1], decode(data[:-1], "message")
    except (IndexError, SogdiaError) as error:
        raise InvalidMessage("message", str(error)) from None


def hello_item(network_id: int, host: bytes, port: int) -> Item:
    """Return this side's hello: networks, protocols, where it listens, and no finality key."""
    number = encode_integer(port)
    return [
        encode_integer(network_id),
        [[SYNC, encode_integer(SYNC_VERSION)]],
        [host, number, number],
        b"",
    ]


def status_item(
    network_id: int, genesis: bytes, best_epoch: int, terminals: Sequence[bytes]
) -> Item:
    """Return this side's status."""
    return [
        [encode_integer(network_id)],
        genesis,
        encode_integer(best_epoch),
        encode_integer(NODE_TYPE_FULL),
        list(terminals),
    ]


def block_item(block: Block) -> Item:
    """Return a block as the family writes it."""
    transactions: list[Item] = [transaction_item(each.raw) for each in block.transactions]
    return [decode(block.header.encode()), transactions]


def read_block(item: Item, chain_id: int) -> Block:
    """Return a block of the family's.

    Raises:
        InvalidEncoding, MalformedBlock, InvalidBlockTransaction: what is wrong with it.
    """
    header, transactions = read_list(item, "block", 2)
    raws: list[Item] = [
        each if isinstance(each, bytes) else encode(each)
        for each in read_list(transactions, "transactions")
    ]
    return Block.decode(encode([header, raws]), chain_id)


def read_hashes(item: Item) -> list[bytes]:
    """Return hashes, as many as may be asked for at once.

    Raises:
        InvalidEncoding: it is no list of them.
        InvalidMessage: it is too long.
    """
    items = read_list(item, "hashes")
    if len(items) > HASHES_MAX:
        raise InvalidMessage("hashes", f"{len(items)}, at most {HASHES_MAX}")
    return [read_fixed(each, "hash", HASH_BYTES) for each in items]


def read_numbers(item: Item) -> list[int]:
    """Return epochs' numbers; raises as `read_hashes`."""
    items = read_list(item, "epochs")
    if len(items) > HASHES_MAX:
        raise InvalidMessage("epochs", f"{len(items)}, at most {HASHES_MAX}")
    return [read_integer(each, "epoch", 8) for each in items]


def read_transactions(item: Item) -> list[bytes]:
    """Return the raw transactions of a message that tells of some.

    Raises:
        InvalidEncoding: it is no list.
    """
    items = read_list(item, "transactions")
    return [each if isinstance(each, bytes) else encode(each) for each in items]


def read_request_id(item: Item) -> bytes:
    """Return the id of a request, to be sent back as it came."""
    return read_bytes(item, "request id")


def transaction_item(raw: bytes) -> Item:
    """Return a raw transaction as it stands in a block of the family's."""
    is_list = raw[:1] >= b"\xc0"
    return decode(raw) if is_list else raw
