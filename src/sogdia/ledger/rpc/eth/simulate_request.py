"""What `eth_simulateV1` is asked for, and the order in which its blocks may stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from sogdia.ledger.execution.api import AccountOverride, BlockOverride, CallRequest
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.eth.call_request import (
    parse_account_overrides,
    parse_block_override,
    parse_call,
)
from sogdia.ledger.rpc.params import (
    Param,
    WrongParam,
    parse_address,
    parse_bool,
    parse_list,
    parse_object,
)

# go-ethereum's limit, and as far as BLOCKHASH sees.
BLOCKS_MAX = 256
# Calls of all blocks together, counted before they are read: a twentieth of a second to read, and
# more than the gas of one call pays for, at 21,000 each.
CALLS_MAX = 5_000
# go-ethereum's: seconds between blocks whose time nobody gave.
SECONDS_BETWEEN_BLOCKS = 12


class SimulationRefused(RpcError):
    """A simulation that cannot be run; code and words are go-ethereum's."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class BlockRequest:
    """One block as asked for."""

    block: BlockOverride = field(default_factory=BlockOverride)
    accounts: dict[bytes, AccountOverride] = field(default_factory=dict)
    moved: tuple[tuple[bytes, bytes], ...] = ()
    calls: tuple[CallRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """Blocks, and how they are judged and shown."""

    blocks: tuple[BlockRequest, ...]
    logs_transfers: bool
    validates: bool
    shows_transactions: bool


def parse_simulation(value: Any) -> SimulationRequest:
    """Return the simulation that an object describes."""
    members = parse_object(value)
    flags = (members.get(name) for name in _FLAGS)
    transfers, validation, full = (flag is not None and parse_bool(flag) for flag in flags)
    blocks = members.get("blockStateCalls")
    if type(blocks) is list and len(blocks) > BLOCKS_MAX:
        raise SimulationRefused(-38026, "too many blocks")
    if not blocks:
        raise WrongParam("empty input")
    refuse_too_many(blocks, "calls")
    return SimulationRequest(
        tuple(parse_list(blocks, _parse_block, BLOCKS_MAX)), transfers, validation, full
    )


def refuse_too_many(parts: Any, name: str) -> None:
    """Refuse more calls in the lists `name` of all `parts` than are read at all.

    Raises:
        WrongParam: with the number and the limit.
    """
    lists = (part.get(name) for part in parse_list(parts, parse_object, BLOCKS_MAX))
    count = sum(len(calls) for calls in lists if type(calls) is list)
    if count > CALLS_MAX:
        raise WrongParam(f"{count} calls, limit {CALLS_MAX}")


_FLAGS = ("traceTransfers", "validation", "returnFullTransactions")
Simulation = Annotated[SimulationRequest, Param("payload", parse_simulation, {"type": "object"})]


def _parse_block(value: Any) -> BlockRequest:
    members = parse_object(value)
    block, state = members.get("blockOverrides"), members.get("stateOverrides")
    if block is not None and parse_object(block).get("withdrawals"):
        raise WrongParam("blockOverrides: this ledger has no withdrawals")
    moved, kept = _split_moves(parse_object(state)) if state is not None else ((), {})
    return BlockRequest(
        block=BlockOverride() if block is None else parse_block_override(block),
        accounts=parse_account_overrides(kept),
        moved=moved,
        calls=tuple(parse_list(members.get("calls") or [], parse_call, CALLS_MAX)),
    )


def _split_moves(
    state: dict[str, Any],
) -> tuple[tuple[tuple[bytes, bytes], ...], dict[str, Any]]:
    """Return (from, to) of precompiles that move, and the overrides without that member."""
    moved, kept = [], {}
    for name, change in state.items():
        members = dict(parse_object(change))
        target = members.pop("movePrecompileToAddress", None)
        if target is not None:
            moved.append((parse_address(name), parse_address(target)))
        kept[name] = members
    return tuple(moved), kept


def in_order(blocks: Sequence[BlockRequest], number: int, timestamp: int) -> list[BlockRequest]:
    """Return the blocks with number and time each, after a base of `number` and `timestamp`.

    Numbers that were skipped become empty blocks.

    Raises:
        SimulationRefused: they do not increase, or reach too far.
    """
    first, ordered = number, []
    for asked in blocks:
        wanted = number + 1 if asked.block.number is None else asked.block.number
        if wanted <= number:
            raise SimulationRefused(-38020, f"block numbers must be in order: {wanted} <= {number}")
        if wanted - first > BLOCKS_MAX:
            raise SimulationRefused(-38026, "too many blocks")
        for skipped in range(number + 1, wanted):
            timestamp += SECONDS_BETWEEN_BLOCKS
            ordered.append(BlockRequest(BlockOverride(number=skipped, timestamp=timestamp)))
        time = asked.block.timestamp
        if time is None:
            time = timestamp + SECONDS_BETWEEN_BLOCKS
        elif time <= timestamp:
            raise SimulationRefused(
                -38021, f"block timestamps must be in order: {time} <= {timestamp}"
            )
        number, timestamp = wanted, time
        ordered.append(replace(asked, block=replace(asked.block, number=wanted, timestamp=time)))
    return ordered
