"""What the executor answers at once or not at all: for the event loop, where others wait.

H1  An answer is the one that the executor itself would give.
H2  Nothing here takes more than a millisecond or two, nor gives the interpreter's lock away.
"""

from sogdia._core import Executor as Core
from sogdia._core import call_if_brief as _call_if_brief
from sogdia._core import logs_json_at_hand as _logs_json_at_hand
from sogdia.ledger.execution.api import CallRequest, CallResult, CallStatus, LogQuery


class AtHand:
    """The quick answers of one executor."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def balance(self, address: bytes) -> int:
        """Return the latest balance of an account, drip."""
        return self._core.account(address)[1]

    def call(self, request: CallRequest) -> CallResult | None:
        """Run a call on the latest state; `None` if it is too long to be run here.

        Raises InvalidCall when it cannot be tried at all.
        """
        result = _call_if_brief(self._core, request)
        if result is None:
            return None
        status, output, gas_used, gas_spent, halt = result
        return CallResult(CallStatus(status), output, gas_used, gas_spent, halt)

    def logs_json(self, query: LogQuery) -> bytes | None:
        """Return the logs that match, as `eth_getLogs` shows them, if they were read before.

        Raises:
            TooManyLogs: more than `query.limit` match.
        """
        addresses, topics = list(query.addresses), [list(position) for position in query.topics]
        return _logs_json_at_hand(
            self._core, query.first, query.last, addresses, topics, query.limit
        )
