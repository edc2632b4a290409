"""Keccak-256 against another implementation."""

from Crypto.Hash import keccak
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.primitives.hashing import keccak256


@given(st.binary(max_size=600))
def test_the_core_hashes_like_pycryptodome(data: bytes) -> None:
    """Short of a block, a block, several blocks of the sponge (136 bytes)."""
    assert keccak256(data) == keccak.new(digest_bits=256, data=data).digest()


def test_the_edges_of_a_sponge_block_are_right() -> None:
    """Padding is where implementations differ."""
    for size in (0, 1, 135, 136, 137, 271, 272, 273, 100_000):
        data = bytes(size)
        assert keccak256(data) == keccak.new(digest_bits=256, data=data).digest()
