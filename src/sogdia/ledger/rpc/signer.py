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


class AccountSigner:
    """Signs with known keys. `sequence` is held from choosing a nonce until the pool has it."""

    def __init__(self, keys: Mapping[bytes, bytes]) -> None:
        self._keys = dict(keys)
        self.sequence = asyncio.Lock()

    @property
    def addresses(self) -> list[bytes]:
        """The accounts that this node signs for."""
        return list(self._keys)

    def sign_transaction(self, sender: bytes, fields: Mapping[str, Any]) -> bytes:
        """Return the signed bytes of a transaction with eth-account's field names.

        Raises:
            UnknownAccount: no key for `sender`.
        """
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
