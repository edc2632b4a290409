"""Addresses of Core Space as text, by the examples of CIP-37."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.conflux.addresses import (
    ALPHABET,
    InvalidCoreAddress,
    decode_address,
    encode_address,
)

# Two of the CIP's own examples, and one that the reference client's Python writes.
CONTRACT, USER = (
    "85d80245dc02f5a89589e1f19c5c718e405b56cd",
    "1a2f80341409639ea6a35bbcab8299066109aa55",
)
EXAMPLES = [
    (1029, CONTRACT, "CFX:ACC7UAWF5UBTNMEZVHU9DHC6SGHEA0403Y2DGPYFJP"),
    (1029, USER, "CFX:AARC9ABYCUE0HHZGYRR53M6CXEDGCCRMMYYBJGH4XG"),
    (1, USER, "CFXTEST:AARC9ABYCUE0HHZGYRR53M6CXEDGCCRMMY8M50BU1P"),
]


@pytest.mark.parametrize(("network", "address", "text"), EXAMPLES)
def test_the_examples_of_the_proposal(network: int, address: str, text: str) -> None:
    """Both ways; small letters and the type between are read too."""
    data = bytes.fromhex(address)
    assert encode_address(data, network) == text
    assert decode_address(text.lower(), network) == data
    prefix, _, digits = text.partition(":")
    assert decode_address(f"{prefix}:TYPE.USER:{digits}", network) == data


@given(st.binary(min_size=20, max_size=20), st.sampled_from([1, 10, 1029]))
def test_what_is_written_is_read(address: bytes, network: int) -> None:
    """Every address comes back, and no other network takes it."""
    text = encode_address(address, network)
    assert decode_address(text, network) == address
    with pytest.raises(InvalidCoreAddress):
        decode_address(text, network + 1)


@given(st.binary(min_size=20, max_size=20), st.integers(0, 41), st.integers(1, 31))
def test_one_wrong_digit_is_seen(address: bytes, place: int, shift: int) -> None:
    """The checksum sees any change of one digit."""
    prefix, _, digits = encode_address(address, 10).partition(":")
    wrong = ALPHABET[(ALPHABET.index(digits[place]) + shift) % 32]
    with pytest.raises(InvalidCoreAddress, match="checksum"):
        decode_address(f"{prefix}:{digits[:place]}{wrong}{digits[place + 1 :]}", 10)
