"""Signed transactions, against a wallet's library."""

from typing import Any

import pytest

from sogdia.eth_accounts import Account
from sogdia.ledger.primitives.transaction import (
    Transaction,
    claimed_sender,
    decode_own,
    decode_transaction,
)
from sogdia.ledger.primitives.unsigned import UnsignedTransaction

KEY = bytes(range(1, 33))
CHAIN_ID = 91_001
TO = bytes.fromhex("aa" * 20)
SLOTS = [(TO, [bytes(32), b"\1" * 32])]
GRANT = (CHAIN_ID, TO, 7, 1, 2**255 - 5, 3)
LISTED = [{"address": TO, "storageKeys": ["0x" + "00" * 32, "0x" + "01" * 32]}]
GRANTED = [{"chainId": CHAIN_ID, "address": TO, "nonce": 7, "yParity": 1, "r": 2**255 - 5, "s": 3}]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"gas_price": 3}, {"gasPrice": 3}),
        ({"gas_price": 0, "to": None}, {"gasPrice": 0}),
        ({"gas_price": 3, "access_list": SLOTS}, {"type": 1, "gasPrice": 3, "accessList": LISTED}),
        ({"gas_price": 3, "access_list": []}, {"type": 1, "gasPrice": 3, "accessList": []}),
        ({"max_fee_per_gas": 9, "max_priority_fee_per_gas": 1}, {"type": 2}),
        ({"max_fee_per_gas": 9, "max_priority_fee_per_gas": 1, "to": None}, {"type": 2}),
        (
            {
                "max_fee_per_gas": 9,
                "max_priority_fee_per_gas": 1,
                "access_list": SLOTS,
                "authorizations": [GRANT],
            },
            {"type": 4, "accessList": LISTED, "authorizationList": GRANTED},
        ),
    ],
)
def test_signed_as_by_a_wallet(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    fields = {"to": TO} | ours
    for nonce, value, data in ((0, 0, b""), (300, 10**18, b"\0\1" * 40)):
        named = {"nonce": nonce, "gas": 90_000, "value": value, "data": data}
        raw = UnsignedTransaction(chain_id=CHAIN_ID, **named, **fields).sign(KEY)
        wanted = named | {"chainId": CHAIN_ID, **theirs}
        if fields["to"] is not None:
            wanted["to"] = TO
        if theirs.get("type", 0) in (2, 4):
            wanted |= {"maxFeePerGas": 9, "maxPriorityFeePerGas": 1}
        assert raw == bytes(Account.sign_transaction(wanted, KEY).raw_transaction)
        assert "0x" + decode_transaction(raw, CHAIN_ID).sender.hex() == address()


def test_a_legacy_transaction_of_no_chain() -> None:
    transaction = UnsignedTransaction(None, 1, 21_000, TO, 5, gas_price=3)
    named = {"nonce": 1, "gas": 21_000, "to": TO, "value": 5, "gasPrice": 3, "data": b""}
    assert transaction.sign(KEY) == bytes(Account.sign_transaction(named, KEY).raw_transaction)


def address() -> str:
    """Return the address of the key, in lower case."""
    return str(Account.from_key(KEY).address).lower()


@pytest.mark.parametrize("sender", [b"\xab" * 20, bytes(12) + b"\x01" * 8])
@pytest.mark.parametrize("kind", ["legacy", "dynamic"])
def test_what_nobody_signed_is_of_whom_it_claims(kind: str, sender: bytes) -> None:
    prices = {"gas_price": 10**9} if kind == "legacy" else {"max_fee_per_gas": 10**9}
    transaction = UnsignedTransaction(chain_id=7, nonce=3, gas=21_000, to=bytes(20), **prices)
    v = 35 + 2 * 7 if kind == "legacy" else 0
    unsigned = transaction.encode(v, int.from_bytes(sender), 1)
    signed = transaction.sign(bytes(31) + b"\x05")
    assert claimed_sender(unsigned) == sender
    assert claimed_sender(signed) is None
    own, other = decode_own([unsigned, signed], 7)
    assert isinstance(own, Transaction)
    assert isinstance(other, Transaction)
    assert own.sender == sender
    assert other.sender == decode_transaction(signed, 7).sender
    for broken in (b"", b"\x01", unsigned[:9] + b"\x01"):
        assert claimed_sender(broken) is None
