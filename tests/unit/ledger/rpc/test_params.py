"""Every kind of parameter: what it reads, and what it says of what it does not."""

from typing import Any

import pytest

from sogdia.ledger.rpc.eth.call_request import (
    parse_account_overrides,
    parse_block_override,
    parse_call,
)
from sogdia.ledger.rpc.params import (
    PivotHash,
    Tag,
    WrongParam,
    hex_quantity,
    parse_address,
    parse_bool,
    parse_data,
    parse_epoch,
    parse_epoch_number_or_tag,
    parse_hash,
    parse_quantity,
    parse_slot,
    parse_uint64,
)

HASH = "0x" + "ab" * 32
ADDRESS = "0x" + "Ab" * 20


@pytest.mark.parametrize("number", [0, 1, 15, 16, 2**64, 2**256 - 1])
def test_a_quantity_is_read_as_it_is_written(number: int) -> None:
    assert parse_quantity(hex_quantity(number)) == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty hex string"),
        ("0x", 'hex string "0x"'),
        ("12", "without 0x prefix"),
        ("0x0123", "leading zero"),
        ("0x00", "leading zero"),
        ("0xg", "invalid hex string"),
        ("0x1_0", "invalid hex string"),
        ("0x-1", "invalid hex string"),
        ("0x ff", "invalid hex string"),
        ("0x١", "invalid hex string"),
        ("0x1" + "0" * 64, "> 256 bits"),
        (12, "got number"),
        (True, "got boolean"),
        ([], "got array"),
        ({}, "got object"),
        (None, "got null"),
    ],
)
def test_a_wrong_quantity_is_named(text: Any, words: str) -> None:
    with pytest.raises(WrongParam, match=words):
        parse_quantity(text)


def test_a_quantity_of_64_bits_is_bounded() -> None:
    assert parse_uint64("0x" + "f" * 16) == 2**64 - 1
    with pytest.raises(WrongParam, match="> 64 bits"):
        parse_uint64("0x1" + "0" * 16)


@pytest.mark.parametrize("text", ["0xabc", "0xzz", "0xab cd", "abcd", "0x ab", 5, None])
def test_wrong_data_is_refused(text: Any) -> None:
    with pytest.raises(WrongParam):
        parse_data(text)


def test_data_hashes_and_addresses_are_bytes() -> None:
    assert parse_data("0x") == b""
    assert parse_data("0X00fF") == b"\x00\xff"
    assert parse_hash(HASH) == b"\xab" * 32
    assert parse_address(ADDRESS) == b"\xab" * 20
    with pytest.raises(WrongParam, match="length 40, want 64"):
        parse_hash(ADDRESS)


def test_a_slot_may_have_leading_zeros() -> None:
    assert parse_slot("0x0") == 0
    assert parse_slot("0x" + "0" * 63 + "a") == 10
    with pytest.raises(WrongParam, match="at most 32 bytes"):
        parse_slot("0x" + "0" * 65)


def test_only_booleans_are_booleans() -> None:
    assert parse_bool(True) is True
    with pytest.raises(WrongParam):
        parse_bool(1)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("latest", Tag.LATEST),
        ("pending", Tag.PENDING),
        (None, Tag.LATEST),
        ("0x10", 16),
        (HASH, PivotHash(b"\xab" * 32)),
        ({"blockNumber": "0x1"}, 1),
        ({"blockHash": HASH, "requireCanonical": True}, PivotHash(b"\xab" * 32, True)),
    ],
)
def test_an_epoch_has_many_names(value: Any, meant: Any) -> None:
    assert parse_epoch(value) == meant


@pytest.mark.parametrize(
    "value",
    [
        "Latest",
        "newest",
        "17",
        17,
        "0x01",
        {"blockNumber": "0x1", "blockHash": HASH},
        {},
        {"blockHash": HASH, "requireCanonical": 1},
        {"number": "0x1"},
        HASH[:-2],
    ],
)
def test_a_wrong_name_of_an_epoch_is_refused(value: Any) -> None:
    with pytest.raises(WrongParam):
        parse_epoch(value)


def test_where_only_numbers_and_tags_are_taken_a_hash_is_refused() -> None:
    with pytest.raises(WrongParam):
        parse_epoch_number_or_tag(HASH)


def test_a_call_object_becomes_a_call() -> None:
    call = parse_call(
        {
            "from": ADDRESS,
            "to": ADDRESS,
            "gas": "0x5208",
            "maxFeePerGas": "0xa",
            "maxPriorityFeePerGas": "0x1",
            "value": "0x5",
            "input": "0x1234",
            "data": "0x1234",
            "accessList": [{"address": ADDRESS, "storageKeys": [HASH]}],
            "authorizationList": [
                {
                    "chainId": "0x1",
                    "address": ADDRESS,
                    "nonce": "0x0",
                    "yParity": "0x1",
                    "r": "0x2",
                    "s": "0x3",
                }
            ],
            "chainId": "0x1",
        }
    )
    assert (call.gas, call.max_fee_per_gas, call.value, call.data) == (21_000, 10, 5, b"\x12\x34")
    assert call.access_list == [(b"\xab" * 20, [b"\xab" * 32])]
    assert call.authorizations == [(1, b"\xab" * 20, 0, 1, 2, 3)]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"gasPrice": "0x1", "maxFeePerGas": "0x1"}, "both gasPrice and"),
        ({"maxFeePerGas": "0x1", "maxPriorityFeePerGas": "0x2"}, r"maxFeePerGas \(1\) <"),
        ({"data": "0x01", "input": "0x02"}, 'both "data" and "input" are set'),
        ({"to": "0x12"}, "to: hex string has length 2"),
        ({"accessList": [{"address": ADDRESS, "storageKeys": ["0x1"]}]}, "accessList: "),
        ("0x", "want an object"),
    ],
)
def test_a_wrong_call_object_names_the_member(members: Any, words: str) -> None:
    with pytest.raises(WrongParam, match=words):
        parse_call(members)


def test_overrides_are_read() -> None:
    word = "0x" + "0" * 63 + "9"
    (override,) = parse_account_overrides(
        {ADDRESS: {"balance": "0x1", "nonce": "0x2", "code": "0x60", "stateDiff": {"0x1": word}}}
    ).values()
    assert (override.balance, override.nonce, override.code) == (1, 2, b"\x60")
    assert (override.storage, override.storage_diff) == (None, {1: 9})
    with pytest.raises(WrongParam, match="both 'state' and 'stateDiff'"):
        parse_account_overrides({ADDRESS: {"state": {}, "stateDiff": {}}})
    block = parse_block_override({"number": "0x5", "time": "0x6", "baseFeePerGas": "0x7"})
    assert (block.number, block.timestamp, block.base_price) == (5, 6, 7)
