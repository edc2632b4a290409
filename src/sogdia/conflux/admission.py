"""How transfers of Core Space come into the pool, from callers and from plain peers.

Beside the pool's own rules the family has two for them: a least price, which each node sets, and a
bound on how far the epoch that a transfer names may be from the tip.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sogdia.conflux.errors import RefusedTransaction
from sogdia.conflux.transfers import CoreTransfer
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.primitives.errors import SogdiaError, UnknownTransactionType
from sogdia.ledger.primitives.rlp import decode, read_bytes, read_list
from sogdia.ledger.primitives.transaction import (
    CORE_TRANSFER_KIND,
    Transaction,
    decode_transaction,
)

EPOCH_BOUND = 100_000  # the family's own (protocol §3.1)
NO_CONTRACTS = "it makes or calls a contract, and Core Space has none on this node"
NONCE_BYTES_MAX = 8  # of an account; the family's is wider


@dataclass(frozen=True, slots=True)
class Admission:
    """The way into the pool. `on_writer` runs work on the ledger's thread."""

    parts: Parts
    on_writer: Callable[[Callable[[], Any]], Awaitable[Any]]
    price_min: int = 1
    epoch_bound: int = EPOCH_BOUND

    async def add(self, raw: bytes) -> bytes:
        """Take a signed transfer; return its hash once the pool has it.

        Raises:
            RefusedTransaction: in the family's words where a test compares them.
        """
        transaction = self._read(raw)
        (refusal,) = await self.on_writer(lambda: self.parts.pool.add([transaction]))
        if refusal is not None:
            raise RefusedTransaction(str(refusal))
        return transaction.hash

    def _read(self, raw: bytes) -> Transaction:
        try:
            _check_nonce(raw)
            transaction = decode_transaction(raw, self.parts.params.chain_id)
        except RefusedTransaction:
            raise
        except UnknownTransactionType as error:
            is_core = error.kind == CORE_TRANSFER_KIND
            raise RefusedTransaction(NO_CONTRACTS if is_core else str(error)) from None
        except SogdiaError as error:
            raise RefusedTransaction(str(error)) from None
        if transaction.kind != CORE_TRANSFER_KIND:
            raise RefusedTransaction("it is none of Core Space")
        self._check(CoreTransfer.read(raw))
        return transaction

    def _check(self, transfer: CoreTransfer) -> None:
        if transfer.gas_price < self.price_min:
            words = f"transaction gas price {transfer.gas_price} less than the minimum value"
            raise RefusedTransaction(f"{words} {self.price_min}")
        tip = self.parts.consensus.best_height()
        if abs(transfer.epoch_height - tip) > self.epoch_bound:
            words = f"epoch height {transfer.epoch_height} is out of bound: the tip is {tip}"
            raise RefusedTransaction(f"{words}, and {self.epoch_bound} apart are allowed")


def _check_nonce(raw: bytes) -> None:
    """Refuse a nonce that no account here can have, by the word that tests look for."""
    fields = read_list(decode(raw, "transfer"), "transfer")
    inner = fields[0] if fields and isinstance(fields[0], list) else []
    if inner and len(read_bytes(inner[0], "nonce")) > NONCE_BYTES_MAX:
        raise RefusedTransaction("TooLargeNonce")
