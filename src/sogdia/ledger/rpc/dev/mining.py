"""Deciding when blocks are made."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.controls import DevelopmentControls
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.method import Later, Method
from sogdia.ledger.rpc.params import Bool, Param, WrongParam, hex_quantity, parse_uint64
from sogdia.ledger.rpc.wire import ReadyJson

# Blocks made by one call, which ends in its own time: a governor's test waits out weeks of blocks.
# So many are a minute or two of work.
MINED_MAX = 100_000


def parse_number(value: Any) -> int:
    """Return a whole number, as a quantity or as a JSON number: tools send either."""
    if type(value) is int and value >= 0:
        return value
    if type(value) is str and value.isascii() and value.isdigit():
        return int(value)
    return parse_uint64(value)


def _parse_mine(value: Any) -> dict[str, int]:
    """Return what `evm_mine` takes: a timestamp, or Anvil's object of options."""
    if type(value) is not dict:
        return {"timestamp": parse_number(value)}
    if unknown := value.keys() - {"timestamp", "blocks"}:
        raise WrongParam(f"unknown field {min(unknown)!r}")
    return {name: parse_number(each) for name, each in value.items() if each is not None}


Number = Annotated[int, Param("number", parse_number, {"type": ["string", "integer"]})]
MineOptions = Annotated[
    dict[str, int], Param("options", _parse_mine, {"type": ["object", "string", "integer"]})
]


def controls(node: Backend) -> DevelopmentControls:
    """Return the controls of a development chain, which alone has these methods."""
    assert node.development is not None, "development methods are served by development chains"
    return node.development


@contextmanager
def refused() -> Iterator[None]:
    """Tell the caller of a time or number that the chain cannot have."""
    try:
        yield
    except ValueError as error:
        raise InvalidParams(str(error)) from None


def evm_mine(node: Backend, options: MineOptions | None = None) -> str | Later:
    """Make a block, or several, at a given time if one is given; return "0x0"."""
    return _later(_mine_with(node, options), lambda _: hex_quantity(0))


def mine(node: Backend, blocks: Number = 1, interval: Number = 0) -> Later | None:
    """Make many blocks, so many seconds apart; the first one comes at the chain's own time."""
    return _later(_mine(node, blocks, interval), lambda _: None)


async def set_automine(node: Backend, enabled: Bool) -> bool:
    """Switch making blocks as soon as something is ready on or off."""
    await controls(node).set_automine(is_on=enabled)
    return True


def get_automine(node: Backend) -> bool:
    """Return whether blocks are made as soon as something is ready."""
    return controls(node).is_automining


async def set_interval_mining(node: Backend, milliseconds: Number) -> bool:
    """Make a block every so many milliseconds; 0 stops that."""
    await controls(node).set_interval(milliseconds / 1_000)
    return True


async def set_interval_mining_seconds(node: Backend, seconds: Number) -> None:
    """Make a block every so many seconds; 0 stops that."""
    await controls(node).set_interval(float(seconds))


def get_interval_mining(node: Backend) -> int | None:
    """Return after how many seconds a block is made by the clock; null if by no clock."""
    interval_s = controls(node).interval_s
    return None if interval_s is None else round(interval_s)


def evm_mine_detailed(
    node: Backend, options: MineOptions | None = None
) -> list[ReadyJson | None] | Later:
    """Make blocks as `evm_mine`; return them with their transactions."""
    first = node.executor.head()[0] + 1

    def show(_: Any) -> list[ReadyJson | None]:
        last = node.executor.head()[0]
        blocks = (node.executor.block_json(number, full=True) for number in range(first, last + 1))
        return [None if block is None else ReadyJson(block) for block in blocks]

    return _later(_mine_with(node, options), show)


def hashrate(node: Backend) -> str:
    """Return how many nonces are tried a second: none, as any one solves a block."""
    del node
    return hex_quantity(0)


async def start_mining(node: Backend) -> bool:
    """Make blocks as soon as something is ready; Ganache's name."""
    await controls(node).set_automine(is_on=True)
    return True


async def stop_mining(node: Backend) -> bool:
    """Make blocks only when asked; Ganache's name."""
    await controls(node).set_automine(is_on=False)
    return True


def increase_time(node: Backend, seconds: Number) -> str:
    """Move the chain's clock ahead; return by how much it is ahead in all."""
    with refused():
        return hex_quantity(controls(node).increase_time(seconds))


def set_next_block_timestamp(node: Backend, timestamp: Number) -> None:
    """Give the next block this time."""
    _set_next(node, timestamp)


def set_time(node: Backend, timestamp: Number) -> str:
    """Set the chain's clock; Ganache's tools send milliseconds, which are told by their size."""
    seconds = timestamp // 1_000 if timestamp > 10**11 else timestamp
    with refused():
        return hex_quantity(max(controls(node).set_time(seconds), 0))


def _later(mining: Coroutine[Any, Any, None], show: Callable[[Any], Any]) -> Later:
    """Return an answer that comes when the blocks are made, however long that takes."""
    return Later(asyncio.ensure_future(mining), show)


async def _mine_with(node: Backend, options: dict[str, int] | None) -> None:
    options = options or {}
    if "timestamp" in options:
        _set_next(node, options["timestamp"])
    await _mine(node, options.get("blocks", 1), 0)


async def _mine(node: Backend, count: int, interval_s: int) -> None:
    if count > MINED_MAX:
        raise InvalidParams(f"{count} blocks at once, limit {MINED_MAX}: ask again for the rest")
    with refused():
        await controls(node).mine(count, interval_s)


def _set_next(node: Backend, timestamp: int) -> None:
    with refused():
        controls(node).set_next_timestamp(timestamp)


METHODS = (
    Method.of("evm_mine", evm_mine),
    Method.of("hardhat_mine", mine),
    Method.of("anvil_mine", mine),
    Method.of("evm_setAutomine", set_automine),
    Method.of("anvil_setAutomine", set_automine),
    Method.of("hardhat_getAutomine", get_automine),
    Method.of("anvil_getAutomine", get_automine),
    Method.of("anvil_getIntervalMining", get_interval_mining),
    Method.of("evm_mine_detailed", evm_mine_detailed),
    Method.of("anvil_mine_detailed", evm_mine_detailed),
    Method.of("miner_start", start_mining),
    Method.of("miner_stop", stop_mining),
    Method.of("eth_mining", get_automine),
    Method.of("eth_hashrate", hashrate),
    Method.of("evm_setIntervalMining", set_interval_mining),
    Method.of("anvil_setIntervalMining", set_interval_mining_seconds),
    Method.of("evm_increaseTime", increase_time),
    Method.of("anvil_increaseTime", increase_time),
    Method.of("evm_setNextBlockTimestamp", set_next_block_timestamp),
    Method.of("anvil_setNextBlockTimestamp", set_next_block_timestamp),
    Method.of("evm_setTime", set_time),
    Method.of("anvil_setTime", set_time),
)
