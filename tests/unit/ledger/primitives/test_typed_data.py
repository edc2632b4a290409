"""Typed data is hashed as by a wallet's library, or refused."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.eth_accounts import Account, encode_typed_data
from sogdia.ledger.primitives.typed_data import InvalidTypedData, hash_typed_data

KEY = bytes(range(1, 33))
WALLET = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
TYPES = {
    "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
    "Asset": [
        {"name": "amount", "type": "uint256"},
        {"name": "change", "type": "int24"},
        {"name": "owner", "type": "Person"},
    ],
    "Mail": [
        {"name": "to", "type": "Person[]"},
        {"name": "pair", "type": "int8[2][]"},
        {"name": "asset", "type": "Asset"},
        {"name": "data", "type": "bytes"},
        {"name": "id", "type": "bytes4"},
        {"name": "open", "type": "bool"},
        {"name": "maybe", "type": "Person"},
    ],
}
PERSON = {"name": "Törn", "wallet": WALLET}
DOCUMENT: dict[str, Any] = {
    "types": TYPES,
    "primaryType": "Mail",
    "domain": {"name": "Post", "version": "1", "chainId": "0x01", "verifyingContract": WALLET},
    "message": {
        "to": [PERSON, PERSON],
        "pair": [[1, -128], [127, 0]],
        "asset": {"amount": "0xff", "change": -8_388_608, "owner": PERSON},
        "data": "0x0102",
        "id": "0xaabbccdd",
        "open": True,
    },
}


def wallets_hash(document: dict[str, Any]) -> bytes:
    """Return what the library signs."""
    message = encode_typed_data(full_message=document)
    return bytes(Account.sign_message(message, KEY).message_hash)


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the document with one member changed."""
    document = copy.deepcopy(DOCUMENT)
    *folders, last = path.split(".")
    place = document
    for folder in folders:
        place = place[folder]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("message.open", False),
        ("message.to", []),
        ("message.maybe", PERSON),
        ("message.maybe", None),
        ("message.asset.amount", 2**256 - 1),
        ("message.asset.amount", "340282366920938463463374607431768211456"),
        ("message.data", "0x"),
        ("domain", {"name": "Post"}),
        ("domain", {}),
        ("domain", {"chainId": 7, "salt": "0x" + "5a" * 32}),
        ("types.EIP712Domain", [{"name": n, "type": t} for n, t in (
            ("name", "string"), ("version", "string"), ("chainId", "uint256"),
            ("verifyingContract", "address"),
        )]),
    ],
)  # fmt: skip
def test_hashed_as_by_a_wallet(path: str, value: Any) -> None:
    document = changed(path, value)
    assert hash_typed_data(document) == wallets_hash(document)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("message.asset.amount", -1, "is no uint256"),
        ("message.asset.amount", True, "is no uint256"),
        ("message.asset.amount", 1.5, "is no uint256"),
        ("message.asset.amount", "twelve", "is no uint256"),
        ("message.asset.amount", "1_000", "is no uint256"),
        ("message.asset.change", 8_388_608, "is no int24"),
        ("message.pair", [[1]], "Expected 2 items for array type int8[2], got 1 items"),
        ("message.pair", {}, "want an array"),
        ("message.id", "0xaabbcc", "bytes4 has 4 bytes, got 3"),
        ("message.data", "0102", "is no bytes"),
        ("message.data", None, "is no bytes"),
        ("message.to", ["Bob"], "want an object for Person"),
        ("message.open", "yes", "there is no type bool, or 'yes' is none"),
        ("types.Mail", [{"name": "to", "type": "Nobody"}], "there is no type Nobody"),
        ("types.Mail", [{"name": "id", "type": "uint7"}], "there is no type uint7"),
        ("types.Mail", [{"name": "to"}], "want a member 'type'"),
        ("types.Mail", "Person", "want a list of its fields"),
        ("types", None, "want a member 'types'"),
        ("primaryType", "Letter", "Letter is not among the types"),
        ("domain", {"colour": "red"}, "domain has ['colour']"),
        ("message", [], "want a member 'message'"),
    ],
)
def test_refused(path: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidTypedData) as refused:
        hash_typed_data(changed(path, value))
    assert words in str(refused.value)


def test_types_may_refer_to_themselves_but_data_ends() -> None:
    document: dict[str, Any] = {
        "types": {"Link": [{"name": "next", "type": "Link"}, {"name": "id", "type": "uint8"}]},
        "primaryType": "Link",
        "domain": {},
        "message": {"id": 1, "next": {"id": 2}},
    }
    assert len(hash_typed_data(document)) == 32
    for _ in range(40):
        document["message"] = {"id": 1, "next": document["message"]}
    with pytest.raises(InvalidTypedData, match="deep"):
        hash_typed_data(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(path=st.sampled_from(["types", "types.Mail", "domain", "message", "message.to"]), value=JSON)
def test_whatever_comes_is_hashed_or_refused(path: str, value: Any) -> None:
    with contextlib.suppress(InvalidTypedData):
        assert len(hash_typed_data(changed(path, value))) == 32
