"""The penalty on a block that others could not see (protocol §3.7).

The anticone of a block of epoch e is counted up to the past of the pivot block of epoch e + 10, or
of the last one of its era.
"""

from collections.abc import Sequence

from sogdia.ledger.consensus.processes.eras import era_end
from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.params.consensus import ConsensusParams


def cut_height(epoch: int, params: ConsensusParams) -> int:
    """Return the height of the pivot block up to whose past anticones are counted."""
    upper = epoch + params.anticone_penalty_upper_epochs
    return min(upper, era_end(epoch, params.era_epoch_count)) if epoch else 0


def anticone_weights(
    epoch: int, members: Sequence[int], graph: Graph, params: ConsensusParams
) -> list[int]:
    """Return the weight of the anticone of each of `members`, executed blocks of `epoch`."""
    return graph.anticone_weights(epoch, cut_height(epoch, params), list(members))


def penalised_reward(
    base_reward: int, *, anticone_weight: int, epoch_difficulty: int, ratio: int
) -> int:
    """Return what is left of `base_reward` drip: R - R (A / D)^2 / ratio^2, in integer steps."""
    penalty = base_reward * anticone_weight // epoch_difficulty
    penalty = penalty * anticone_weight // epoch_difficulty
    return max(base_reward - penalty // ratio // ratio, 0)
