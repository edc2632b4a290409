"""Transactions before their signature: signed with a key, or encoded with numbers that are given.

A wallet's library does this, too, and costs two seconds of import; a node that signs for
development accounts, or shows a call as the transaction that it would be, needs this much of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coincurve import PrivateKey

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import Item, encode, encode_integer

LEGACY, ACCESS_LIST, DYNAMIC_FEE, SET_CODE = 0, 1, 2, 4

Authorization = tuple[int, bytes, int, int, int, int]
"""Chain id, address, nonce, y parity, r, s (EIP-7702)."""


@dataclass(frozen=True, slots=True)
class UnsignedTransaction:
    """The fields of a transaction; amounts in drip, gas in units, addresses of 20 bytes.

    Its type follows from them: with `gas_price` it is legacy, or of type 1 if there is an access
    list. A legacy transaction without `chain_id` is one of before EIP-155.
    """

    chain_id: int | None
    nonce: int
    gas: int
    to: bytes | None
    value: int = 0
    data: bytes = b""
    gas_price: int | None = None
    max_fee_per_gas: int = 0
    max_priority_fee_per_gas: int = 0
    access_list: Sequence[tuple[bytes, Sequence[bytes]]] | None = None
    authorizations: Sequence[Authorization] = ()

    @property
    def kind(self) -> int:
        """The type of its envelope (EIP-2718), zero for none."""
        if self.authorizations:
            return SET_CODE
        if self.gas_price is None:
            return DYNAMIC_FEE
        return LEGACY if self.access_list is None else ACCESS_LIST

    def encode(self, v: int, r: int, s: int) -> bytes:
        """Return its bytes with a signature; in an envelope `v` is the y parity."""
        return self._envelope([*self._fields(), *map(encode_integer, (v, r, s))])

    def sign(self, key: bytes) -> bytes:
        """Return its bytes, signed with a private key of 32 bytes (RFC 6979)."""
        fields, chain = self._fields(), self.chain_id
        if self.kind == LEGACY and chain is not None:
            fields += [encode_integer(chain), b"", b""]
        digest = keccak256(self._envelope(fields))
        signature = PrivateKey(key).sign_recoverable(digest, hasher=None)
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
        if self.kind != LEGACY:
            return self.encode(signature[64], r, s)
        return self.encode(signature[64] + (27 if chain is None else 35 + 2 * chain), r, s)

    def _envelope(self, fields: list[Item]) -> bytes:
        return (bytes((self.kind,)) if self.kind else b"") + encode(fields)

    def _fields(self) -> list[Item]:
        prices = [self.max_priority_fee_per_gas, self.max_fee_per_gas]
        if self.kind in (LEGACY, ACCESS_LIST):
            prices = [self.gas_price or 0]
        head = [] if self.kind == LEGACY else [self.chain_id or 0]
        fields: list[Item] = [encode_integer(n) for n in (*head, self.nonce, *prices, self.gas)]
        fields += [self.to or b"", encode_integer(self.value), self.data]
        if self.kind != LEGACY:
            fields.append([[who, list(keys)] for who, keys in self.access_list or ()])
        if self.kind == SET_CODE:
            fields.append(
                [
                    [encode_integer(chain), who, *map(encode_integer, rest)]
                    for chain, who, *rest in self.authorizations
                ]
            )
        return fields
