"""Each broken rule of a transaction has its own error, with the values that broke it."""

from typing import Any

import pytest
from tests.reference.rlp import decode, encode
from tests.unit.ledger.primitives.signing import ALL_KINDS, CHAIN_ID, core_transfer, sign

from sogdia.ledger.primitives import errors
from sogdia.ledger.primitives.signature import CURVE_ORDER
from sogdia.ledger.primitives.transaction import (
    INITCODE_SIZE_BYTES_MAX,
    decode_transaction,
    decode_transactions,
    validate_limits,
)

LEGACY, DYNAMIC, SET_CODE = "legacy", "dynamic fee", "set code"
NONCE, TIP, CAP, GAS, TO, VALUE, DATA, ACCESS, PARITY, R, S = range(1, 12)
BIG = 2**256 - 1


def changed(kind: str, place: int, value: Any) -> bytes:
    """Return a transaction of `kind` with one field replaced, encoded as it should be."""
    raw = ALL_KINDS[kind]
    prefix = raw[:1] if raw[0] < 0x80 else b""
    fields: Any = decode(raw[len(prefix) :])
    fields[place] = as_bytes(value) if isinstance(value, int) else value
    return prefix + encode(fields)


def changed_transfer(place: int, value: int) -> bytes:
    """Return a transfer of Core Space with one field beside the signed ones replaced."""
    fields: Any = decode(core_transfer())
    fields[place] = as_bytes(value)
    return encode(fields)


