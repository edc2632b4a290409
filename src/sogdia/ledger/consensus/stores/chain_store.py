"""Headers and bodies on disk, with the headers read or written last in memory.

Any thread may read while the writer remembers blocks: each step on what is held is one operation of
the interpreter, and what was read of a stored block is true whenever it is put down.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Protocol

from sogdia.ledger.consensus.errors import UnknownBlock
from sogdia.ledger.primitives.block import Block, decode_body
from sogdia.ledger.primitives.header import Header, read_references
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.storage.table import Reader
from sogdia.ledger.storage.tables.bodies import Bodies
from sogdia.ledger.storage.tables.headers import Headers

HEADERS_HELD_MAX = 4_096  # about 2 KB each: 8 MB, the parents and referees of the last half hour
REFERENCES_HELD_MAX = 65_536  # 0.2 KB each: 13 MB, once a peer asks for a past longer than a search
BLOCKS_HELD_MAX = 64  # whole blocks wait here from acceptance to execution, with their senders


class HeaderReader(Protocol):
    """What rules may ask of stored headers."""

    def header(self, block_hash: bytes) -> Header:
        """Return a stored header.

        Raises:
            UnknownBlock: it is not stored.
        """


class ChainStore:
    """Stored headers and blocks. Only the pipeline calls `remember`."""

    def __init__(self, store: Reader, chain_id: int, *, is_own: bool = False) -> None:
        """`is_own` says that every block was made here, on a development chain."""
        self._is_own = is_own
        self._headers = Headers(store)
        self._bodies = Bodies(store)
        self._chain_id = chain_id
        self._recent: OrderedDict[bytes, Header] = OrderedDict()
        self._blocks: OrderedDict[bytes, Block] = OrderedDict()
        self._references: OrderedDict[bytes, tuple[bytes, ...]] = OrderedDict()

    def remember(self, block: Block) -> None:
        """Hold a block that was stored just now."""
        self._recent[block.hash] = block.header
        if len(self._recent) > HEADERS_HELD_MAX:
            self._recent.popitem(last=False)
        self._blocks[block.hash] = block
        if len(self._blocks) > BLOCKS_HELD_MAX:
            self._blocks.popitem(last=False)

    def forget(self, hashes: Iterable[bytes]) -> None:
        """Hold no longer what is not stored any more."""
        for block_hash in hashes:
            self._recent.pop(block_hash, None)
            self._blocks.pop(block_hash, None)
            self._references.pop(block_hash, None)

    def has(self, block_hash: bytes) -> bool:
        """Tell whether a block is stored."""
        return block_hash in self._recent or self._headers.find(block_hash) is not None

    def header(self, block_hash: bytes) -> Header:
        """Return a stored header.

        Raises:
            UnknownBlock: it is not stored.
        """
        header = self._recent.get(block_hash)
        if header is None:
            data = self._headers.find(block_hash)
            if data is None:
                raise UnknownBlock(hash=block_hash)
            header = self._recent[block_hash] = Header.decode(data)
            if len(self._recent) > HEADERS_HELD_MAX:
                self._recent.popitem(last=False)
        return header

    def header_bytes(self, block_hash: bytes) -> bytes:
        """Return a stored header as it was written.

        Raises:
            UnknownBlock: it is not stored.
        """
        header = self._recent.get(block_hash)
        data = self._headers.find(block_hash) if header is None else header.encode()
        if data is None:
            raise UnknownBlock(hash=block_hash)
        return data

    def references(self, block_hash: bytes) -> tuple[bytes, ...]:
        """Return parent and referees of a stored block; walks over many leave what is held of
        headers to the writer.

        Raises:
            UnknownBlock: it is not stored.
        """
        references = self._references.get(block_hash)
        if references is None:
            references = read_references(self.header_bytes(block_hash))
            self._references[block_hash] = references
            if len(self._references) > REFERENCES_HELD_MAX:
                self._references.popitem(last=False)
        return references

    def block(self, block_hash: bytes) -> Block:
        """Return a stored block with its transactions.

        Raises:
            UnknownBlock: it is not stored.
        """
        block = self._blocks.get(block_hash)
        if block is not None:
            return block
        header = self.header(block_hash)
        return Block(header, self._transactions(block_hash))

    def _transactions(self, block_hash: bytes) -> tuple[Transaction, ...]:
        return decode_body(self.body_bytes(block_hash), self._chain_id, is_own=self._is_own)

    def body_bytes(self, block_hash: bytes) -> bytes:
        """Return the encoded transactions of a stored block, as they were written.

        Raises:
            UnknownBlock: it is not stored.
        """
        body = self._bodies.find(block_hash)
        if body is None:
            raise UnknownBlock(hash=block_hash)
        return body
