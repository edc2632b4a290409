"""Who is rewarded for a block, and with how much before fees (protocol §3.7).

A block earns nothing if it is partially invalid, if it voted wrongly on the state, or if its
anticone is as heavy as `anticone_penalty_ratio` blocks. One whose proof of work misses the epoch's
difficulty shares the fees of its transactions and earns no reward.
"""

from dataclasses import dataclass

from sogdia.ledger.consensus.processes.anticone_penalty import penalised_reward
from sogdia.ledger.params.consensus import ConsensusParams


@dataclass(frozen=True, slots=True)
class Merit:
    """What decides on the reward of one block of an epoch."""

    is_valid: bool
    """Not partially invalid."""
    votes_rightly: bool
    """Its roots and its blame say the truth about the state."""
    anticone_weight: int
    quality: int
    """Difficulty that its proof of work would meet."""


def compute_reward(
    merit: Merit, base_reward: int, *, epoch_difficulty: int, params: ConsensusParams
) -> tuple[int, bool]:
    """Return the reward in drip, and whether the block shares in fees.

    `epoch_difficulty` is that of the epoch's pivot block.
    """
    ratio = params.anticone_penalty_ratio
    is_crowded = merit.anticone_weight >= ratio * epoch_difficulty
    if not merit.is_valid or not merit.votes_rightly or is_crowded:
        return 0, False
    if merit.quality < epoch_difficulty:
        return 0, True
    reward = penalised_reward(
        base_reward,
        anticone_weight=merit.anticone_weight,
        epoch_difficulty=epoch_difficulty,
        ratio=ratio,
    )
    return reward, True
