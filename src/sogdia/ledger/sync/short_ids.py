"""Six bytes that name a transaction to one node, under that node's own key."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sogdia.ledger.primitives.transaction import Transaction

HELD_MAX = 65_536  # more than the pool holds: what left it is forgotten in its turn
SHORT_ID_BYTES = 6  # 50,000 pooled transactions: one accidental collision in 200,000 look-ups


def short_id(key: bytes, transaction_hash: bytes) -> int:
    """Return the name of a transaction for the node whose key this is."""
    digest = hashlib.blake2b(transaction_hash, key=key, digest_size=SHORT_ID_BYTES).digest()
    return int.from_bytes(digest, "big")


@dataclass(slots=True)
class ShortIdIndex:
    """The transactions that came into a node's pool lately, by its own short ids.

    Those that were executed stay for a while: a late block still packs them.
    """

    key: bytes
    by_id: OrderedDict[int, Transaction] = field(default_factory=OrderedDict)

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Note transactions that came into the pool."""
        for transaction in transactions:
            self.by_id[short_id(self.key, transaction.hash)] = transaction
        while len(self.by_id) > HELD_MAX:
            self.by_id.popitem(last=False)

    def find(self, id_: int) -> Transaction | None:
        """Return the transaction of that name, if it is here."""
        return self.by_id.get(id_)

    def __contains__(self, id_: int) -> bool:
        """Return whether a transaction of that name is here."""
        return id_ in self.by_id
