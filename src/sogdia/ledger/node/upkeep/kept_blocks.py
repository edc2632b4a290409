"""The blocks that a data directory keeps, in their order of arrival, each checked as it is read.

K1  A block comes after its parent and its referees.
K2  What is yielded hashes to the name that it is kept under, body included.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sogdia.ledger.node.upkeep.errors import BlockDamaged
from sogdia.ledger.primitives.block import Block, decode_body, transactions_root
from sogdia.ledger.primitives.errors import InvalidBlockTransaction, InvalidEncoding, MalformedBlock
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.storage.table import Reader
from sogdia.ledger.storage.tables import bodies, headers
from sogdia.ledger.storage.tables.arrivals import Arrivals
from sogdia.ledger.storage.tables.bodies import Bodies
from sogdia.ledger.storage.tables.headers import Headers


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """A block as it is kept: its number of arrival, its hash, and the bytes of both halves."""

    number: int
    hash: bytes
    header: bytes
    body: bytes


def count_blocks(store: Reader) -> int:
    """Return how many blocks have arrived, genesis among them."""
    return Arrivals(store).next_number()


def read_blocks(store: Reader) -> Iterator[KeptBlock]:
    """Yield every kept block in its order of arrival, with the header's hash checked.

    Raises:
        BlockDamaged: a block is missing, or its header has another hash.
    """
    arrivals, header_table, body_table = Arrivals(store), Headers(store), Bodies(store)
    start = 0
    while page := arrivals.page(start):
        found = header_table.find_many([block for _, block in page])
        for (number, block), header in zip(page, found, strict=True):
            if header is None:
                raise _damaged(number, block, headers.TABLE.name, "it is not there")
            if keccak256(header) != block:
                raise _damaged(number, block, headers.TABLE.name, "its hash is another")
            body = body_table.find(block)
            if body is None:
                raise _damaged(number, block, bodies.TABLE.name, "it is not there")
            yield KeptBlock(number, block, header, body)
        start = page[-1][0] + 1


def decode_kept(kept: KeptBlock, chain_id: int, *, is_own: bool = False) -> Block:
    """Return the block with its senders, checked against its header's transactions root.

    Raises:
        BlockDamaged: header or body cannot be read, or they do not belong together.
    """
    try:
        header = Header.decode(kept.header)
    except InvalidEncoding as error:
        raise _damaged(kept.number, kept.hash, headers.TABLE.name, str(error)) from error
    try:
        transactions = decode_body(kept.body, chain_id, is_own=is_own)
    except (MalformedBlock, InvalidBlockTransaction) as error:
        raise _damaged(kept.number, kept.hash, bodies.TABLE.name, str(error)) from error
    if transactions_root(transactions) != header.transactions_root:
        detail = "its transactions have another root than the header says"
        raise _damaged(kept.number, kept.hash, bodies.TABLE.name, detail)
    return Block(header, transactions)


def _damaged(number: int, block: bytes, table: str, detail: str) -> BlockDamaged:
    return BlockDamaged(number=number, hash=block, table=table, detail=detail)
