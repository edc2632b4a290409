"""A block: a header and the transactions it packs.

On the wire `[header, [raw transaction, ...]]`, each transaction a byte string as it was signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sogdia._core import encode_body
from sogdia._core import transactions_root as _root_of
from sogdia.ledger.primitives.errors import (
    InvalidBlockTransaction,
    InvalidEncoding,
    InvalidTransaction,
    MalformedBlock,
    WrongItemCount,
)
from sogdia.ledger.primitives.header import Header, header_from_item
from sogdia.ledger.primitives.rlp import (
    Item,
    decode,
    frame_list,
    read_bytes,
    read_list,
    split_list,
)
from sogdia.ledger.primitives.transaction import Transaction, decode_own, decode_transactions

Decoder = Callable[[Sequence[bytes], int, int], Sequence[Transaction | InvalidTransaction]]


class Body(tuple[Transaction, ...]):
    """The transactions of a block, with what follows from all of them: found once, then kept."""

    @cached_property
    def root(self) -> bytes:
        """The simple-MPT root over the transactions' hashes."""
        return _root_of(self)

    @cached_property
    def size(self) -> int:
        """Bytes of the signed transactions, without framing."""
        return sum([transaction.size for transaction in self])


@dataclass(frozen=True, slots=True)
class Block:
    """A header with its body; nothing here checks that the one commits to the other."""

    header: Header
    transactions: tuple[Transaction, ...] = ()

    # Of a decoded block the bytes that it came from; the root when it was first asked for.
    _body: bytes | None = field(default=None, init=False, repr=False, compare=False)
    _root: bytes | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def hash(self) -> bytes:
        """The header's hash."""
        return self.header.hash

    @property
    def transactions_root(self) -> bytes:
        """The root that the header must carry for this body."""
        if self._root is None:
            object.__setattr__(self, "_root", transactions_root(self.transactions))
        assert self._root is not None, "set one line above"
        return self._root

    @property
    def body_size(self) -> int:
        """Bytes of the signed transactions, without framing: what the size limit bounds."""
        body = self.transactions
        return (body if type(body) is Body else Body(body)).size

    def encode(self) -> bytes:
        """Return the block as it travels."""
        # The header's bytes are an encoded list already: joined, not encoded again.
        return frame_list(self.header.encode() + self.encode_body())

    def encode_body(self) -> bytes:
        """Return the list of raw transactions, encoded."""
        return encode_body(self.transactions) if self._body is None else self._body

    @classmethod
    def of_body(cls, header: Header, data: bytes, chain_id: int) -> "Block":
        """Return the block of a header that was decoded before, from its encoded body.

        Raises:
            MalformedBlock, InvalidBlockTransaction: as `decode`.
        """
        block = cls(header, decode_body(data, chain_id))
        # What decoded is canonical, so that these bytes are the ones that would be encoded.
        object.__setattr__(block, "_body", data)
        return block

    @classmethod
    def decode(cls, data: bytes, chain_id: int, threads: int = 1) -> "Block":
        """Read a block, recovering its senders on at most `threads` threads.

        Raises:
            MalformedBlock: the encoding is broken; its reason says where.
            InvalidBlockTransaction: a transaction is; `index` says which, `reason` why.
        """
        try:
            header_item, body_item = read_list(decode(data, "block"), "block", 2)
            header = header_from_item(header_item)
            raws = _raws(body_item)
        except InvalidEncoding as reason:
            raise MalformedBlock(reason=reason) from reason
        return cls(header, _recovered(raws, chain_id, threads))


def split_block(data: bytes) -> tuple[bytes, bytes]:
    """Cut an encoded block into its header and its body, neither of them decoded.

    Raises:
        MalformedBlock: it is no list of two items.
    """
    try:
        items = split_list(data, "block")
        if len(items) != 2:
            raise WrongItemCount(field="block", expected=2, actual=len(items))
    except InvalidEncoding as reason:
        raise MalformedBlock(reason=reason) from reason
    return items[0], items[1]


def decode_body(
    data: bytes, chain_id: int, threads: int = 1, *, is_own: bool = False
) -> tuple[Transaction, ...]:
    """Read a list of raw transactions; `is_own` says that a development chain made them.

    Raises:
        MalformedBlock, InvalidBlockTransaction: as `Block.decode`.
    """
    try:
        raws = _raws(decode(data, "body"))
    except InvalidEncoding as reason:
        raise MalformedBlock(reason=reason) from reason
    return _recovered(raws, chain_id, threads, decode_own if is_own else decode_transactions)


def transactions_root(transactions: Sequence[Transaction]) -> bytes:
    """Return the simple-MPT root over the transactions' hashes, in block order."""
    return transactions.root if type(transactions) is Body else _root_of(transactions)


def _raws(item: Item) -> list[bytes]:
    return [read_bytes(raw, "transaction") for raw in read_list(item, "transactions")]


def _recovered(
    raws: list[bytes], chain_id: int, threads: int, decoder: Decoder = decode_transactions
) -> tuple[Transaction, ...]:
    transactions = []
    for index, result in enumerate(decoder(raws, chain_id, threads)):
        if isinstance(result, InvalidTransaction):
            raise InvalidBlockTransaction(index=index, reason=result) from result
        transactions.append(result)
    return Body(transactions)
