"""Choosing what the blocks to come carry: gas limit, base price, author, PREVRANDAO, timestamps."""

from collections.abc import Callable
from typing import Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import Number, controls
from sogdia.ledger.rpc.errors import InvalidParams, RpcError
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import UINT64_MAX, Address, Hash, Quantity, hex_data

# Half of a block's gas is for eSpace (`espace_gas_percent`): with less no transfer would fit.
GAS_LIMIT_MIN = 42_000


class NotWithBasePrices(RpcError):
    """A floor for gas prices means nothing where every block states a base price."""


class ChosenAtStart(RpcError):
    """What the whole chain is made with cannot change while it runs."""


async def set_coinbase(node: Backend, address: Address) -> bool:
    """Name the author of the blocks to come."""
    await controls(node).choose("author", address)
    return True


def coinbase(node: Backend) -> str:
    """Return the author of the blocks to come."""
    return hex_data(controls(node).author)


async def set_block_gas_limit(node: Backend, gas_limit: Number) -> bool:
    """Give the blocks to come this gas limit; half of it is for eSpace's transactions."""
    if gas_limit < GAS_LIMIT_MIN:
        raise InvalidParams(
            f"gas limit {gas_limit} is below {GAS_LIMIT_MIN}: no transfer would fit"
        )
    await controls(node).choose("gas_limit", gas_limit)
    return True


async def set_next_block_base_fee_per_gas(node: Backend, base_price: Quantity) -> bool:
    """Give the next block this base price, in drip per gas; those after it follow from it."""
    if base_price > UINT64_MAX:
        raise InvalidParams(f"base price {base_price} does not fit into 64 bits")
    await controls(node).choose("base_price", base_price)
    return True


async def set_prev_randao(node: Backend, value: Hash) -> bool:
    """Show this value as PREVRANDAO in the next block."""
    await controls(node).choose("prev_randao", value)
    return True


def set_min_gas_price(node: Backend, gas_price: Quantity) -> None:
    """Refuse: every block states a base price, which is the least that is taken."""
    del node, gas_price
    raise NotWithBasePrices(
        "no floor for gas prices while blocks state a base price: use setNextBlockBaseFeePerGas"
    )


def set_chain_id(node: Backend, chain_id: Number) -> None:
    """Refuse any other than the chain's own: what was signed and kept is of that one."""
    if chain_id != node.chain_id:
        raise ChosenAtStart(
            f"the chain id is {node.chain_id} and stays: start a node with --chain-id {chain_id}"
        )


async def set_timestamp_interval(node: Backend, seconds: Number) -> None:
    """Put the blocks to come so many seconds apart by their own timestamps."""
    await controls(node).choose("step_s", seconds)


async def set_timestamp_interval_ms(node: Backend, milliseconds: Number) -> None:
    """Put the blocks to come so many milliseconds apart, in whole seconds."""
    await controls(node).choose("step_s", milliseconds // 1_000)


async def remove_timestamp_interval(node: Backend) -> bool:
    """Let the clock say again when the blocks to come were made."""
    await controls(node).choose("step_s", None)
    return True


_HANDLERS: dict[str, Callable[..., Any]] = {
    "setCoinbase": set_coinbase,
    "setNextBlockBaseFeePerGas": set_next_block_base_fee_per_gas,
    "setPrevRandao": set_prev_randao,
    "setMinGasPrice": set_min_gas_price,
    "removeBlockTimestampInterval": remove_timestamp_interval,
}

METHODS = (
    Method.of("eth_coinbase", coinbase),
    *(
        Method.of(f"{tool}_{name}", handler)
        for tool in ("hardhat", "anvil")
        for name, handler in _HANDLERS.items()
    ),
    Method.of("anvil_setNextBlockPrevRandao", set_prev_randao),
    Method.of("anvil_setChainId", set_chain_id),
    Method.of("evm_setBlockGasLimit", set_block_gas_limit),
    Method.of("anvil_setBlockGasLimit", set_block_gas_limit),
    Method.of("anvil_setBlockTimestampInterval", set_timestamp_interval),
    Method.of("hardhat_setBlockTimestampInterval", set_timestamp_interval_ms),
)
