"""RLP by the book: decode loosely, and accept only what encodes back to the same bytes."""

from typing import Any


class Refused(Exception):
    """Not the one encoding of anything."""


def encode(item: Any) -> bytes:
    """Encode bytes or a list, by appendix B of the yellow paper."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 128:
            return item
        return _with_length(item, 128)
    return _with_length(b"".join(encode(each) for each in item), 192)


def _with_length(payload: bytes, offset: int) -> bytes:
    if len(payload) < 56:
        return bytes([offset + len(payload)]) + payload
    digits = f"{len(payload):x}"
    digits = "0" * (len(digits) % 2) + digits
    return bytes([offset + 55 + len(digits) // 2]) + bytes.fromhex(digits) + payload


def decode(data: bytes) -> Any:
    """Decode one item that fills `data`."""
    item, rest = _take(data)
    if rest or encode(item) != data:
        raise Refused
    return item


def _take(data: bytes) -> tuple[Any, bytes]:
    if not data:
        raise Refused
    first = data[0]
    if first < 128:
        return data[:1], data[1:]
    offset = 128 if first < 192 else 192
    size, start = first - offset, 1
    if size > 55:
        start = 1 + size - 55
        size = int.from_bytes(data[1:start], "big")
    if len(data) < start + size:
        raise Refused
    payload, rest = data[start : start + size], data[start + size :]
    if offset == 128:
        return payload, rest
    items = []
    while payload:
        item, payload = _take(payload)
        items.append(item)
    return items, rest
