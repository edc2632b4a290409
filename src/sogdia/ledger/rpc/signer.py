"""Development accounts that the node signs for, so that a tool can work before it has keys.

The keys are public constants of the development network. No other network gives the node any.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from sogdia.ledger.rpc.errors import RpcError


class UnknownAccount(RpcError):
    """The node has no key for the address."""

    def __init__(self, address: bytes) -> None:
        super().__init__(f"unknown account 0x{address.hex()}: sign it yourself and send it raw")


def encode_impersonated(sender: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return a transaction with the sender in place of `r`: one that nobody signed.

    Two senders' equal transactions so have two hashes.
    """
    from sogdia.eth_accounts import encode_with_signature

    return encode_with_signature(fields, r=int.from_bytes(sender, "big") or 1, s=1)


class AccountSigner:
    """Signs with known keys. `sequence` is held from choosing a nonce until the pool has it."""

    def __init__(self, keys: Mapping[bytes, bytes]) -> None:
        self._keys = dict(keys)
        self._impersonated: set[bytes] = set()
        self.impersonates_all = False
        # Whose each impersonated transaction is, from its making until it is decoded.
        self._claims: dict[bytes, bytes] = {}
        self.sequence = asyncio.Lock()

    @property
    def addresses(self) -> list[bytes]:
        """The accounts that this node signs for."""
        return list(self._keys)

    def impersonate(self, address: bytes) -> None:
        """Make transactions of `address` without its key; development chains only."""
        self._impersonated.add(address)

    def stop_impersonating(self, address: bytes) -> bool:
        """Ask for the key again; return whether the account was impersonated."""
        was_impersonated = address in self._impersonated
        self._impersonated.discard(address)
        return was_impersonated

    def forget_impersonated(self) -> None:
        """Ask for every key again."""
        self._impersonated.clear()
        self.impersonates_all = False

    def take_claim(self, raw: bytes) -> bytes | None:
        """Return whose an impersonated transaction is, once; None for one that was signed."""
        return self._claims.pop(raw, None)

    def sign_transaction(self, sender: bytes, fields: Mapping[str, Any]) -> bytes:
        """Return the signed bytes of a transaction with eth-account's field names.

        Raises:
            UnknownAccount: no key for `sender`.
        """
        if sender not in self._keys and (self.impersonates_all or sender in self._impersonated):
            raw = encode_impersonated(sender, fields)
            self._claims[raw] = sender
            return raw
        from sogdia.eth_accounts import Account

        signed = Account.sign_transaction(dict(fields), self._key(sender))
        return bytes(signed.raw_transaction)

    def sign_message(self, address: bytes, data: bytes) -> bytes:
        """Return the signature of a personal message (EIP-191), 65 bytes.

        Raises:
            UnknownAccount: no key for `address`.
        """
        from sogdia.eth_accounts import Account, encode_defunct

        return bytes(Account.sign_message(encode_defunct(data), self._key(address)).signature)

    def sign_typed_data(self, address: bytes, typed: Mapping[str, Any]) -> bytes:
        """Return the signature of typed data (EIP-712), 65 bytes.

        Raises:
            UnknownAccount: no key for `address`.
        """
        from sogdia.eth_accounts import Account

        signed = Account.sign_typed_data(self._key(address), full_message=dict(typed))
        return bytes(signed.signature)

    def _key(self, address: bytes) -> bytes:
        key = self._keys.get(address)
        if key is None:
            raise UnknownAccount(address)
        return key
