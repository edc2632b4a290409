"""What the rules of execution are parameterised by."""

from dataclasses import dataclass

GAS_UNBOUNDED = (1 << 64) - 1  # the family has no bound but the block's
BASE_BLOCK_REWARD_DRIP = 2 * 10**18  # two units a block, the family's reward since CIP-40


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionParams:
    """Rules of execution, equal on all nodes of a network, and limits of one node (the last two).

    Prices and rewards are in drip, counts in epochs.
    """

    spec: str = "osaka"
    """Ethereum's rules in force, by the fork's name in lower case (ADR 0180)."""
    takes_core_space: bool = False
    """Whether blocks may hold transfers of Core Space (ADR 0141); the reference harness's do."""
    kept_share: int | None = 1
    """`burnt = base - base * share / (1 + share)`, rounded up (CIP-137): 1 burns half of the base
    price, None burns all of it, as Ethereum does."""
    base_block_reward: int = BASE_BLOCK_REWARD_DRIP
    """What a block earns before the anticone penalty (protocol §3.7)."""
    transaction_gas_max: int | None = GAS_UNBOUNDED
    """Most gas of one transaction beside what its block allows; None is the bound of `spec`, if it
    has one (EIP-7825)."""
    contracts_may_send: bool = False
    """Whether a contract may be a sender, against EIP-3607: a development chain's user impersonates
    one. Nobody has the key of a contract's address, so no signed transaction depends on it."""
    snapshot_epochs: int = 2_000
    """Epochs after which the state commitment begins a new window (SNAPSHOT_EPOCHS_CAPACITY)."""
    history_epochs: int | None = 100_000
    """How far back state can be read; None keeps all. The family's archive keeps 100,000 epochs
    of transactions valid, so that nothing a valid transaction refers to is gone."""
    cache_entries: int = 200_000
    """Latest values held in memory, about 150 bytes each: 30 MB."""

    def __post_init__(self) -> None:
        """Refuse what no executor knows.

        Raises:
            ValueError: names the field and its value.
        """
        for name in ("base_block_reward", "snapshot_epochs", "cache_entries"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must not be negative")
