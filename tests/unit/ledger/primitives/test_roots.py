"""The simple MPT equals its slow twin, and the constants of the reference harness."""

import pytest
from tests.reference import simple_mpt

from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.roots import merkle_root, receipts_root


def test_an_empty_list_has_the_null_root_of_the_harness() -> None:
    """The harness calls it NULL_ROOT: keccak of no bytes."""
    null_root = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert merkle_root([]).hex() == null_root
    assert EMPTY_KECCAK.hex() == null_root


def test_one_value_hangs_under_half_a_byte_of_path() -> None:
    """Written out by hand from the rule: leaf, then the path of one nibble, no root above it."""
    leaf = keccak256(b"n" + EMPTY_KECCAK * 16 + b"v" + b"value")
    assert merkle_root([b"value"]) == keccak256(bytes((128 + 64 + 1, 0)) + leaf)


@pytest.mark.parametrize(
    "count", [1, 2, 3, 15, 16, 17, 18, 31, 32, 33, 200, 255, 256, 257, 258, 300, 511, 513, 4096]
)
def test_the_core_equals_the_slow_twin(count: int) -> None:
    """Around every count at which the trie changes shape."""
    values = [keccak256(index.to_bytes(4, "big"))[: index % 33] for index in range(count)]
    assert merkle_root(values) == simple_mpt.merkle_root(values)


@pytest.mark.full
@pytest.mark.parametrize("count", [4097, 65_535, 65_536, 65_537])
def test_three_byte_keys_equal_the_slow_twin(count: int) -> None:
    """A block cannot hold so many; the rule is stated for any count."""
    values = [index.to_bytes(4, "big") for index in range(count)]
    assert merkle_root(values) == simple_mpt.merkle_root(values)


def test_an_epoch_has_a_root_over_the_roots_of_its_blocks() -> None:
    """A block without receipts counts: it holds its place."""
    blocks = [[b"a", b"b"], [], [b"c"]]
    assert receipts_root(blocks) == simple_mpt.merkle_root(
        [simple_mpt.merkle_root(block) for block in blocks]
    )
    assert receipts_root([[b"a"], []]) != receipts_root([[b"a"]])
