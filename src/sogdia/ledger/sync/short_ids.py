"""Six bytes that name a transaction to one node, under that node's own key."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from sogdia.ledger.primitives.transaction import Transaction

SHORT_ID_BYTES = 6  # 50,000 pooled transactions: one accidental collision in 200,000 look-ups


def short_id(key: bytes, transaction_hash: bytes) -> int:
    """Return the name of a transaction for the node whose key this is."""
    digest = hashlib.blake2b(transaction_hash, key=key, digest_size=SHORT_ID_BYTES).digest()
    return int.from_bytes(digest, "big")


@dataclass(slots=True)
class ShortIdIndex:
    """The transactions that a node holds, by its own short ids."""

    key: bytes
    by_id: dict[int, Transaction] = field(default_factory=dict)

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Note transactions that came into the pool."""
        for transaction in transactions:
            self.by_id[short_id(self.key, transaction.hash)] = transaction

    def discard(self, hashes: Iterable[bytes]) -> None:
        """Forget transactions that left the pool for good."""
        for transaction_hash in hashes:
            self.by_id.pop(short_id(self.key, transaction_hash), None)

    def find(self, id_: int) -> Transaction | None:
        """Return the transaction of that name, if it is here."""
        return self.by_id.get(id_)

    def __contains__(self, id_: int) -> bool:
        """Return whether a transaction of that name is here."""
        return id_ in self.by_id
