"""A block for a peer that probably has its transactions: the header and six bytes for each.

C1  A rebuilt block has exactly the header's transactions root, or the whole block is fetched: a
    collision of short ids costs a round trip and never a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.messages import CompactBlock
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions
from sogdia.ledger.sync.short_ids import ShortIdIndex, short_id


def build_compact(block: Block, receiver_key: bytes) -> CompactBlock:
    """Return `block` in the short ids of one receiver."""
    return CompactBlock(
        header=block.header.encode(),
        short_ids=[short_id(receiver_key, t.hash) for t in block.transactions],
        given=[],
    )


@dataclass(slots=True)
class Rebuilding:
    """A compact block that is being filled; `places` that are `None` are missing."""

    header: Header
    places: list[Transaction | None]

    @property
    def missing(self) -> list[int]:
        """The places still empty, rising."""
        return [place for place, found in enumerate(self.places) if found is None]

    def fill(self, transactions: Sequence[Transaction]) -> None:
        """Put what was asked for into the missing places, in order.

        Raises:
            InvalidMessage: another number of transactions came than was asked for.
        """
        missing = self.missing
        if len(transactions) != len(missing):
            reason = f"{len(transactions)} transactions came, {len(missing)} were asked for"
            raise InvalidMessage("block transactions", reason)
        for place, transaction in zip(missing, transactions, strict=True):
            self.places[place] = transaction

    def block(self) -> Block | None:
        """Return the block, or `None` when it is not the one of the header (C1)."""
        transactions = tuple(found for found in self.places if found is not None)
        block = Block(self.header, transactions)
        if len(transactions) != len(self.places):
            return None
        return block if block.transactions_root == self.header.transactions_root else None


def start_rebuilding(
    header: Header, message: CompactBlock, held: ShortIdIndex, given: Sequence[Transaction]
) -> Rebuilding:
    """Return what the pool gives for a compact block, with the `given` transactions of it.

    Raises:
        InvalidMessage: a given place is out of order or range.
    """
    places = [held.find(id_) for id_ in message.short_ids]
    last = -1
    for (place, _), transaction in zip(message.given, given, strict=True):
        if not last < place < len(places):
            raise InvalidMessage("compact block", f"place {place} after {last} of {len(places)}")
        last = place
        places[place] = transaction
    return Rebuilding(header, places)


def decode_all(raws: Sequence[bytes], chain_id: int) -> list[Transaction]:
    """Decode transactions that must all be well-formed.

    Raises:
        InvalidMessage: one is not.
    """
    transactions = []
    for result in decode_transactions(raws, chain_id):
        if not isinstance(result, Transaction):
            raise InvalidMessage("transaction", str(result))
        transactions.append(result)
    return transactions
