"""Which transactions the pool takes: each rule is a function that raises its own error.

They run in the order of `ADMISSION_RULES`, by cost; the signature was checked before all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sogdia.ledger.execution.api import Account
from sogdia.ledger.mempool.errors import (
    FeeCapBelowBase,
    GasLimitAboveBlock,
    InsufficientFunds,
    NonceGapTooWide,
    NonceTooLow,
    ReplacementUnderpriced,
    SenderHasCode,
    SenderQueueFull,
    TipBelowMinimum,
    TransactionTooLarge,
)
from sogdia.ledger.mempool.sender import Entry, Facts, SenderQueue
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK
from sogdia.ledger.primitives.transaction import Transaction, validate_limits

DELEGATION_PREFIX = b"\xef\x01\x00"  # code of an account that delegates, and still signs (EIP-7702)


class AccountReader(Protocol):
    """What the pool asks of the last executed state; the executor answers."""

    def account(self, address: bytes) -> Account:
        """Return nonce, balance and code hash of `address`."""

    def code(self, address: bytes) -> bytes:
        """Return the code of `address`."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What admission is measured against now."""

    params: MempoolParams
    base_price: int
    block_gas_max: int
    """Gas for eSpace of the blocks that carry it; 0 while it is not known."""
    transaction_gas_max: int | None


def size_is_bounded(_transaction: Transaction, facts: Facts, now: Conditions) -> None:
    """Refuse what is longer than the pool takes."""
    _, _, _, _, size, _, _, _ = facts
    size_max = now.params.transaction_size_bytes_max
    if size > size_max:
        raise TransactionTooLarge(size=size, size_max=size_max)


def price_is_sufficient(_transaction: Transaction, facts: Facts, now: Conditions) -> None:
    """Refuse a cap below the present base price, and a tip below this node's minimum."""
    _, _, _, _, _, cap, tip, _ = facts
    if cap < now.base_price:
        raise FeeCapBelowBase(cap=cap, base_price=now.base_price)
    if tip < now.params.min_tip:
        raise TipBelowMinimum(tip=tip, tip_min=now.params.min_tip)


def gas_is_bounded(transaction: Transaction, facts: Facts, now: Conditions) -> None:
    """Refuse a gas limit that does not cover the start or that no block could hold."""
    validate_limits(
        transaction,
        gas_limit_max=now.transaction_gas_max,
        takes_core_space=now.params.takes_core_space,
    )
    _, _, _, gas_limit, _, _, _, _ = facts
    if now.block_gas_max and gas_limit > now.block_gas_max:
        raise GasLimitAboveBlock(gas_limit=gas_limit, gas_limit_max=now.block_gas_max)


# The facts are the transaction's: a field of it crosses into the core each time it is read.
Rule = Callable[[Transaction, Facts, Conditions], None]

ADMISSION_RULES: tuple[Rule, ...] = (size_is_bounded, price_is_sufficient, gas_is_bounded)


def nonce_is_near(nonce: int, sender: SenderQueue, params: MempoolParams) -> None:
    """Refuse a nonce that is used, or that lies too far ahead."""
    if nonce < sender.nonce:
        raise NonceTooLow(nonce=nonce, account_nonce=sender.nonce)
    if nonce > sender.nonce + params.nonce_gap_max:
        raise NonceGapTooWide(nonce=nonce, account_nonce=sender.nonce, gap_max=params.nonce_gap_max)


def sender_may_sign(sender: bytes, account: Account, accounts: AccountReader) -> None:
    """Refuse a contract as a sender; a delegation is none (EIP-3607, EIP-7702)."""
    if account.code_hash == EMPTY_KECCAK:
        return
    if not accounts.code(sender).startswith(DELEGATION_PREFIX):
        raise SenderHasCode(sender=sender)


def sender_has_room(entry: Entry, params: MempoolParams) -> None:
    """Refuse more transactions of one sender than may wait."""
    sender = entry.sender
    count_max = params.ready_per_sender_max + params.queued_per_sender_max
    if len(sender.entries) >= count_max:
        raise SenderQueueFull(count_max=count_max)
    extends_row = entry.nonce == sender.ready_end and sender.ready_count < sender.ready_max
    if extends_row:
        return
    if len(sender.entries) - sender.ready_count >= params.queued_per_sender_max:
        raise SenderQueueFull(count_max=params.queued_per_sender_max)


def sender_can_pay(entry: Entry, replaced: Entry | None) -> None:
    """Refuse what the balance does not cover together with everything that waits."""
    sender = entry.sender
    needed = sender.total_cost + entry.cost - (replaced.cost if replaced else 0)
    if needed > sender.balance:
        raise InsufficientFunds(balance=sender.balance, needed=needed)


def replacement_pays_more(entry: Entry, replaced: Entry, params: MempoolParams) -> None:
    """Refuse a replacement that does not raise both tip and cap by the percentage, and the cap."""
    percent = 100 + params.replacement_percent
    tip_needed, cap_needed = (-(-old * percent // 100) for old in (replaced.tip, replaced.cap))
    cap_needed = max(cap_needed, replaced.cap + 1)
    if entry.tip < tip_needed or entry.cap < cap_needed:
        raise ReplacementUnderpriced(
            tip=entry.tip, cap=entry.cap, tip_needed=tip_needed, cap_needed=cap_needed
        )
