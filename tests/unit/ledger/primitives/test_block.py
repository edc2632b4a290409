"""Headers and blocks on the wire, and each broken field its own error."""

from dataclasses import replace
from typing import Any

import pytest
from tests.reference import rlp as twin
from tests.reference.simple_mpt import keccak256, merkle_root
from tests.unit.ledger.primitives.blocks import HEADERS, PLAIN, block
from tests.unit.ledger.primitives.signing import CHAIN_ID, sign

from sogdia.ledger.primitives import errors
from sogdia.ledger.primitives.block import (
    Block,
    decode_body,
    encode_body,
    split_block,
    transactions_root,
)
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import measure_body


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_survives_and_is_named_by_its_bytes(header: Header) -> None:
    """Hash of all, problem hash of all but the nonce."""
    data = header.encode()
    decoded = Header.decode(data)
    assert decoded == header
    assert decoded.hash == header.hash == keccak256(data)
    fields: Any = twin.decode(data)
    assert header.problem_hash == keccak256(twin.encode(fields[:13] + fields[14:]))
    assert decoded.problem_hash == header.problem_hash


def test_the_wire_order_is_the_protocols() -> None:
    """Fourteen fields, then what is optional, each in its shape."""
    fields: Any = twin.decode(HEADERS[3].encode())
    assert [fields[place] for place in (0, 1, 3, 8, 10, 12)] == [
        b"\x01" * 32,
        b"\x01\x2c",
        b"\x02" * 20,
        b"",
        b"",
        [],
    ]
    assert fields[14:] == [[b"\x07" * 32], [[b"", b""]], b"", b"four" * 8]


def test_work_on_one_header_is_no_work_on_another() -> None:
    """The problem hash covers every field but the nonce."""
    assert replace(PLAIN, nonce=1).problem_hash == PLAIN.problem_hash
    assert replace(PLAIN, nonce=1).hash != PLAIN.hash
    changes: list[dict[str, Any]] = [
        {"parent": bytes(32)},
        {"height": 1},
        {"blame": 1},
        {"is_adaptive": True},
        {"referees": (bytes(32),)},
        {"pos_reference": bytes(32)},
        {"base_price": (0, 0)},
        {"custom": (b"\x04",)},
    ]
    hashes = {replace(PLAIN, **change).problem_hash for change in changes}
    assert len(hashes | {PLAIN.problem_hash}) == 1 + len(changes)


BROKEN: dict[str, tuple[int, Any, type[errors.InvalidEncoding], str]] = {
    "short parent": (0, b"\x01" * 31, errors.WrongLength, "parent"),
    "list for height": (1, [], errors.UnexpectedList, "height"),
    "leading zero": (2, b"\x00\x01", errors.NonMinimalInteger, "timestamp"),
    "wide height": (1, b"\x01" * 9, errors.IntegerTooLarge, "height"),
    "long author": (3, b"\x01" * 21, errors.WrongLength, "author"),
    "wide blame": (8, b"\x01" * 5, errors.IntegerTooLarge, "blame"),
    "adaptive of two": (10, b"\x02", errors.InvalidFlag, "is_adaptive"),
    "string for referees": (12, b"\x01", errors.UnexpectedString, "referees"),
    "short referee": (12, [b"\x01"], errors.WrongLength, "referee"),
    "wide nonce": (13, b"\x01" * 33, errors.IntegerTooLarge, "nonce"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_each_broken_field_is_named(why: str) -> None:
    """By the rule and the place."""
    place, value, kind, field = BROKEN[why]
    fields: Any = twin.decode(PLAIN.encode())
    fields[place] = value
    with pytest.raises(errors.MalformedBlock) as caught:
        Header.decode(twin.encode(fields))
    assert type(caught.value.reason) is kind
    assert caught.value.reason.field == field


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ([[]], errors.WrongItemCount),
        ([[b"\x01" * 32, b"\x01" * 32]], errors.WrongItemCount),
        ([[[b"\x01"]]], errors.WrongItemCount),
        ([[[b"\x01", b"\x00"]]], errors.NonMinimalInteger),
        ([b"\x04", [b"\x01" * 32]], errors.UnexpectedList),
        ([[[b"", b""]], [[b"", b""]]], errors.UnexpectedList),
    ],
)
def test_optional_fields_have_one_order_and_shape(
    extra: list[Any], kind: type[errors.InvalidEncoding]
) -> None:
    """Reference, prices, custom strings."""
    fields: Any = twin.decode(PLAIN.encode())
    with pytest.raises(errors.MalformedBlock) as caught:
        Header.decode(twin.encode(fields + extra))
    assert type(caught.value.reason) is kind


