"""Transactions of every kind, signed by eth-account."""

from typing import Any

from coincurve import PrivateKey
from eth_account import Account

from sogdia.ledger.primitives import rlp
from sogdia.ledger.primitives.hashing import keccak256

CHAIN_ID = 7
KEY = "0x" + "11" * 32
SENDER = bytes.fromhex(Account.from_key(KEY).address[2:])
OTHER = "0x" + "22" * 20


def sign(key: str = KEY, **fields: Any) -> bytes:
    """Return the raw bytes of a transfer, or of what `fields` make of it."""
    content: dict[str, Any] = {"nonce": 0, "to": OTHER, "value": 1, "gas": 21_000}
    content |= fields
    if "maxFeePerGas" not in content:
        content.setdefault("gasPrice", 10**9)
    if content.setdefault("chainId", CHAIN_ID) is None:
        del content["chainId"]
    return bytes(Account.sign_transaction(content, key).raw_transaction)


def dynamic(**fields: Any) -> bytes:
    """Return a raw dynamic-fee transaction."""
    prices = {"maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9}
    return sign(**(prices | fields))


def set_code(**fields: Any) -> bytes:
    """Return a raw set-code transaction with one authorisation by its own sender."""
    authorization = Account.sign_authorization({"chainId": 7, "address": OTHER, "nonce": 1}, KEY)
    return dynamic(**({"authorizationList": [authorization], "gas": 100_000} | fields))


def core_transfer(**fields: int | bytes) -> bytes:
    """Return a raw transfer of Core Space (CIP-155), or what `fields` make of it."""
    content: dict[str, int | bytes] = {
        "nonce": 0,
        "gas_price": 10**9,
        "gas": 21_000,
        "to": b"\x1a" * 20,
        "value": 1,
        "storage_limit": 0,
        "epoch_height": 0,
        "chain_id": CHAIN_ID,
        "data": b"",
    }
    unsigned: list[rlp.Item] = [
        value if isinstance(value, bytes) else rlp.encode_integer(value)
        for value in (content | fields).values()
    ]
    key = PrivateKey(bytes.fromhex(KEY[2:]))
    signature = key.sign_recoverable(keccak256(rlp.encode(unsigned)), hasher=None)
    scalars = (signature[64:], signature[:32], signature[32:64])
    return rlp.encode([unsigned, *(each.lstrip(b"\0") for each in scalars)])


ALL_KINDS = {
    "legacy": sign(),
    "legacy without chain id": sign(chainId=None),
    "create": sign(to="", data=b"\x60\x00", gas=100_000),
    "access list": sign(
        accessList=[{"address": OTHER, "storageKeys": ["0x" + "00" * 32, "0x" + "01" * 32]}],
        gas=50_000,
    ),
    "dynamic fee": dynamic(data=b"\x00\x01" * 40, gas=50_000),
    "set code": set_code(),
}
