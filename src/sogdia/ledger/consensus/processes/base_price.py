"""The base price of gas (protocol §3.11, CIP-1559).

Each header states the price after its own block: it follows from the parent's price and from the
gas limits of the transactions that the block itself packs. The target is half of what fits.
"""

from sogdia.ledger.consensus.processes.gas_limit import space_gas_limits
from sogdia.ledger.params.consensus import ConsensusParams

CHANGE_DIVISOR = 8  # a full block raises the price, and an empty one lowers it, by an eighth


def next_price(price: int, *, packed_gas: int, gas_limit: int, floor: int) -> int:
    """Return the price, in drip per gas, after a block of one space.

    Where nothing may be packed the price stays: eSpace at heights that do not carry it.
    """
    target = gas_limit // 2
    if target == 0:
        return price
    distance = min(packed_gas, 2 * target) - target
    if distance == 0:
        return max(price, floor)
    change = max(price * abs(distance) // target // CHANGE_DIVISOR, 1)
    return max(price + change if distance > 0 else price - change, floor)


def next_base_price(
    parent: tuple[int, int],
    *,
    packed_gas: tuple[int, int],
    height: int,
    gas_limit: int,
    params: ConsensusParams,
) -> tuple[int, int]:
    """Return the base prices of a header (Core Space, eSpace) from those of its parent."""
    core_limit, espace_limit = space_gas_limits(height, gas_limit, params)
    core_floor, espace_floor = params.min_base_price
    return (
        next_price(parent[0], packed_gas=packed_gas[0], gas_limit=core_limit, floor=core_floor),
        next_price(parent[1], packed_gas=packed_gas[1], gas_limit=espace_limit, floor=espace_floor),
    )
