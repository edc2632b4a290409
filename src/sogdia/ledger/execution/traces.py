"""Traces of executed transactions and of calls, in the formats of geth's tracers.

An epoch is executed again from the state before it, so that state must be kept (`MissingHistory`).
`options` is the object that `debug_traceTransaction` takes: `tracer` (callTracer, prestateTracer,
4byteTracer, flatCallTracer, muxTracer, noopTracer; absent for opcodes) and `tracerConfig`. A trace
of opcodes ends after 100,000 steps.
"""

import json
from collections.abc import Mapping
from typing import Any

from sogdia._core import Executor as Core
from sogdia._core import access_list as _access_list
from sogdia._core import trace_call as _trace_call
from sogdia._core import trace_epoch as _trace_epoch
from sogdia.ledger.execution.api import (
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallResult,
    CallStatus,
    TransactionLocation,
)
from sogdia.ledger.execution.overrides import override_rows

Options = Mapping[str, Any]


class Tracer:
    """Traces on the core; `CoreExecutor.tracer` makes one."""

    def __init__(self, core: Core) -> None:
        """Trace what `core` has executed."""
        self._core = core

    def transaction(self, place: TransactionLocation, options: Options) -> bytes:
        """Return the trace of an executed transaction as JSON.

        Raises:
            MissingHistory: the state before its epoch is not kept.
            InvalidTracer: no tracer takes `options`.
        """
        traces = _trace_epoch(self._core, place.epoch, place.index, json.dumps(dict(options)))
        assert traces, f"epoch {place.epoch} has a transaction {place.index}"
        return traces[0][1]

    def epoch(self, number: int, options: Options) -> list[tuple[bytes, bytes]] | None:
        """Return (hash, trace as JSON) of each transaction, `None` when not executed.

        Raises:
            MissingHistory: the state before the epoch is not kept.
            InvalidTracer: no tracer takes `options`.
        """
        return _trace_epoch(self._core, number, None, json.dumps(dict(options)))

    def call(
        self,
        request: CallRequest,
        options: Options,
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> bytes:
        """Return the trace of a call on the state of `at` as JSON.

        Raises:
            InvalidCall: it cannot be tried at all.
            InvalidTracer: no tracer takes `options`.
        """
        rows = override_rows(accounts)
        return _trace_call(self._core, request, at, rows, block, json.dumps(dict(options)))

    def access_list(
        self,
        request: CallRequest,
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> tuple[list[tuple[bytes, list[bytes]]], CallResult]:
        """Return what a call touches, as (address, slots), and how it ends with that warmed.

        Raises:
            InvalidCall: it cannot be tried at all.
        """
        entries, result = _access_list(self._core, request, at, override_rows(accounts), block)
        status, output, gas_used, gas_spent, halt = result
        return entries, CallResult(CallStatus(status), output, gas_used, gas_spent, halt)
