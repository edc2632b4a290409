"""Proof of work in plain integers."""

from tests.reference.simple_mpt import keccak256


def pow_hash(problem_hash: bytes, nonce: int) -> bytes:
    """Return keccak(keccak(problem ‖ nonce little-endian) xor problem)."""
    inner = keccak256(problem_hash + nonce.to_bytes(32, "little"))
    mixed = int.from_bytes(inner, "big") ^ int.from_bytes(problem_hash, "big")
    return keccak256(mixed.to_bytes(32, "big"))


def lower_bound(nonce: int) -> int:
    """Return the upper 128 bits in place, without the first bit."""
    return ((nonce >> 128) % 2**127) << 128


def pow_quality(work: bytes, nonce: int) -> int:
    """Return 2^256 over the distance plus one, at most what 256 bits hold."""
    distance = (int.from_bytes(work, "big") - lower_bound(nonce)) % 2**256
    return min(2**256 // (distance + 1), 2**256 - 1)


def meets(work: bytes, nonce: int, difficulty: int) -> bool:
    """Tell whether the distance lies below 2^256 over the difficulty."""
    distance = (int.from_bytes(work, "big") - lower_bound(nonce)) % 2**256
    return difficulty <= 1 or distance * difficulty < 2**256 - 2**256 % difficulty
