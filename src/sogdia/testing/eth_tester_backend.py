"""A backend for eth-tester over this ledger's execution, in the process of the test.

    tester = EthereumTester(SogdiaBackend())
    w3 = Web3(EthereumTesterProvider(tester))

Contracts run on the executor that a node runs, over a store in memory. There is no consensus, no
pool and no port: a block is an epoch of one block, executed when it is mined.

    TB1  What was sent and not mined lies in a pending epoch above the last block, executed anew
         with each transaction. Reading the latest state reads it, as eth-tester expects.
    TB2  A snapshot is a block; going back to it takes back the epochs above it.
    TB3  A block is one second after its parent; its base price follows EIP-1559 from one gigadrip.
"""

import json
import os
from collections.abc import Sequence
from typing import Any, cast

import rlp
from coincurve import PrivateKey
from eth_tester.backends.base import BaseChainBackend
from eth_tester.exceptions import (
    BlockNotFound,
    TransactionFailed,
    TransactionNotFound,
    ValidationError,
)

from sogdia.ledger.execution.api import (
    BlockInput,
    CallResult,
    CallStatus,
    EpochInput,
    EpochSummary,
    GenesisAccount,
)
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import InvalidCall
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.errors import InvalidTransaction, UnknownTransactionType
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions
from sogdia.ledger.rpc.eth.reverts import revert_reason
from sogdia.ledger.storage.database import Database
from sogdia.testing import eth_tester_shapes as shapes

# As eth-tester's own backend has them: tests name this chain, and count from these.
CHAIN_ID = 131277322940537
GENESIS_TIME = 1_700_000_000
GAS_LIMIT = 30_029_122
ACCOUNTS = 10
BALANCE = 1_000_000 * 10**18
FEE_BLOCKS_MAX = 1_024
NEWEST = ("latest", "safe", "finalized")


