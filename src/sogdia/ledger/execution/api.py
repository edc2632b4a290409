"""The one door to execution: what goes in for an epoch, what comes out, and what can be read.

    X1  An epoch is one atomic commit: state, receipts, undo record, indexes and roots, or nothing.
    X2  Readers see the last committed epoch or an older one, never a half one.
    X3  The same epochs in the same order give the same roots on every machine.
    X4  Undoing epochs and executing them again gives the roots they had before.

Amounts are in drip (wei), hashes are 32 and addresses 20 bytes, times are Unix seconds, and `at` is
an epoch number, `None` meaning the last executed epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Protocol

import msgspec

from sogdia.ledger.execution.proofs import StateProof
from sogdia.ledger.primitives.log import Log
from sogdia.ledger.primitives.transaction import Transaction


@dataclass(frozen=True, slots=True)
class EpochRoots:
    """What a header commits to five epochs later (protocol §3.6)."""

    state_root: bytes
    receipts_root: bytes
    logs_bloom_hash: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is stored; one that does not exist is all zero with the empty code hash."""

    nonce: int
    balance: int
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class GenesisAccount:
    """One entry of the genesis allocation."""

    address: bytes
    balance: int = 0
    nonce: int = 0
    code: bytes = b""
    storage: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockInput:
    """One block; `nonce`, `size` (bytes) and `transactions_root` are only kept to be shown."""

    hash: bytes
    author: bytes
    timestamp: int
    difficulty: int
    gas_limit: int
    transactions: Sequence[Transaction]
    nonce: int = 0
    size: int = 0
    transactions_root: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class EpochInput:
    """An epoch to execute: its blocks in execution order, the pivot last.

    `base_price` is the pivot's, in drip per gas, and rules the whole epoch (protocol §3.11).
    `rewards` are (address, drip) paid after the last transaction, for the epoch 12 before.
    """

    number: int
    pivot: bytes
    blocks: Sequence[BlockInput]
    base_price: int
    rewards: Sequence[tuple[bytes, int]] = ()
    prev_randao: bytes | None = None
    """What PREVRANDAO shows, keccak of the pivot's hash by default; for development networks."""


class Unexecuted(Enum):
    """Why a packed transaction left no receipt; the text is what the pool shows."""

    NONCE_TOO_LOW = "nonce too low"
    NONCE_TOO_HIGH = "nonce too high"
    INSUFFICIENT_FUNDS = "insufficient funds for gas * price + value"
    FEE_BELOW_BASE = "max fee per gas less than block base fee"
    SENDER_NOT_EOA = "sender not an eoa"
    GAS_LIMIT_EXCEEDED = "exceeds block gas limit"
    INVALID = "invalid under the rules in force"

    @property
    def may_execute_later(self) -> bool:
        """Whether the transaction goes back to the pool instead of being dropped."""
        return self in (
            Unexecuted.NONCE_TOO_HIGH,
            Unexecuted.INSUFFICIENT_FUNDS,
            Unexecuted.FEE_BELOW_BASE,
        )


@dataclass(frozen=True, slots=True)
class SenderState:
    """A sender after an epoch: what the pool needs to move its queue on."""

    address: bytes
    nonce: int
    balance: int


@dataclass(frozen=True, slots=True)
class EpochOutcome:
    """What executing an epoch came to.

    `executed` counts transactions with a receipt; `unexecuted` names the others once each
    (a transaction that an earlier block or epoch executed is not listed).
    """

    number: int
    pivot: bytes
    roots: EpochRoots
    gas_used: int
    executed: int
    unexecuted: tuple[tuple[bytes, Unexecuted], ...]
    senders: tuple[SenderState, ...]
    burnt: int


@dataclass(frozen=True, slots=True)
class EpochSummary:
    """An executed epoch without its transactions."""

    number: int
    pivot: bytes
    roots: EpochRoots
    timestamp: int
    author: bytes
    base_price: int
    gas_used: int
    gas_limit: int
    transaction_count: int
    blocks: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TransactionLocation:
    """Where an executed transaction is: the first block of its epoch that contains it."""

    epoch: int
    index: int
    block: bytes


# A frozen dataclass takes four times as long to make, and `eth_call` makes two.
class CallRequest(msgspec.Struct, frozen=True):
    """A call to try. `None` means: not given (fees zero, gas the cap, the sender's own nonce)."""

    sender: bytes = bytes(20)
    to: bytes | None = None
    gas: int | None = None
    gas_price: int | None = None
    max_fee_per_gas: int | None = None
    max_priority_fee_per_gas: int | None = None
    value: int = 0
    data: bytes = b""
    nonce: int | None = None
    access_list: Sequence[tuple[bytes, Sequence[bytes]]] = ()
    # (chain id, delegate, nonce, y parity, r, s)
    authorizations: Sequence[tuple[int, bytes, int, int, int, int]] = ()


@dataclass(frozen=True, slots=True)
class AccountOverride:
    """What a call pretends of one account; `storage` replaces all of it, `storage_diff` some."""

    balance: int | None = None
    nonce: int | None = None
    code: bytes | None = None
    storage: Mapping[int, int] | None = None
    storage_diff: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockOverride:
    """What a call pretends of the epoch it runs in; `None` keeps the epoch's own value."""

    number: int | None = None
    timestamp: int | None = None
    author: bytes | None = None
    gas_limit: int | None = None
    base_price: int | None = None
    prev_randao: bytes | None = None
    difficulty: int | None = None


class CallStatus(IntEnum):
    """How a call ended."""

    SUCCESS = 1
    REVERTED = 0
    HALTED = 2


