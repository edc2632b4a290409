"""Signed transfers by the thousand, and a pool over a state that a test writes."""

from collections.abc import Iterable
from functools import cache

import coincurve

from sogdia.ledger.execution.api import Account
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables.pool_journal import PoolJournal

CHAIN_ID = 7
GWEI = 10**9
RICH = 10**24


class State:
    """Accounts that a test sets; whoever is not named is rich and new."""

    def __init__(self) -> None:
        self.accounts: dict[bytes, Account] = {}
        self.codes: dict[bytes, bytes] = {}
        self.reads = 0

    def set(
        self, address: bytes, *, nonce: int = 0, balance: int = RICH, code: bytes = b""
    ) -> None:
        """Write one account."""
        self.codes[address] = code
        self.accounts[address] = Account(nonce, balance, keccak256(code))

    def account(self, address: bytes) -> Account:
        """Read one account."""
        self.reads += 1
        return self.accounts.get(address) or Account(0, RICH, EMPTY_KECCAK)

    def code(self, address: bytes) -> bytes:
        """Read its code."""
        return self.codes.get(address, b"")


@cache
def key_of(sender: int) -> coincurve.PrivateKey:
    """Return the key of the sender numbered `sender`."""
    return coincurve.PrivateKey.from_int(sender + 1)


@cache
def address_of(sender: int) -> bytes:
    """Return the address of the sender numbered `sender`."""
    return keccak256(key_of(sender).public_key.format(compressed=False)[1:])[12:]


def raw_transfer(
    sender: int = 0,
    nonce: int = 0,
    *,
    tip: int = GWEI,
    cap: int | None = None,
    gas: int = 21_000,
    value: int = 1,
    data: bytes = b"",
) -> bytes:
    """Return a raw dynamic-fee transaction; the cap is far above the tip unless given."""
    cap = tip + 100 * GWEI if cap is None else cap
    numbers = [encode_integer(number) for number in (CHAIN_ID, nonce, tip, cap, gas)]
    fields = [*numbers, b"\x22" * 20, encode_integer(value), data, []]
    digest = keccak256(b"\x02" + encode(fields))
    signature = key_of(sender).sign_recoverable(digest, hasher=None)
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
    return b"\x02" + encode([*fields, *map(encode_integer, (signature[64], r, s))])


def decoded(raws: Iterable[bytes]) -> list[Transaction]:
    """Decode what is known to be valid."""
    results = decode_transactions(list(raws), CHAIN_ID)
    assert all(isinstance(result, Transaction) for result in results), results
    return [result for result in results if isinstance(result, Transaction)]


def transfer(sender: int = 0, nonce: int = 0, **fields: int | bytes) -> Transaction:
    """Return one decoded transfer, see `raw_transfer`."""
    return decoded([raw_transfer(sender, nonce, **fields)])[0]  # type: ignore[arg-type]


def pool_over(
    state: State,
    *,
    base_price: int = GWEI,
    block_gas_max: int = 30_000_000,
    journal: PoolJournal | None = None,
    order_key: bytes = b"",
    **limits: int,
) -> Pool:
    """Return an empty pool over `state`, generous unless limits are given."""
    generous = {"ready_per_sender_max": 1_000, "queued_per_sender_max": 1_000}
    return Pool(
        MempoolParams(**(generous | limits)),
        state,
        journal or PoolJournal(Database.in_memory().store),
        base_price=base_price,
        block_gas_max=block_gas_max,
        order_key=order_key,
    )
