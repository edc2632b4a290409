"""How much gas a block may offer, and how it is split between the spaces (protocol §3.11)."""

from sogdia.ledger.params.consensus import ConsensusParams

STEP_DIVISOR = (
    1024  # a limit moves by less than this part of its parent's: it doubles in 710 blocks
)


def gas_limit_bounds(parent_gas_limit: int, params: ConsensusParams) -> tuple[int, int]:
    """Return the least and the greatest gas limit of a child, both allowed."""
    step = max(parent_gas_limit // STEP_DIVISOR - 1, 0)
    floor = min(params.min_gas_limit, parent_gas_limit)
    return max(parent_gas_limit - step, floor), parent_gas_limit + step


def choose_gas_limit(parent_gas_limit: int, params: ConsensusParams) -> int:
    """Return the gas limit of an honest child: as near to the network's as one step leads."""
    lowest, highest = gas_limit_bounds(parent_gas_limit, params)
    return min(max(params.genesis_gas_limit, lowest), highest)


def space_gas_limits(height: int, gas_limit: int, params: ConsensusParams) -> tuple[int, int]:
    """Return how much gas the transactions of Core Space and of eSpace may ask for."""
    core = gas_limit * params.core_gas_percent // 100
    carries_espace = height % params.espace_height_period == 0
    return core, gas_limit * params.espace_gas_percent // 100 if carries_espace else 0
