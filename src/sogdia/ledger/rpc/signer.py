"""Development accounts that the node signs for, so that a tool can work before it has keys.

The keys are public constants of the development network. No other network gives the node any.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from coincurve import PrivateKey

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.typed_data import hash_typed_data
from sogdia.ledger.primitives.unsigned import LEGACY, UnsignedTransaction
from sogdia.ledger.rpc.errors import RpcError


class UnknownAccount(RpcError):
    """The node has no key for the address."""

    def __init__(self, address: bytes) -> None:
        super().__init__(f"unknown account 0x{address.hex()}: sign it yourself and send it raw")


def encode_impersonated(sender: bytes, transaction: UnsignedTransaction) -> bytes:
    """Return a transaction with the sender in place of `r`: one that nobody signed.

    Two senders' equal transactions so have two hashes.
    """
    v = 35 + 2 * (transaction.chain_id or 0) if transaction.kind == LEGACY else 0
    return transaction.encode(v, int.from_bytes(sender, "big") or 1, 1)


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

    @contextlib.contextmanager
    def impersonating(self, address: bytes) -> Iterator[None]:
        """Make transactions of `address` without its key inside the block."""
        is_new = address not in self._impersonated
        self._impersonated.add(address)
        try:
            yield
        finally:
            if is_new:
                self._impersonated.discard(address)

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

    def sign_transaction(self, sender: bytes, transaction: UnsignedTransaction) -> bytes:
        """Return the signed bytes of a transaction.

        Raises:
            UnknownAccount: no key for `sender`.
        """
        if sender not in self._keys and (self.impersonates_all or sender in self._impersonated):
            raw = encode_impersonated(sender, transaction)
            self._claims[raw] = sender
            return raw
        return transaction.sign(self._key(sender))

    def sign_message(self, address: bytes, data: bytes) -> bytes:
        """Return the signature of a personal message (EIP-191), 65 bytes.

        Raises:
            UnknownAccount: no key for `address`.
        """
        prefix = f"\x19Ethereum Signed Message:\n{len(data)}".encode()
        return self._sign_hash(address, keccak256(prefix + data))

    def sign_typed_data(self, address: bytes, typed: Mapping[str, Any]) -> bytes:
        """Return the signature of typed data (EIP-712), 65 bytes.

        Raises:
            UnknownAccount: no key for `address`.
            InvalidTypedData: it cannot be hashed.
        """
        return self._sign_hash(address, hash_typed_data(typed))

    def _sign_hash(self, address: bytes, digest: bytes) -> bytes:
        signature = PrivateKey(self._key(address)).sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes((27 + signature[64],))

    def _key(self, address: bytes) -> bytes:
        key = self._keys.get(address)
        if key is None:
            raise UnknownAccount(address)
        return key