def as_bytes(value: int) -> bytes:
    """Return the shortest bytes of an integer."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def refusal(raw: bytes) -> errors.InvalidTransaction:
    """Return why a transaction is refused."""
    with pytest.raises(errors.InvalidTransaction) as caught:
        decode_transaction(raw, CHAIN_ID)
    return caught.value


SAYS: dict[str, tuple[bytes, type[errors.InvalidTransaction], dict[str, Any]]] = {
    "unknown type": (b"\x03" + ALL_KINDS[DYNAMIC][1:], errors.UnknownTransactionType, {"kind": 3}),
    "another chain, typed": (
        changed(DYNAMIC, 0, 8),
        errors.WrongChainId,
        {"expected": CHAIN_ID, "actual": 8},
    ),
    "another chain, legacy": (
        sign(chainId=9),
        errors.WrongChainId,
        {"expected": CHAIN_ID, "actual": 9},
    ),
    "a chain id of 256 bits": (changed(DYNAMIC, 0, BIG), errors.WrongChainId, {"actual": BIG}),
    "v of 26": (changed(LEGACY, 6, 26), errors.InvalidSignatureV, {"v": 26}),
    "v of 34": (changed(LEGACY, 6, 34), errors.InvalidSignatureV, {"v": 34}),
    "parity of 2": (changed(DYNAMIC, PARITY, 2), errors.InvalidYParity, {"y_parity": 2}),
    "v of a transfer of Core Space": (
        changed_transfer(1, 2),
        errors.InvalidYParity,
        {"y_parity": 2},
    ),
    "r of zero": (changed(DYNAMIC, R, 0), errors.SignatureOutOfRange, {"field": "r", "value": 0}),
    "s of the order": (
        changed(DYNAMIC, S, CURVE_ORDER),
        errors.SignatureOutOfRange,
        {"field": "s", "value": CURVE_ORDER},
    ),
    "high s": (
        changed(DYNAMIC, S, CURVE_ORDER // 2 + 1),
        errors.HighS,
        {"s": CURVE_ORDER // 2 + 1},
    ),
    "r that is no x of a point": (changed(DYNAMIC, R, 5), errors.UnrecoverableSignature, {}),
    "nonce of 2^64 - 1": (
        changed(DYNAMIC, NONCE, 2**64 - 1),
        errors.NonceOverflow,
        {"nonce": 2**64 - 1},
    ),
    "nonce of 256 bits": (changed(DYNAMIC, NONCE, BIG), errors.NonceOverflow, {"nonce": BIG}),
    "gas of 2^64": (
        changed(DYNAMIC, GAS, 2**64),
        errors.GasLimitOverflow,
        {"gas_limit": 2**64},
    ),
    "fee beyond 256 bits": (
        changed(DYNAMIC, CAP, BIG),
        errors.FeeOverflow,
        {"gas_limit": 50_000, "fee_per_gas": BIG},
    ),
    "tip above cap": (
        changed(DYNAMIC, TIP, 4 * 10**9),
        errors.TipAboveCap,
        {"tip": 4 * 10**9, "cap": 3 * 10**9},
    ),
    "no authorisation": (changed(SET_CODE, 9, []), errors.EmptyAuthorizationList, {}),
    "set code without recipient": (changed(SET_CODE, TO, b""), errors.CreateInSetCode, {}),
}


@pytest.mark.parametrize("why", SAYS)
def test_what_a_transaction_says_is_judged_by_its_own_rule(why: str) -> None:
    """With the values in fields and in the words."""
    raw, kind, fields = SAYS[why]
    error = refusal(raw)
    assert type(error) is kind
    assert {name: getattr(error, name) for name in fields} == fields
    assert str(error)


BYTES: dict[str, tuple[bytes, type[errors.InvalidEncoding], str]] = {
    "nothing": (b"", errors.TruncatedInput, "transaction"),
    "only a type": (b"\x02", errors.TruncatedInput, "transaction"),
    "cut short": (ALL_KINDS[DYNAMIC][:-1], errors.TruncatedInput, "transaction"),
    "a byte too many": (ALL_KINDS[DYNAMIC] + b"\0", errors.TrailingBytes, "transaction"),
    "a string": (b"\x02\x80", errors.UnexpectedString, "transaction"),
    "legacy as a string": (b"\x80", errors.UnexpectedString, "transaction"),
    "list for value": (changed(DYNAMIC, VALUE, []), errors.UnexpectedList, "value"),
    "string for access list": (
        changed(DYNAMIC, ACCESS, b""),
        errors.UnexpectedString,
        "access_list",
    ),
    "leading zero": (changed(DYNAMIC, NONCE, b"\0\1"), errors.NonMinimalInteger, "nonce"),
    "zero as a byte": (changed(DYNAMIC, VALUE, b"\0"), errors.NonMinimalInteger, "value"),
    "value of 33 bytes": (changed(DYNAMIC, VALUE, 2**256), errors.IntegerTooLarge, "value"),
    "recipient of 19": (changed(DYNAMIC, TO, bytes(19)), errors.WrongLength, "to"),
    "slot of 31": (
        changed("access list", ACCESS - 1, [[bytes(20), [bytes(31)]]]),
        errors.WrongLength,
        "access_list.storage_key",
    ),
    "entry of three": (
        changed("access list", ACCESS - 1, [[bytes(20), [], b""]]),
        errors.TrailingBytes,
        "access_list.entry",
    ),
    "wrapped byte": (b"\x02\xc2\x81\x07", errors.NonCanonicalByte, "chain_id"),
    "long form of a short list": (b"\xf8\x01\x80", errors.NonCanonicalLength, "transaction"),
    "authoriser's parity of two bytes": (
        changed(SET_CODE, 9, [[b"\7", bytes(20), b"", b"\1\0", b"\1", b"\1"]]),
        errors.IntegerTooLarge,
        "authorization.y_parity",
    ),
}


@pytest.mark.parametrize("why", BYTES)
def test_broken_bytes_are_named_by_rule_and_place(why: str) -> None:
    """The rule is the reason of a malformed transaction."""
    raw, kind, field = BYTES[why]
    error = refusal(raw)
    assert isinstance(error, errors.MalformedTransaction)
    assert type(error.reason) is kind
    assert error.reason.field == field
    assert str(error).startswith("malformed transaction: ")


def test_a_void_authorisation_voids_itself_only() -> None:
    """EIP-7702: such an entry is skipped, the transaction stands."""
    fields: Any = decode(ALL_KINDS[SET_CODE][1:])
    good = fields[9][0]
    transaction = decode_transaction(ALL_KINDS[SET_CODE], CHAIN_ID)
    assert transaction.authorizations[0][6] == transaction.sender
    void = [[*good[:3], b"\2", *good[4:]], [*good[:5], as_bytes(CURVE_ORDER - 1)]]
    for entry in void:
        changed_list = decode_transaction(changed(SET_CODE, 9, [entry, good]), CHAIN_ID)
        assert [each[6] is None for each in changed_list.authorizations] == [True, False]


def test_gas_and_init_code_are_bounded_without_a_state() -> None:
    """Intrinsic gas, the floor of call data, the bound of one transaction, init code."""
    cases: list[tuple[dict[str, Any], type[errors.InvalidTransaction], int | None]] = [
        ({"gas": 20_999}, errors.IntrinsicGasTooLow, None),
        ({"to": "", "data": b"\1", "gas": 53_017}, errors.IntrinsicGasTooLow, None),
        ({"data": b"\1" * 1_000, "gas": 60_999}, errors.FloorGasTooLow, None),
        ({"gas": 2**24 + 1}, errors.GasLimitTooHigh, 2**24),
        (
            {"to": "", "data": bytes(INITCODE_SIZE_BYTES_MAX + 1), "gas": 10**7},
            errors.InitcodeTooLarge,
            None,
        ),
    ]
    for fields, kind, gas_limit_max in cases:
        transaction = decode_transaction(sign(**fields), CHAIN_ID)
        with pytest.raises(kind):
            validate_limits(transaction, gas_limit_max=gas_limit_max)
    for fields in (
        {"to": "", "data": b"\1", "gas": 53_018},
        {"data": b"\1" * 1_000, "gas": 61_000},
        {"to": "", "data": bytes(INITCODE_SIZE_BYTES_MAX), "gas": 10**7},
    ):
        validate_limits(decode_transaction(sign(**fields), CHAIN_ID), gas_limit_max=2**24)


def test_a_refusal_stands_in_its_transactions_place() -> None:
    """For whoever must answer each of them."""
    found = decode_transactions([ALL_KINDS[LEGACY], b"\x03", ALL_KINDS[DYNAMIC], b""], CHAIN_ID)
    assert [type(each).__name__ for each in found] == [
        "Transaction",
        "UnknownTransactionType",
        "Transaction",
        "MalformedTransaction",
    ]


def test_the_price_at_a_base_price_is_the_lesser_of_cap_and_sum() -> None:
    """None when the cap does not reach the base."""
    transaction = decode_transaction(ALL_KINDS[DYNAMIC], CHAIN_ID)  # tip 1, cap 3 (in 10^9)
    prices = [transaction.effective_gas_price(base * 10**9) for base in (0, 1, 2, 3, 4)]
    assert prices == [10**9, 2 * 10**9, 3 * 10**9, 3 * 10**9, None]
