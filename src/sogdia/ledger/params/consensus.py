"""What the Tree-Graph rules are parameterised by.

The defaults are those of the family's main network (protocol paper, section 5, and the CIPs named
beside the fields); development networks and the reference harness use smaller ones.
"""

from dataclasses import dataclass

HEADER_CUSTOM_SIZE_BYTES_MAX = 64  # room for an upgrade's vote, too little to store data in
DIFFICULTY_BITS_MAX = 96  # 2^96 hashes a block: no miner; keeps weight sums below 2^120
CONFIRMATION_WINDOW_S = 20  # 2 x 10 s: twice the time a block needs to reach everyone


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusParams:
    """Parameters of the consensus rules; counts in blocks or epochs, times in seconds."""

    timer_ratio: int = 180
    """A timer block has a proof of work of at least this many times its difficulty."""
    timer_beta: int = 240
    """Timer blocks that must follow before the clock counts: beta of the paper."""
    heavy_ratio: int = 250
    """Weight, in difficulties, of an adaptive block whose work reaches it; the others weigh 0."""
    adaptive_beta: int = 1000
    """Lead, in difficulties, under which a subtree counts as undecided."""
    era_epoch_count: int = 20_000
    """Epochs of an era: about 2 h 45 min at two blocks a second."""
    deferred_epochs: int = 5
    """A header commits the state of this many epochs before it."""
    reward_epochs: int = 12
    """Epoch h pays the blocks of epoch h - 12."""
    anticone_penalty_upper_epochs: int = 10
    """The anticone of a block of epoch e is counted up to the past of the pivot block of e + 10."""
    anticone_penalty_ratio: int = 100
    """An anticone of this many difficulties takes the whole reward."""
    epoch_block_bound: int = 200
    """Blocks executed per epoch; of more, the last ones in the order."""
    referee_bound: int = 200
    """Referees of one block."""
    initial_difficulty: int = 20_000_000_000
    """Difficulty of the first period, and the least one ever."""
    difficulty_period: int = 250
    """Heights between two adjustments (CIP-86); divides `era_epoch_count`. 0: never adjusted."""
    target_block_interval_ms: int = 500
    """Time between two blocks that the adjustment aims for."""
    max_block_size_bytes: int = 200 * 1024
    """Size of the encoded transactions of one block."""
    genesis_gas_limit: int = 60_000_000
    """Gas limit of the first blocks; a header may move it by less than 1/1024 of its parent's."""
    min_gas_limit: int = 10_000_000
    """No header may go below."""
    core_gas_percent: int = 90
    """Share of the gas limit that Core Space transactions may pack."""
    espace_gas_percent: int = 50
    """Share of the gas limit that eSpace transactions may pack, at the heights that carry them."""
    espace_height_period: int = 5
    """Heights divisible by this carry eSpace transactions."""
    min_base_price: tuple[int, int] = (1_000_000_000, 20_000_000_000)
    """Floor, and first value, of the base price per gas in drip: Core Space, eSpace (CIP-1559)."""
    has_base_price: bool = True
    """Whether headers state base prices (CIP-1559). Before that rule any price of gas will do."""
    header_custom: tuple[bytes, ...] = (b"\x04",)
    """What the custom field of every header must begin with: the number of the rule set."""
    future_drift_s: int = 600
    """A timestamp further ahead of the clock is refused."""
    author_sets_fees: bool = False
    """Gas limit and base price are what a block's author writes: development chains, where the one
    author is the user. Elsewhere both follow from the parent."""
    takes_unsigned: bool = False
    """The store holds transactions that nobody signed, of accounts that were acted as: development
    chains, where every block is made here."""
    activation_is_immediate: bool = False
    """Partially invalid blocks count at once: the mode in which the family's vectors are stated."""
    adaptive_is_computed: bool = False
    """The adaptive flag of a header is replaced by the computed one: the vectors' mode."""

    def __post_init__(self) -> None:
        """Refuse combinations under which a rule would have no meaning.

        Raises:
            ValueError: names the field and its value.
        """
        for name in (
            "timer_ratio",
            "timer_beta",
            "heavy_ratio",
            "adaptive_beta",
            "era_epoch_count",
            "initial_difficulty",
            "epoch_block_bound",
            "anticone_penalty_ratio",
        ):
            value = getattr(self, name)
            if value < 1:
                raise ValueError(f"{name} is {value}; it must be at least 1")
        if self.difficulty_period and self.era_epoch_count % self.difficulty_period:
            raise ValueError(
                f"difficulty_period {self.difficulty_period} does not divide era_epoch_count "
                f"{self.era_epoch_count}: a checkpoint would cut a period in two"
            )
