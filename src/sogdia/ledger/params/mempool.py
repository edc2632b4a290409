"""Limits of the pool of waiting transactions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolParams:
    """Limits of one node's pool; they never decide whether a block is valid."""

    transactions_max: int = 50_000
    """All waiting transactions; at about 1.2 KB each in memory, 60 MB."""
    nonce_gap_max: int = 2_000
    """A nonce may lie this far ahead of the account's (the family's bound): what lies further
    could not execute for that many transactions, and would only fill the pool."""
    ready_per_sender_max: int = 16
    """Consecutive transactions of one sender that may enter the next blocks (geth's slots)."""
    queued_per_sender_max: int = 64
    """Further ones of one sender that wait for those, or for a missing nonce (geth's queue)."""
    transaction_size_bytes_max: int = 128 * 1024
    """Encoded size of one transaction (geth's bound: four slots of 32 KiB)."""
    replacement_percent: int = 10
    """How much more a replacement must offer, in tip and in cap: sending 1,000 versions of one
    transaction then costs 10^41 times the first."""
    takes_core_space: bool = False
    """Whether transfers of Core Space are taken, as `ExecutionParams` says of blocks."""
    contracts_may_send: bool = False
    """Whether a contract may be a sender, as `ExecutionParams` says of blocks."""
    min_tip: int = 0
    """Least priority fee, in drip per gas, that this node takes in."""

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could ever enter.

        Raises:
            ValueError: names the field and its value.
        """
        for name in ("transactions_max", "ready_per_sender_max", "transaction_size_bytes_max"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("nonce_gap_max", "queued_per_sender_max", "replacement_percent", "min_tip"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must not be negative")