def test_too_few_fields_are_counted() -> None:
    """Thirteen are no header."""
    fields: Any = twin.decode(PLAIN.encode())
    with pytest.raises(errors.MalformedBlock, match="has 13 items, must have 14"):
        Header.decode(twin.encode(fields[:13]))


def test_a_block_survives_with_its_senders() -> None:
    """On one thread and on two; the root is over the hashes."""
    original = block()
    data = original.encode()
    for threads in (1, 2):
        decoded = Block.decode(data, CHAIN_ID, threads)
        assert decoded == original
        assert decoded.hash == original.header.hash
    fields: Any = twin.decode(data)
    assert fields[1] == [transaction.raw for transaction in original.transactions]
    assert original.body_size == sum(map(len, fields[1]))
    assert original.transactions_root == merkle_root(
        [transaction.hash for transaction in original.transactions]
    )
    assert decode_body(original.encode_body(), CHAIN_ID) == original.transactions
    assert original.encode_body() == twin.encode([each.raw for each in original.transactions])
    assert encode_body(()) == twin.encode([])
    assert transactions_root(()) == keccak256(b"")


def test_a_body_is_measured_as_one_by_one() -> None:
    """Bytes, gas and the first transaction that breaks a bound."""
    raws = [sign(nonce=nonce, gas=21_000 + nonce) for nonce in range(5)]
    transactions = decode_body(twin.encode(raws), CHAIN_ID)
    size, gas = sum(map(len, raws)), sum(each.gas_limit for each in transactions)
    assert measure_body(transactions, None, False) == (size, gas, None)
    for most in range(20_999, 21_006):
        breaches = [place for place, each in enumerate(transactions) if each.gas_limit > most]
        expected = (size, gas, breaches[0] if breaches else None)
        assert measure_body(transactions, most, False) == expected
    assert measure_body((), 1, False) == (0, 0, None)


def test_a_bad_transaction_is_named_by_its_place() -> None:
    """And by its own rule: here it is of another chain."""
    with pytest.raises(errors.InvalidBlockTransaction) as caught:
        Block.decode(block().encode(), CHAIN_ID + 1)
    assert caught.value.index == 0
    assert isinstance(caught.value.reason, errors.WrongChainId)
    assert "transaction 0 of the block" in str(caught.value)


def test_a_transaction_is_a_string_on_the_wire() -> None:
    """A list in its place is refused before anything is recovered."""
    with pytest.raises(errors.MalformedBlock) as caught:
        decode_body(twin.encode([[b"\x01"]]), CHAIN_ID)
    assert isinstance(caught.value.reason, errors.UnexpectedList)


def test_a_block_is_read_in_two_halves() -> None:
    """Who has the header already reads the body alone, and keeps its bytes."""
    whole = block()
    header, body = split_block(whole.encode())
    assert (header, body) == (whole.header.encode(), whole.encode_body())
    again = Block.of_body(whole.header, body, CHAIN_ID)
    assert again == whole
    assert again.transactions_root == transactions_root(whole.transactions)
    assert (again.encode(), again.encode_body()) == (whole.encode(), body)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\xc0",
        b"\xc1\x80",
        b"\xc3\x80\x80\x80",
        b"\xc2\x80",
        b"\xc2\x80\x80\x80",
        b"\xc2\x80\x81",
        b"\xf8\x02\x80\x80",
        b"\xc3\xb8\x01\x80",
        b"\xff" * 9,
    ],
)
def test_what_is_no_list_of_two_is_no_block(data: bytes) -> None:
    """Neither another count, nor a length that is too long, too short or not canonical."""
    with pytest.raises(errors.MalformedBlock):
        split_block(data)
