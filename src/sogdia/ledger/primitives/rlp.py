"""Recursive length prefix: a byte string, or a list of items (Ethereum yellow paper, appendix B).

    R1  Every value has one encoding, and nothing else decodes.
    R2  What decodes encodes to the same bytes.

Objects by the thousand (transactions) are read by the core; this serves headers and small things.
"""

from collections.abc import Sequence

from sogdia.ledger.primitives.errors import (
    IntegerTooLarge,
    InvalidFlag,
    NestingTooDeep,
    NonCanonicalByte,
    NonCanonicalLength,
    NonMinimalInteger,
    TrailingBytes,
    TruncatedInput,
    UnexpectedList,
    UnexpectedString,
    WrongItemCount,
    WrongLength,
)

Item = bytes | list["Item"]

DEPTH_MAX = 64  # the ledger's own objects reach 4; Python's stack allows about 1,000

_SHORT_MAX = 55
_STRING = 0x80
_LIST = 0xC0


def encode(item: Item | Sequence[Item]) -> bytes:
    """Encode a byte string, or a list or tuple of items."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < _STRING:
            return item
        return _prefix(len(item), _STRING) + item
    return frame_list(b"".join(map(encode, item)))


def frame_list(payload: bytes) -> bytes:
    """Frame items that are encoded already as one list."""
    return _prefix(len(payload), _LIST) + payload


def encode_integer(value: int) -> bytes:
    """Return the shortest big-endian bytes of `value`, none for zero: an item, not yet encoded."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _prefix(length: int, offset: int) -> bytes:
    if length <= _SHORT_MAX:
        return bytes((offset + length,))
    digits = encode_integer(length)
    return bytes((offset + _SHORT_MAX + len(digits),)) + digits


def decode(data: bytes, field: str = "input") -> Item:
    """Decode exactly one item that fills `data`; `field` names it in errors.

    Raises:
        TruncatedInput, TrailingBytes, NonCanonicalLength, NonCanonicalByte, NestingTooDeep.
    """
    item, end = _decode_at(data, 0, len(data), field, DEPTH_MAX)
    if end != len(data):
        raise TrailingBytes(field=field, count=len(data) - end)
    return item


def split_list(data: bytes, field: str = "input") -> list[bytes]:
    """Cut the one list that fills `data` into its items, each as it is encoded, not yet decoded.

    Raises:
        UnexpectedString, TruncatedInput, TrailingBytes, NonCanonicalLength: of the list, or of the
            length of an item; what the items contain is not looked at.
    """
    if data and data[0] < _LIST:
        raise UnexpectedString(field=field)
    start, end = _span(data, 0, len(data), field)
    if end != len(data):
        raise TrailingBytes(field=field, count=len(data) - end)
    items = []
    while start < end:
        _, stop = _span(data, start, end, field)
        items.append(data[start:stop])
        start = stop
    return items


def _span(data: bytes, start: int, limit: int, field: str) -> tuple[int, int]:
    """Return where the content of the item at `start` begins and ends."""
    if start >= limit:
        raise TruncatedInput(field=field, needed=1, available=0)
    prefix = data[start]
    if prefix < _STRING:
        return start, start + 1
    length, start = prefix - (_STRING if prefix < _LIST else _LIST), start + 1
    if length > _SHORT_MAX:
        length, start = _long_length(data, start, limit, length - _SHORT_MAX, field)
    if start + length > limit:
        raise TruncatedInput(field=field, needed=length, available=limit - start)
    return start, start + length


def _decode_at(data: bytes, start: int, limit: int, field: str, depth: int) -> tuple[Item, int]:
    if start >= limit:
        raise TruncatedInput(field=field, needed=1, available=0)
    prefix = data[start]
    start += 1
    if prefix < _STRING:
        return data[start - 1 : start], start
    offset = _STRING if prefix < _LIST else _LIST
    length = prefix - offset
    if length > _SHORT_MAX:
        length, start = _long_length(data, start, limit, length - _SHORT_MAX, field)
    end = start + length
    if end > limit:
        raise TruncatedInput(field=field, needed=length, available=limit - start)
    if offset == _STRING:
        if length == 1 and data[start] < _STRING:
            raise NonCanonicalByte(field=field, value=data[start])
        return data[start:end], end
    if not depth:
        raise NestingTooDeep(field=field, depth_max=DEPTH_MAX)
    items: list[Item] = []
    while start < end:
        item, start = _decode_at(data, start, end, field, depth - 1)
        items.append(item)
    return items, end


def _long_length(data: bytes, start: int, limit: int, size: int, field: str) -> tuple[int, int]:
    end = start + size
    if end > limit:
        raise TruncatedInput(field=field, needed=size, available=limit - start)
    length = int.from_bytes(data[start:end], "big")
    if not data[start] or length <= _SHORT_MAX:
        raise NonCanonicalLength(field=field)
    return length, end


# --- reading one field of a decoded list ------------------------------------------------------


def read_bytes(item: Item, field: str) -> bytes:
    """Return a byte string.

    Raises:
        UnexpectedList.
    """
    if isinstance(item, bytes):
        return item
    raise UnexpectedList(field=field)


def read_list(item: Item, field: str, count: int | None = None) -> list[Item]:
    """Return a list, of `count` items if given.

    Raises:
        UnexpectedString, WrongItemCount.
    """
    if isinstance(item, bytes):
        raise UnexpectedString(field=field)
    if count is not None and len(item) != count:
        raise WrongItemCount(field=field, expected=count, actual=len(item))
    return item


def read_fixed(item: Item, field: str, size: int) -> bytes:
    """Return a byte string of `size` bytes.

    Raises:
        UnexpectedList, WrongLength.
    """
    value = read_bytes(item, field)
    if len(value) != size:
        raise WrongLength(field=field, expected=size, actual=len(value))
    return value


def read_integer(item: Item, field: str, size_max: int) -> int:
    """Return an unsigned integer of at most `size_max` bytes.

    Raises:
        UnexpectedList, NonMinimalInteger, IntegerTooLarge.
    """
    value = read_bytes(item, field)
    if value[:1] == b"\0":
        raise NonMinimalInteger(field=field)
    if len(value) > size_max:
        raise IntegerTooLarge(field=field, size_bytes=len(value), size_bytes_max=size_max)
    return int.from_bytes(value, "big")


def read_flag(item: Item, field: str) -> bool:
    """Return whether an integer is 1.

    Raises:
        InvalidFlag, or what `read_integer` raises.
    """
    value = read_integer(item, field, 1)
    if value > 1:
        raise InvalidFlag(field=field, value=value)
    return bool(value)