@dataclass(frozen=True, slots=True)
class CallResult:
    """`output` is the return or revert data; `halt` says in words why a call halted.

    `gas_spent` is what it needed before refunds lowered `gas_used`.
    """

    status: CallStatus
    output: bytes
    gas_used: int
    gas_spent: int
    halt: str | None = None


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """One call of a simulation; `created` is the contract it made."""

    result: CallResult
    logs: tuple[Log, ...]
    created: bytes | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What calls in a row came to.

    `accounts` holds what each changed account would be, `None` if it would not exist; `storage`
    what each changed slot would hold; `codes` the code that would be new, by hash.
    """

    calls: tuple[SimulatedCall, ...]
    accounts: Mapping[bytes, Account | None]
    storage: Mapping[bytes, Mapping[int, int]]
    codes: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Logs of epochs `first` to `last` inclusive.

    An empty `addresses` means any; `topics[i]` lists what position i may be, empty meaning any.
    """

    first: int
    last: int
    addresses: Sequence[bytes] = ()
    topics: Sequence[Sequence[bytes]] = ()
    limit: int = 10_000


class Executor(Protocol):
    """The executor: one writer calls the first group, any thread the others."""

    undo_count: int  # how often `undo_to` was begun; any thread may read it

    def genesis(
        self,
        allocation: Sequence[GenesisAccount],
        pivot: bytes,
        *,
        timestamp: int = 0,
        gas_limit: int = 30_000_000,
        base_price: int = 0,
    ) -> EpochRoots:
        """Write epoch 0 with block `pivot`, or check that the store holds the same one.

        Raises:
            AlreadyInitialised: the store holds another genesis state.
        """

    def execute_epoch(self, epoch: EpochInput) -> EpochOutcome:
        """Execute and commit the epoch after the head.

        Raises:
            WrongEpoch: `epoch.number` does not follow the head.
            StorageError: the commit failed; the head is as before.
        """

    def undo_to(self, number: int) -> list[int]:
        """Take back all epochs above `number`; return their numbers, newest first.

        Raises:
            UndoTooDeep: the undo records do not reach so far.
        """

    def forget_before(self, number: int) -> None:
        """Say that no undo below epoch `number` will be asked for: its records may go."""

    def head(self) -> tuple[int, bytes]:
        """Return number and pivot hash of the last executed epoch."""

    def oldest_kept(self) -> int:
        """Return the oldest epoch whose state can be read."""

    def epoch_roots(self, number: int, pivot: bytes | None = None) -> EpochRoots | None:
        """Return the roots of epoch `number`, or `None` when it is not executed, or not with
        `pivot` where one is given."""

    def epoch(self, number: int) -> EpochSummary | None:
        """Return the summary of epoch `number`, or `None` when it is not executed."""

    def account(self, address: bytes, at: int | None = None) -> Account:
        """Return the account at `address`.

        Raises:
            MissingHistory: the state of `at` is not kept. So do all reads with an `at`.
        """

    def code(self, address: bytes, at: int | None = None) -> bytes:
        """Return the code at `address`, empty when there is none."""

    def storage_at(self, address: bytes, slot: int, at: int | None = None) -> int:
        """Return the value of a storage slot, zero when it was never written."""

    def call(
        self,
        request: CallRequest,
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> CallResult:
        """Run a call on the state of `at` and throw its changes away.

        Raises InvalidCall when it cannot be tried at all.
        """

    def estimate_gas(
        self,
        request: CallRequest,
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> int | CallResult:
        """Return a gas limit that suffices, or how the call fails at any; raises as `call`."""

    def simulate(
        self,
        requests: Sequence[CallRequest],
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> Simulation:
        """Run calls, each on what the ones before left, and keep nothing; raises as `call`."""

    def prove(self, address: bytes, slots: Sequence[int], at: int | None = None) -> StateProof:
        """Prove an account and some of its slots against the state root of epoch `at`, or the last.

        Raises:
            MissingHistory: it is not kept, before the present window, or too much changed since.
        """

    def locate(self, transaction: bytes) -> TransactionLocation | None:
        """Return where a transaction was executed, or `None`."""

    def raw_transaction(self, transaction: bytes) -> bytes | None:
        """Return the signed bytes of an executed transaction, or `None`."""

    def transaction_json(self, transaction: bytes) -> bytes | None:
        """Return an executed transaction as `eth_getTransactionByHash` shows it, or `None`."""

    def receipt_json(self, transaction: bytes) -> bytes | None:
        """Return a receipt as `eth_getTransactionReceipt` shows it, or `None`."""

    def block_json(self, number: int, *, full: bool) -> bytes | None:
        """Return an epoch as `eth_getBlockByNumber` shows it, or `None` when not executed."""

    def receipts_json(self, number: int) -> bytes | None:
        """Return all receipts of an epoch as `eth_getBlockReceipts` shows them, or `None`."""

    def logs_json(self, query: LogQuery) -> bytes:
        """Return the logs that match, as `eth_getLogs` shows them.

        Raises:
            TooManyLogs: more than `query.limit` match.
        """

    def fee_shares(
        self, number: int, rewardable: Sequence[bytes]
    ) -> tuple[tuple[tuple[bytes, int], ...], int]:
        """Share the fees of an epoch over its rewardable blocks (protocol §3.7).

        Each fee without its burnt part is split evenly over the rewardable blocks that contain
        the transaction, remainders one drip each in hash order. Returns ((block, drip), …) and
        what no block may claim, which is burnt.
        """
