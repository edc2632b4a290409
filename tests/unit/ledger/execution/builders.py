"""Builders of signed transactions, blocks and executors for the tests of execution."""

from collections.abc import Sequence
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from sogdia._core import Store
from sogdia.ledger.execution.api import BlockInput, EpochInput, GenesisAccount
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions

CHAIN_ID = 7
GWEI = 10**9
ETHER = 10**18
AUTHOR = b"\xaa" * 20

# Writes word 0 of its call data to slot 0, logs topic 0xaa with that word, returns slot 0.
STORE_AND_LOG = bytes.fromhex(
    "600035600055600035600052" + "60aa60206000a1" + "60005460005260206000f3"
)

# Calls nobody with 64 KiB of data, again and again.
HANDS_ON_MUCH = bytes.fromhex("5b600060006201000060006000" + "61dead6000f150600056")


def signer(number: int) -> LocalAccount:
    """Return the account of private key `number`."""
    account: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return account


def address_of(account: LocalAccount) -> bytes:
    """Return the 20 bytes of an account's address."""
    return bytes.fromhex(account.address[2:])


def init_code(code: bytes) -> bytes:
    """Return init code that deploys `code`."""
    size = len(code).to_bytes(2, "big").hex()
    return bytes.fromhex(f"61{size}600e60003961{size}6000f3") + code


def sign(account: LocalAccount, nonce: int, **fields: Any) -> Transaction:
    """Return a decoded dynamic-fee transaction; `fields` overrides the defaults."""
    transaction: dict[str, Any] = {
        "nonce": nonce,
        "gas": 100_000,
        "maxFeePerGas": 10 * GWEI,
        "maxPriorityFeePerGas": GWEI,
        "value": 0,
        "to": b"\x22" * 20,
        "chainId": CHAIN_ID,
        "data": b"",
    }
    transaction.update(fields)
    transaction = {name: value for name, value in transaction.items() if value is not None}
    raw = bytes(account.sign_transaction(transaction).raw_transaction)
    (decoded,) = decode_transactions([raw], CHAIN_ID)
    assert isinstance(decoded, Transaction), decoded
    return decoded


def block(
    name: str, transactions: Sequence[Transaction] = (), *, author: bytes = AUTHOR, **fields: Any
) -> BlockInput:
    """Return a block whose hash follows from its name."""
    defaults: dict[str, Any] = {"timestamp": 1_000, "difficulty": 1, "gas_limit": 30_000_000}
    return BlockInput(
        hash=keccak256(name.encode()),
        author=author,
        transactions=transactions,
        **(defaults | fields),
    )


def epoch(
    number: int,
    *blocks: BlockInput,
    base_price: int = GWEI,
    rewards: Sequence[tuple[bytes, int]] = (),
) -> EpochInput:
    """Return an epoch of these blocks; an empty pivot when there is none."""
    placed = blocks or (block(f"pivot {number}"),)
    return EpochInput(
        number=number,
        pivot=placed[-1].hash,
        blocks=placed,
        base_price=base_price,
        rewards=rewards,
    )


def executor(
    *funded: LocalAccount,
    store: Store | None = None,
    params: ExecutionParams | None = None,
    accounts: Sequence[GenesisAccount] = (),
) -> CoreExecutor:
    """Return an executor whose genesis gives each funded account 1,000 ether."""
    engine = CoreExecutor(store or Store.memory([]), params or ExecutionParams(), chain_id=CHAIN_ID)
    allocation = [GenesisAccount(address_of(account), balance=1_000 * ETHER) for account in funded]
    engine.genesis([*allocation, *accounts], keccak256(b"genesis"))
    return engine
