"""The bloom filter over logs: 2,048 bits, three per address or topic (yellow paper, 4.3.1).

A filter answers "perhaps" or "no". An epoch's stands, hashed, in the header five epochs later.
"""

from collections.abc import Iterable

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.log import Log

BLOOM_SIZE_BYTES = 256
EMPTY_BLOOM = bytes(BLOOM_SIZE_BYTES)


def bloom_of(logs: Iterable[Log]) -> bytes:
    """Return the filter over addresses and topics of `logs`."""
    bits = 0
    for log in logs:
        for value in (log.address, *log.topics):
            bits |= _bits_of(value)
    return bits.to_bytes(BLOOM_SIZE_BYTES, "big")


def may_contain(bloom: bytes, value: bytes) -> bool:
    """Tell whether logs under `bloom` may have the address or topic `value`; False is certain."""
    bits = _bits_of(value)
    return int.from_bytes(bloom, "big") & bits == bits


def _bits_of(value: bytes) -> int:
    digest = keccak256(value)
    bits = 0
    for start in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[start : start + 2], "big") & 2047)
    return bits
