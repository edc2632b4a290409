"""Every block that was made in a run: who made it, when, what it weighs on the wire, who has it.

For the record only: a node knows a block when a message brought it.
"""

from dataclasses import dataclass, field

from sogdia.ledger.primitives.block import Block

SHARES = (0.5, 0.9, 0.99)  # of the honest nodes: when so many had accepted a block
SHORT_ID_BYTES = 6
MESSAGE_BYTES = 60  # framing, TLS record and TCP header of a small message
TRANSACTION_FRAMING_BYTES = 3  # the length in front of each transaction of a body


@dataclass(slots=True, eq=False)
class MadeBlock:
    """One block, with its light model of transactions."""

    block: Block
    number: int
    """Order in which blocks were made: a block's is greater than those of its past."""
    maker: int
    at: int
    """When, in microseconds."""
    lots: tuple[int, ...]
    transactions: int
    transaction_bytes: int
    is_attack: bool
    audience: int
    """Honest nodes that a message from the maker can reach when the block is made."""
    hash: bytes = field(init=False)
    """The block's name."""
    header_bytes: int = field(init=False)
    """Size of the header on the wire."""
    compact_bytes: int = field(init=False)
    """Size as a compact block."""
    accepted_by: int = 0
    reached: list[int | None] = field(default_factory=lambda: [None] * len(SHARES))
    """Microseconds after which each of `SHARES` of its audience had accepted it."""

    def __post_init__(self) -> None:
        """Compute what every message asks for."""
        self.hash = self.block.hash
        self.header_bytes = len(self.block.header.encode())
        self.compact_bytes = MESSAGE_BYTES + self.header_bytes + SHORT_ID_BYTES * self.transactions

    @property
    def body_bytes(self) -> int:
        """Size of the transactions, framed."""
        return self.transactions * (self.transaction_bytes + TRANSACTION_FRAMING_BYTES)


class BlockRecord:
    """All blocks of a run, by hash and in the order in which they were made."""

    def __init__(self) -> None:
        self.made: list[MadeBlock] = []
        self._by_hash: dict[bytes, MadeBlock] = {}

    def add(self, made: MadeBlock) -> None:
        """Record a new block."""
        self.made.append(made)
        self._by_hash[made.hash] = made

    def get(self, block_hash: bytes) -> MadeBlock:
        """Return the record of a block that was made."""
        return self._by_hash[block_hash]

    def find(self, block_hash: bytes) -> MadeBlock | None:
        """Return the record of a block, None for the genesis."""
        return self._by_hash.get(block_hash)

    def note_accepted(self, made: MadeBlock, now: int) -> None:
        """Count one more honest node that accepted a block."""
        made.accepted_by += 1
        for place, share in enumerate(SHARES):
            if made.reached[place] is None and made.accepted_by >= share * made.audience:
                made.reached[place] = now - made.at
