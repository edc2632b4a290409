"""Blocks of calls on a pretended state that lives between them (`eth_simulateV1`).

    SB1  What a block's calls leave, the next block finds; nothing of it is ever stored.
    SB2  A block fails at the first call that it could not contain; what came before stays.

Amounts are in drip, hashes are 32 and addresses 20 bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sogdia._core import Executor as Core
from sogdia._core import SimulatedState as _SimulatedState
from sogdia.ledger.execution.api import (
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallResult,
    CallStatus,
)
from sogdia.ledger.execution.overrides import override_rows
from sogdia.ledger.primitives.log import Log


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """One block to simulate; what `block` leaves open is the base epoch's.

    `moved` are precompiles that answer elsewhere, (from, to). `hashes` are (number, hash) of
    simulated blocks before it. All calls together burn at most `gas_budget`.
    """

    block: BlockOverride
    calls: Sequence[CallRequest]
    gas_budget: int
    accounts: Mapping[bytes, AccountOverride] = field(default_factory=dict)
    moved: Sequence[tuple[bytes, bytes]] = ()
    hashes: Sequence[tuple[int, bytes]] = ()
    validates: bool = False
    """Whether nonces and the base price are judged as a real block judges them."""
    logs_transfers: bool = False
    """Whether a transfer of value is logged as an ERC-20 transfer of 0xeeee…."""


@dataclass(frozen=True, slots=True)
class BlockCall:
    """One call of a simulated block, with the nonce and the gas limit that it was run with."""

    result: CallResult
    logs: tuple[Log, ...]
    nonce: int
    gas_limit: int


class SimulatedBlocks:
    """A simulation under way; one thread at a time."""

    def __init__(self, core: Core, at: int | None) -> None:
        self._core = core
        self._state = _SimulatedState(core, at)

    def run(self, plan: BlockPlan) -> tuple[BlockCall, ...]:
        """Run one block on what earlier ones left.

        Raises:
            InvalidCall: a call that the block could not contain; its words say why.
        """
        calls = self._state.run_block(
            self._core,
            plan.block,
            override_rows(plan.accounts),
            list(plan.moved),
            list(plan.hashes),
            list(plan.calls),
            plan.gas_budget,
            plan.validates,
            plan.logs_transfers,
        )
        return tuple(
            BlockCall(
                CallResult(CallStatus(status), output, gas_used, gas_spent, halt),
                tuple(Log(where, tuple(topics), data) for where, topics, data in logs),
                nonce,
                gas_limit,
            )
            for (status, output, gas_used, gas_spent, halt), logs, nonce, gas_limit in calls
        )


class Simulator:
    """Simulations on the core; `CoreExecutor.simulator` makes one."""

    def __init__(self, core: Core) -> None:
        """Simulate on what `core` has executed."""
        self._core = core

    def begin(self, at: int | None = None) -> SimulatedBlocks:
        """Return the state of epoch `at`, or of the last one, to simulate on.

        Raises:
            MissingHistory: the state of `at` is not kept.
        """
        return SimulatedBlocks(self._core, at)
