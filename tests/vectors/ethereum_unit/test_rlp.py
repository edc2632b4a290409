"""The suite's RLP files, and that no file of the suite is forgotten."""

import json
import tomllib
from pathlib import Path
from typing import Any

import coincurve
import pytest
from tests.scoreboard import record
from tests.vectors.archives import unpack

from sogdia.ledger.primitives.errors import InvalidEncoding
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK
from sogdia.ledger.primitives.rlp import Item, decode, encode, encode_integer
from sogdia.ledger.primitives.signature import recover_address

ROOT = unpack("ethereum-unit-vectors")
EXCLUSIONS = tomllib.loads(Path(__file__).with_name("exclusions.toml").read_text())
RUN_HERE = {
    "RLPTests/rlptest.json",
    "RLPTests/invalidRLPTest.json",
    "RLPTests/RandomRLPTests/example.json",
    "BasicTests/keyaddrtest.json",
    "BasicTests/txtest.json",
}


def load(name: str) -> Any:
    """Return a file's content."""
    return json.loads((ROOT / name).read_text())


def item(value: Any) -> Item:
    """Return the item that the suite writes as JSON: text, number, `#` and a large number, list."""
    if isinstance(value, list):
        return [item(each) for each in value]
    if isinstance(value, int):
        return encode_integer(value)
    if value.startswith("#"):
        return encode_integer(int(value[1:]))
    return bytes(value.encode())


@pytest.mark.parametrize("name", load("RLPTests/rlptest.json"))
def test_an_item_has_its_encoding(name: str) -> None:
    """Both ways."""
    case = load("RLPTests/rlptest.json")[name]
    encoded = bytes.fromhex(case["out"].removeprefix("0x"))
    assert encode(item(case["in"])) == encoded
    assert decode(encoded) == item(case["in"])
    record("ethereum-unit-vectors", ran=1, passed=1, part="RLP")


@pytest.mark.parametrize("name", load("RLPTests/RandomRLPTests/example.json"))
def test_what_is_called_valid_decodes(name: str) -> None:
    """And encodes to itself."""
    encoded = bytes.fromhex(load("RLPTests/RandomRLPTests/example.json")[name]["out"][2:])
    assert encode(decode(encoded)) == encoded
    record("ethereum-unit-vectors", ran=1, passed=1, part="RLP")


@pytest.mark.parametrize("name", load("RLPTests/invalidRLPTest.json"))
def test_what_is_called_invalid_is_refused(name: str) -> None:
    """By a typed error."""
    case = load("RLPTests/invalidRLPTest.json")[name]
    with pytest.raises(InvalidEncoding):
        decode(bytes.fromhex(case["out"].removeprefix("0x")))
    record("ethereum-unit-vectors", ran=1, passed=1, part="RLP")


def test_the_addresses_of_the_keys_are_recovered() -> None:
    """What each key signs leads to its address.

    The file's own signatures are left out: libsecp256k1 itself recovers other keys from them for
    the hash of the empty string, and the file does not say what else was signed.
    """
    for case in load("BasicTests/keyaddrtest.json"):
        key = coincurve.PrivateKey(bytes.fromhex(case["key"]))
        signature = key.sign_recoverable(EMPTY_KECCAK, hasher=None)
        r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
        assert recover_address(EMPTY_KECCAK, signature[64], r, s) == bytes.fromhex(case["addr"])


def test_the_signed_transactions_are_lists_of_their_fields() -> None:
    """They offer less gas than a transfer costs: valid as bytes only."""
    for case in load("BasicTests/txtest.json"):
        signed = decode(bytes.fromhex(case["signed"]))
        unsigned = decode(bytes.fromhex(case["unsigned"]))
        assert signed[:6] == unsigned[:6]
        assert signed[0] == encode_integer(case["nonce"])
        assert signed[5] == bytes.fromhex(case["data"])


def test_no_file_of_the_suite_is_forgotten() -> None:
    """Each is run here, run by `test_transactions.py`, or excluded with a reason."""
    files = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.json")}
    transactions = {name for name in files if name.startswith("TransactionTests/")}
    excluded = EXCLUSIONS["files"]
    assert files == RUN_HERE | transactions | set(excluded)
    assert not set(excluded) & (RUN_HERE | transactions)
    assert all(reason.strip() for reason in excluded.values())
    assert len(transactions) == 210
