"""Broken bytes: nothing crashes, each refusal is typed, and what is accepted is canonical."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.reference import rlp as rlp_twin
from tests.reference import transaction as twin
from tests.unit.ledger.primitives.blocks import HEADERS, block
from tests.unit.ledger.primitives.signing import ALL_KINDS, CHAIN_ID, core_transfer

from sogdia.ledger.primitives import rlp
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import (
    InvalidBlock,
    InvalidEncoding,
    InvalidTransaction,
    SogdiaError,
)
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions

RAWS = [*ALL_KINDS.values(), core_transfer()]
ITEMS = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=5))


@st.composite
def mutated(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """Return one of `originals` with a few bytes changed, put in, taken out or cut off."""
    data = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        how = draw(st.sampled_from(["set", "insert", "delete", "cut", "bump"]))
        if how == "cut":
            del data[place:]
        elif how == "insert":
            data[place:place] = draw(st.binary(min_size=1, max_size=3))
        elif place < len(data) and how == "set":
            data[place] = draw(st.integers(0, 255))
        elif place < len(data) and how == "bump":
            data[place] = (data[place] + draw(st.sampled_from([-1, 1]))) % 256
        elif how == "delete":
            del data[place : place + 1]
    return bytes(data)


@given(ITEMS)
def test_an_item_survives_and_equals_the_twin(item: rlp.Item) -> None:
    """Both encoders, both decoders."""
    encoded = rlp.encode(item)
    assert encoded == rlp_twin.encode(item)
    assert rlp.decode(encoded) == item == rlp_twin.decode(encoded)


@given(mutated([rlp_twin.encode([b"a" * 60, [b"", b"\x01"], [[]]]), b"\xb8\x38" + b"x" * 56]))
@example(b"\xb8\x37" + b"x" * 55)
@example(b"\x81\x7f")
@example(b"\xbf" + b"\xff" * 8)
@example(b"\xc0" * 2)
def test_bytes_are_accepted_exactly_when_the_twin_accepts_them(data: bytes) -> None:
    """The twin accepts what it encodes back to the same bytes: that is the definition."""
    expected: Any
    try:
        expected = rlp_twin.decode(data)
    except rlp_twin.Refused:
        with pytest.raises(InvalidEncoding):
            rlp.decode(data)
    else:
        assert rlp.decode(data) == expected


def test_nesting_is_bounded() -> None:
    """A megabyte of opening lists costs neither stack nor memory."""
    deep = b""
    for _ in range(rlp.DEPTH_MAX + 2):
        deep = rlp.frame_list(deep)
    with pytest.raises(InvalidEncoding, match="nested deeper than"):
        rlp.decode(deep)
    with pytest.raises(InvalidEncoding):
        rlp.decode(b"\xc1" * 1_000_000)


def compare(raw: bytes) -> None:
    """Assert that core and twin agree on one transaction."""
    (ours,) = decode_transactions([raw], CHAIN_ID)
    try:
        theirs = twin.read(raw, CHAIN_ID)
    except rlp_twin.Refused:
        assert isinstance(ours, InvalidTransaction), raw.hex()
        assert str(ours)
        return
    assert isinstance(ours, Transaction), (raw.hex(), ours)
    assert ours.raw == raw
    seen = {
        "nonce": ours.nonce,
        "cap": ours.max_fee_per_gas,
        "tip": ours.max_priority_fee_per_gas,
        "gas_limit": ours.gas_limit,
        "to": ours.to,
        "value": ours.value,
        "data": ours.data,
        "access_list": list(ours.access_list),
        "chain_id": ours.chain_id,
        "parity": ours.y_parity,
        "r": ours.r,
        "s": ours.s,
        "sender": ours.sender,
        "hash": ours.hash,
        "kind": ours.kind,
    }
    assert seen == theirs


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_transaction_of_each_kind_equals_the_twin(kind: str) -> None:
    """Every field."""
    compare(ALL_KINDS[kind])


@settings(max_examples=600)
@given(mutated(RAWS))
def test_a_mutated_transaction_is_judged_as_by_the_twin(raw: bytes) -> None:
    """Accepted or refused by both, with equal fields."""
    compare(raw)


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["nonce", "gas_price", "gas", "value", "storage_limit", "chain_id"]),
        st.integers(0, 2**65) | st.sampled_from([CHAIN_ID, 2**64 - 2, 2**256 - 1]),
        max_size=2,
    ),
    st.sampled_from([b"\x1a" * 20, b"\x8a" * 20, b"", bytes(20), b"\x1a" * 19]),
    st.sampled_from([b"", b"\x01"]),
)
@example({}, b"\x1a" * 20, b"")
def test_a_transfer_of_core_space_is_judged_as_by_the_twin(
    numbers: dict[str, int], to: bytes, data: bytes
) -> None:
    """Signed rightly, with fields in and out of bounds."""
    compare(core_transfer(**numbers, to=to, data=data))


@st.composite
def rearranged(draw: st.DrawFn) -> bytes:
    """Return a well-encoded list whose fields are those of a transaction, some of them replaced."""
    raw = draw(st.sampled_from(RAWS))
    prefix = raw[:1] if raw[0] < 0x80 else b""
    fields: Any = rlp.decode(raw[len(prefix) :])
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(fields) - 1))
        numbers = st.integers(0, 2**260).map(rlp.encode_integer)
        edges = st.sampled_from([2**64 - 2, 2**64 - 1, 2**64, 2**256 - 1, 27, 28, 35, 49, 50])
        odd = st.sampled_from([b"", b"\0", b"\0\1", [], [b""], bytes(19), bytes(20), bytes(21)])
        fields[place] = draw(numbers | edges.map(rlp.encode_integer) | odd)
    if draw(st.integers(0, 9)) == 0:
        fields = draw(st.sampled_from([fields[:-1], [*fields, b""]]))
    return prefix + rlp.encode(fields)


@settings(max_examples=600)
@given(rearranged())
def test_a_transaction_with_other_fields_is_judged_as_by_the_twin(raw: bytes) -> None:
    """Boundary values in every place: the encoding is right, what it says may not be."""
    compare(raw)


@settings(max_examples=300)
@given(mutated([header.encode() for header in HEADERS]))
def test_a_mutated_header_is_refused_or_canonical(data: bytes) -> None:
    """What decodes encodes to the same bytes, and hashes as they do."""
    try:
        header = Header.decode(data)
    except InvalidBlock as refusal:
        assert str(refusal)
        return
    assert header.encode() == data
    fresh = Header.decode(data)
    assert fresh.hash == header.hash


@settings(max_examples=300)
@given(mutated([block().encode()]))
def test_a_mutated_block_is_refused_or_canonical(data: bytes) -> None:
    """Broken framing, a broken header or a broken transaction: always a typed error."""
    try:
        decoded = Block.decode(data, CHAIN_ID)
    except SogdiaError as refusal:
        assert isinstance(refusal, InvalidBlock)
        assert str(refusal)
        return
    assert decoded.encode() == data
