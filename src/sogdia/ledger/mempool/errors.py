"""Why the pool does not take a transaction.

PoolError
├── AlreadyKnown, NonceTooLow, NonceGapTooWide, ReplacementUnderpriced
├── InsufficientFunds, FeeCapBelowBase, TipBelowMinimum
├── GasLimitAboveBlock, TransactionTooLarge, SenderHasCode
└── SenderQueueFull, PoolFull

A transaction that is refused for good is an `InvalidTransaction` (primitives/errors.py); one of
these may be taken at another time or by another node. Amounts are in drip, prices in drip per gas.
"""

from dataclasses import dataclass

from sogdia.ledger.primitives.errors import SogdiaError


class PoolError(SogdiaError):
    """The pool does not take a transaction now."""


@dataclass(eq=False, kw_only=True)
class AlreadyKnown(PoolError):
    """It is in the pool."""

    hash: bytes

    def __str__(self) -> str:
        """Name it."""
        return f"transaction {self.hash.hex()} is in the pool already"


@dataclass(eq=False, kw_only=True)
class NonceTooLow(PoolError):
    """The account has used that nonce."""

    nonce: int
    account_nonce: int

    def __str__(self) -> str:
        """Name both."""
        return f"nonce {self.nonce} is used: the account's next is {self.account_nonce}"


@dataclass(eq=False, kw_only=True)
class NonceGapTooWide(PoolError):
    """The nonce lies too far ahead."""

    nonce: int
    account_nonce: int
    gap_max: int

    def __str__(self) -> str:
        """Name the bound."""
        return (
            f"nonce {self.nonce} is more than {self.gap_max} ahead of the account's "
            f"{self.account_nonce}: send the transactions before it first"
        )


@dataclass(eq=False, kw_only=True)
class ReplacementUnderpriced(PoolError):
    """A transaction of that sender and nonce waits, and the offer is not high enough."""

    tip: int
    cap: int
    tip_needed: int
    cap_needed: int

    def __str__(self) -> str:
        """Name what would suffice."""
        return (
            f"a replacement must offer a tip of {self.tip_needed} and a cap of {self.cap_needed} "
            f"at least, not {self.tip} and {self.cap}"
        )


@dataclass(eq=False, kw_only=True)
class InsufficientFunds(PoolError):
    """The sender cannot pay for this and what waits before it."""

    balance: int
    needed: int

    def __str__(self) -> str:
        """Name both amounts."""
        return (
            f"the account holds {self.balance}; its waiting transactions with this one cost up to "
            f"{self.needed}"
        )


@dataclass(eq=False, kw_only=True)
class FeeCapBelowBase(PoolError):
    """The most it pays is below the current base price."""

    cap: int
    base_price: int

    def __str__(self) -> str:
        """Name both prices."""
        return f"the fee cap {self.cap} is below the base price {self.base_price}"


@dataclass(eq=False, kw_only=True)
class TipBelowMinimum(PoolError):
    """This node takes no transaction with so small a tip."""

    tip: int
    tip_min: int

    def __str__(self) -> str:
        """Name both."""
        return f"the tip {self.tip} is below this node's minimum {self.tip_min}"


@dataclass(eq=False, kw_only=True)
class GasLimitAboveBlock(PoolError):
    """No block could hold it."""

    gas_limit: int
    gas_limit_max: int

    def __str__(self) -> str:
        """Name both."""
        return f"gas limit {self.gas_limit} exceeds the {self.gas_limit_max} of a block"


@dataclass(eq=False, kw_only=True)
class TransactionTooLarge(PoolError):
    """Its encoding is too long; sizes in bytes."""

    size: int
    size_max: int

    def __str__(self) -> str:
        """Name both."""
        return f"the transaction is {self.size} bytes, at most {self.size_max} are taken"


@dataclass(eq=False, kw_only=True)
class SenderHasCode(PoolError):
    """The sender is a contract, which cannot sign (EIP-3607)."""

    sender: bytes

    def __str__(self) -> str:
        """Name it."""
        return f"the sender {self.sender.hex()} is a contract"


@dataclass(eq=False, kw_only=True)
class SenderQueueFull(PoolError):
    """As many transactions of this sender wait as may."""

    count_max: int

    def __str__(self) -> str:
        """Name the bound."""
        return f"{self.count_max} transactions of this sender wait: send more when some are packed"


@dataclass(eq=False, kw_only=True)
class PoolFull(PoolError):
    """The pool is full of transactions that offer as much or more."""

    price: int
    price_needed: int | None
    """What is needed to displace another; None: only a transaction that is ready at once could."""

    def __str__(self) -> str:
        """Say what would get in."""
        if self.price_needed is None:
            return "the pool is full, and this transaction is not ready to be packed"
        return f"the pool is full: a tip above {self.price_needed} is needed, not {self.price}"
