"""The header of a block: what is hashed, worked on and sent first.

    H1  A header has one encoding; `Header.decode(h.encode()) == h`, and equal bytes, equal hash.
    H2  The problem hash covers everything but the nonce: work done on it cannot be moved.

On the wire: a list of the 14 fixed fields in the order below, then `[pos_reference]`, then
`[[core, espace]]` of the base price, each only if present, then the custom strings. The optional
ones differ in shape, so that absence needs no mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sogdia.ledger.primitives.errors import InvalidEncoding, MalformedBlock, WrongItemCount
from sogdia.ledger.primitives.hashing import HASH_SIZE_BYTES, keccak256
from sogdia.ledger.primitives.rlp import (
    Item,
    decode,
    encode,
    encode_integer,
    frame_list,
    read_bytes,
    read_fixed,
    read_flag,
    read_integer,
    read_list,
    split_list,
)

ADDRESS_SIZE_BYTES = 20
FIXED_FIELD_COUNT = 14
REFEREES_PLACE, NONCE_PLACE = 12, 13

# Widths of integers on the wire, in bytes.
_U32, _U64, _U256 = 4, 8, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Fields in wire order. Hashes are 32 bytes, times Unix seconds, prices drip per gas."""

    parent: bytes
    height: int
    timestamp: int
    author: bytes
    transactions_root: bytes
    deferred_state_root: bytes
    deferred_receipts_root: bytes
    deferred_logs_bloom_hash: bytes
    blame: int
    """How many ancestors, from the parent on, committed wrong roots."""
    difficulty: int
    is_adaptive: bool
    gas_limit: int
    referees: tuple[bytes, ...] = ()
    nonce: int = 0
    pos_reference: bytes | None = None
    base_price: tuple[int, int] | None = None
    """Base prices of Core Space and eSpace."""
    custom: tuple[bytes, ...] = ()

    # Made when first asked; of a decoded header the encoding is what it came from.
    _encoded: bytes | None = field(default=None, init=False, repr=False, compare=False)
    _hash: bytes | None = field(default=None, init=False, repr=False, compare=False)
    _problem_hash: bytes | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def hash(self) -> bytes:
        """The block's name: keccak of the encoded header."""
        if self._hash is None:
            object.__setattr__(self, "_hash", keccak256(self.encode()))
        assert self._hash is not None, "set one line above"
        return self._hash

    @property
    def problem_hash(self) -> bytes:
        """Keccak of the header without its nonce: what the work is done on."""
        if self._problem_hash is None:
            object.__setattr__(self, "_problem_hash", keccak256(_without_nonce(self.encode())))
        assert self._problem_hash is not None, "set one line above"
        return self._problem_hash

    def encode(self) -> bytes:
        """Return the header as it travels and is stored."""
        if self._encoded is None:
            fixed = b"".join(map(encode, self._fixed_fields()))
            optional = b"".join(map(encode, self._optional_fields()))
            nonce = encode(encode_integer(self.nonce))
            object.__setattr__(self, "_encoded", frame_list(fixed + nonce + optional))
        assert self._encoded is not None, "set one line above"
        return self._encoded

    @classmethod
    def decode(cls, data: bytes) -> "Header":
        """Read a header.

        Raises:
            MalformedBlock: its reason names the field and the rule.
        """
        try:
            header = header_from_item(decode(data, "header"))
        except InvalidEncoding as reason:
            raise MalformedBlock(reason=reason) from reason
        # What decoded is canonical, so that these bytes are the ones that `encode` would give.
        object.__setattr__(header, "_encoded", data)
        return header

    def _fixed_fields(self) -> list[Item]:
        return [
            self.parent,
            encode_integer(self.height),
            encode_integer(self.timestamp),
            self.author,
            self.transactions_root,
            self.deferred_state_root,
            self.deferred_receipts_root,
            self.deferred_logs_bloom_hash,
            encode_integer(self.blame),
            encode_integer(self.difficulty),
            encode_integer(self.is_adaptive),
            encode_integer(self.gas_limit),
            list(self.referees),
        ]

    def _optional_fields(self) -> list[Item]:
        fields: list[Item] = []
        if self.pos_reference is not None:
            fields.append([self.pos_reference])
        if self.base_price is not None:
            fields.append([[encode_integer(price) for price in self.base_price]])
        return fields + list(self.custom)


def _without_nonce(encoded: bytes) -> bytes:
    """Return the list of all other fields, encoded."""
    fields = split_list(encoded, "header")
    del fields[NONCE_PLACE]
    return frame_list(b"".join(fields))


def read_references(encoded: bytes) -> tuple[bytes, ...]:
    """Return parent and referees of a header that was accepted, without reading the rest of it."""
    fields = split_list(encoded, "header")
    # A hash is a byte of length and 32 bytes.
    return tuple(
        hash_[1:] for hash_ in (fields[0], *split_list(fields[REFEREES_PLACE], "referees"))
    )


def header_from_item(item: Item) -> Header:
    """Read a header from a decoded list.

    Raises:
        InvalidEncoding: the subclass is the rule, `field` the place.
    """
    fields = read_list(item, "header")
    if len(fields) < FIXED_FIELD_COUNT:
        raise WrongItemCount(field="header", expected=FIXED_FIELD_COUNT, actual=len(fields))
    pos_reference, base_price, custom = _read_optional(fields[FIXED_FIELD_COUNT:])
    referees = read_list(fields[REFEREES_PLACE], "referees")
    return Header(
        parent=read_fixed(fields[0], "parent", HASH_SIZE_BYTES),
        height=read_integer(fields[1], "height", _U64),
        timestamp=read_integer(fields[2], "timestamp", _U64),
        author=read_fixed(fields[3], "author", ADDRESS_SIZE_BYTES),
        transactions_root=read_fixed(fields[4], "transactions_root", HASH_SIZE_BYTES),
        deferred_state_root=read_fixed(fields[5], "deferred_state_root", HASH_SIZE_BYTES),
        deferred_receipts_root=read_fixed(fields[6], "deferred_receipts_root", HASH_SIZE_BYTES),
        deferred_logs_bloom_hash=read_fixed(fields[7], "deferred_logs_bloom_hash", HASH_SIZE_BYTES),
        blame=read_integer(fields[8], "blame", _U32),
        difficulty=read_integer(fields[9], "difficulty", _U256),
        is_adaptive=read_flag(fields[10], "is_adaptive"),
        gas_limit=read_integer(fields[11], "gas_limit", _U256),
        referees=tuple(read_fixed(referee, "referee", HASH_SIZE_BYTES) for referee in referees),
        nonce=read_integer(fields[13], "nonce", _U256),
        pos_reference=pos_reference,
        base_price=base_price,
        custom=custom,
    )


def _read_optional(
    items: Sequence[Item],
) -> tuple[bytes | None, tuple[int, int] | None, tuple[bytes, ...]]:
    rest = list(items)
    pos_reference = base_price = None
    if rest and isinstance(rest[0], list) and not _is_nested(rest[0]):
        (reference,) = read_list(rest.pop(0), "pos_reference", 1)
        pos_reference = read_fixed(reference, "pos_reference", HASH_SIZE_BYTES)
    if rest and isinstance(rest[0], list):
        (prices,) = read_list(rest.pop(0), "base_price", 1)
        core, espace = read_list(prices, "base_price", 2)
        base_price = (
            read_integer(core, "base_price.core", _U256),
            read_integer(espace, "base_price.espace", _U256),
        )
    return pos_reference, base_price, tuple(read_bytes(item, "custom") for item in rest)


def _is_nested(items: list[Item]) -> bool:
    return bool(items) and isinstance(items[0], list)