class SogdiaBackend(BaseChainBackend):  # type: ignore[misc]
    """A ledger of one test. `keys` are the private keys of its funded accounts."""

    def __init__(self, keys: Sequence[bytes] | None = None, *, chain_id: int = CHAIN_ID) -> None:
        self._chain_id = chain_id
        given = keys or [number.to_bytes(32) for number in range(1, ACCOUNTS + 1)]
        self._genesis_keys = {_address_of(key): key for key in given}
        self.reset_to_genesis()

    # --- the chain ---------------------------------------------------------------------------

    def reset_to_genesis(self) -> None:
        """Begin anew with the accounts of the beginning."""
        self._keys = dict(self._genesis_keys)
        self._executor = CoreExecutor(
            Database.in_memory().store,
            ExecutionParams(),
            chain_id=self._chain_id,
            pay_author_at_once=True,
        )
        self._executor.genesis(
            [GenesisAccount(address, BALANCE) for address in self._keys],
            os.urandom(32),
            timestamp=GENESIS_TIME,
            gas_limit=GAS_LIMIT,
            base_price=shapes.GIGADRIP,
        )
        self._head = 0
        self._pending: list[Transaction] = []
        self._numbers = {self._summary(0).pivot: 0}
        self._open_pending([])

    def take_snapshot(self) -> bytes:
        """Return the hash of the last block."""
        return self._summary(self._head).pivot

    def revert_to_snapshot(self, snapshot: bytes) -> None:
        """Take back the blocks above `snapshot`, and what waits.

        Raises:
            BlockNotFound: it was itself taken back.
        """
        number = self._number_of_hash(snapshot)
        self._executor.undo_to(number)
        self._head = number
        self._open_pending([])

    def time_travel(self, to_timestamp: int) -> int:
        """Mine what waits, so that the next block's time is `to_timestamp`."""
        self._seal(bytes(20), timestamp=to_timestamp - 1)
        self._open_pending([])
        return to_timestamp

    def mine_blocks(self, num_blocks: int = 1, coinbase: bytes = bytes(20)) -> tuple[bytes, ...]:
        """Mine blocks, the first with what waits; return their hashes."""
        hashes = tuple(self._seal(coinbase) for _ in range(num_blocks))
        self._open_pending([])
        return hashes

    def _seal(self, author: bytes, timestamp: int | None = None) -> bytes:
        self._executor.undo_to(self._head)
        self._execute(self._pending, author, timestamp)
        self._pending = []
        self._head += 1
        pivot = self._summary(self._head).pivot
        self._numbers[pivot] = self._head
        return pivot

    def _open_pending(self, transactions: list[Transaction]) -> None:
        """Execute the pending epoch with `transactions` instead of what waited."""
        self._executor.undo_to(self._head)
        unexecuted = self._execute(transactions, bytes(20), None)
        if unexecuted:
            self._executor.undo_to(self._head)
            self._execute(self._pending, bytes(20), None)
            raise ValidationError(unexecuted[0])
        self._pending = transactions

    def _execute(
        self, transactions: Sequence[Transaction], author: bytes, timestamp: int | None
    ) -> list[str]:
        """Execute an epoch above the last block; return why some of it could not be."""
        parent = self._summary(self._head)
        pivot = os.urandom(32)
        block = BlockInput(
            hash=pivot,
            author=author,
            timestamp=parent.timestamp + 1 if timestamp is None else timestamp,
            difficulty=0,
            gas_limit=GAS_LIMIT,
            transactions=transactions,
        )
        outcome = self._executor.execute_epoch(
            EpochInput(self._head + 1, pivot, [block], _following_price(parent))
        )
        return [why.value for _, why in outcome.unexecuted]

    # --- accounts ----------------------------------------------------------------------------

    def get_accounts(self) -> tuple[bytes, ...]:
        """Return the addresses that this backend signs for."""
        return tuple(self._keys)

    def add_account(self, private_key: bytes) -> None:
        """Sign for one more account."""
        self._keys[_address_of(private_key)] = private_key

    def get_nonce(self, account: bytes, block_number: Any = "latest") -> int:
        """Return the next nonce."""
        return self._executor.account(account, self._at(block_number)).nonce

    def get_balance(self, account: bytes, block_number: Any = "latest") -> int:
        """Return the balance."""
        return self._executor.account(account, self._at(block_number)).balance

    def get_code(self, account: bytes, block_number: Any = "latest") -> bytes:
        """Return the code."""
        return self._executor.code(account, self._at(block_number))

    def get_storage(self, account: bytes, slot: int, block_number: Any = "latest") -> int:
        """Return the value of a slot."""
        return self._executor.storage_at(account, slot, self._at(block_number))

    def get_base_fee(self, block_number: Any = "latest") -> int:
        """Return the base price of the state that is read."""
        at = self._at(block_number)
        return self._summary(self._head + 1 if at is None else at).base_price

    # --- blocks and transactions -------------------------------------------------------------

    def get_block_by_number(self, block_number: Any, full_transaction: bool = True) -> Any:
        """Return a block, mined or pending."""
        number = self._number_of(block_number)
        shown = self._executor.block_json(number, full=True)
        assert shown is not None, "a number that was found is executed"
        pending = number > self._head
        return shapes.block_of(json.loads(shown), full=full_transaction, is_pending=pending)

    def get_block_by_hash(self, block_hash: bytes, full_transaction: bool = True) -> Any:
        """Return a mined block."""
        return self.get_block_by_number(self._number_of_hash(block_hash), full_transaction)

    def get_transaction_by_hash(self, transaction_hash: bytes) -> Any:
        """Return a transaction, mined or pending."""
        shown = json.loads(self._found(self._executor.transaction_json(transaction_hash)))
        return shapes.transaction_of(shown, is_pending=int(shown["blockNumber"], 16) > self._head)

    def get_transaction_receipt(self, transaction_hash: bytes) -> Any:
        """Return a receipt; a pending transaction has one, too."""
        shown = json.loads(self._found(self._executor.receipt_json(transaction_hash)))
        return shapes.receipt_of(shown, is_pending=int(shown["blockNumber"], 16) > self._head)

    def get_fee_history(
        self,
        block_count: int = 1,
        newest_block: Any = "latest",
        reward_percentiles: Sequence[int] = (),
    ) -> dict[str, Any]:
        """Return base prices before `newest_block`, newest first, as eth-tester's own backend."""
        del reward_percentiles
        if isinstance(block_count, int) and not 1 <= block_count <= FEE_BLOCKS_MAX:
            raise ValidationError(f"block_count must be between 1 and {FEE_BLOCKS_MAX}")
        newest = self._number_of("latest" if newest_block == "pending" else newest_block)
        before = [
            self._summary(n) for n in range(newest - 1, newest - 1 - block_count, -1) if n >= 0
        ]
        return {
            "oldest_block": 1,
            "base_fee_per_gas": [block.base_price for block in before],
            "gas_used_ratio": [block.gas_used / block.gas_limit for block in before],
            "reward": [],
        }

    # --- transactions ------------------------------------------------------------------------

    def send_transaction(self, transaction: shapes.Fields) -> bytes:
        """Sign a transaction of an account that this backend has the key of, and take it."""
        key = self._keys.get(transaction["from"])
        if key is None:
            raise ValidationError(
                'No valid "from" key was provided in the transaction '
                "which is required for transaction signing."
            )
        return self.send_raw_transaction(shapes.unsigned(self._filled(transaction)).sign(key))

    def send_signed_transaction(self, transaction: shapes.Fields) -> bytes:
        """Take a transaction whose signature is among its fields."""
        signature = (transaction["v"], transaction["r"], transaction["s"])
        whole = shapes.unsigned(self._filled(transaction))
        return self.send_raw_transaction(whole.encode(*signature))

    def send_raw_transaction(self, raw_transaction: bytes) -> bytes:
        """Take signed bytes; return the hash.

        Raises:
            rlp.DecodingError: they are no transaction.
            ValidationError: no block could contain it now.
        """
        (decoded,) = decode_transactions([raw_transaction], self._chain_id)
        if isinstance(decoded, InvalidTransaction):
            raise _refusal(decoded, raw_transaction)
        self._open_pending([*self._pending, decoded])
        return decoded.hash

    def _filled(self, transaction: shapes.Fields) -> dict[str, Any]:
        return shapes.filled(
            transaction,
            nonce=self.get_nonce(transaction["from"]),
            chain_id=self._chain_id,
            base_price=self.get_base_fee(),
        )

    def call(self, transaction: shapes.Fields, block_number: Any = "latest") -> bytes:
        """Return what a call returns.

        Raises:
            TransactionFailed: it reverted, with its reason if it gave one, or halted.
        """
        request = shapes.call_request(transaction)
        try:
            result = self._executor.call(request, self._at(block_number))
        except InvalidCall as refused:
            raise ValidationError(refused.reason) from None
        _raise_failure(result)
        return result.output

    def estimate_gas(self, transaction: shapes.Fields, block_number: Any = "latest") -> int:
        """Return a gas limit that suffices; raises as `call`."""
        if block_number == "pending":
            raise NotImplementedError('"pending" block identifier is unsupported in eth-tester')
        request = shapes.call_request({**transaction, "gas": None})
        try:
            found = self._executor.estimate_gas(request, self._at(block_number))
        except InvalidCall as refused:
            raise ValidationError(refused.reason) from None
        if isinstance(found, int):
            return found
        _raise_failure(found)
        raise TransactionFailed("out of gas")

    # --- names of blocks ---------------------------------------------------------------------

    def _at(self, name: Any) -> int | None:
        """Return the epoch whose state is read; None for the pending one (TB1)."""
        return None if name is None or name in (*NEWEST, "pending") else self._number_of(name)

    def _number_of(self, name: Any) -> int:
        if name in NEWEST:
            return self._head
        if name == "earliest":
            return 0
        if name == "pending":
            return self._head + 1
        if type(name) is int and 0 <= name <= self._head:
            return name
        raise BlockNotFound(f"No block found for block number: {name}")

    def _number_of_hash(self, block_hash: bytes) -> int:
        number = self._numbers.get(block_hash)
        if number is None or number > self._head or self._summary(number).pivot != block_hash:
            raise BlockNotFound(f"No block found for block hash: 0x{block_hash.hex()}")
        return number

    def _summary(self, number: int) -> EpochSummary:
        summary = self._executor.epoch(number)
        assert summary is not None, f"epoch {number} is executed"
        return summary

    @staticmethod
    def _found(shown: bytes | None) -> bytes:
        if shown is None:
            raise TransactionNotFound("No transaction found for transaction hash")
        return shown


def _address_of(key: bytes) -> bytes:
    return keccak256(PrivateKey(key).public_key.format(compressed=False)[1:])[12:]


def _following_price(parent: EpochSummary) -> int:
    """Return the base price after `parent` (EIP-1559)."""
    target = GAS_LIMIT // 2
    distance = parent.gas_used - target
    change = parent.base_price * abs(distance) // target // 8
    return parent.base_price + (max(change, 1) if distance > 0 else -change)


def _refusal(error: InvalidTransaction, raw: bytes) -> Exception:
    """Return what eth-tester's users catch: exceptions of the libraries that it is made of."""
    if isinstance(error, UnknownTransactionType):
        try:
            from eth.exceptions import UnrecognizedTransactionType
        except ImportError:  # py-evm is only there for those who use it beside this
            return cast("Exception", ValidationError(str(error)))
        return cast("Exception", UnrecognizedTransactionType(raw[0], str(error)))
    return cast("Exception", rlp.exceptions.DecodingError(str(error), raw))


def _raise_failure(result: CallResult) -> None:
    if result.status is CallStatus.REVERTED:
        raise TransactionFailed(revert_reason(result.output) or result.output)
    if result.status is CallStatus.HALTED:
        raise TransactionFailed(result.halt or "execution halted")
