"""Signed transactions in."""

from collections.abc import Sequence

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.intake import Outcome
from sogdia.ledger.rpc.method import Later, Method
from sogdia.ledger.rpc.params import Data, hex_data


def send_raw_transaction(node: Backend, raw: Data) -> str | RpcError | Later:
    """Take a signed transaction; return its hash once the pool has written it down."""
    outcome = node.intake.submit_short(raw)
    if outcome is None:
        return Later(node.intake.submit([raw]), _only)
    return _shown(outcome)


def _only(outcomes: Sequence[Outcome]) -> str | RpcError:
    (outcome,) = outcomes
    return _shown(outcome)


def _shown(outcome: Outcome) -> str | RpcError:
    return outcome if isinstance(outcome, RpcError) else hex_data(outcome)


async def send_raw_transactions(
    node: Backend, calls: Sequence[Sequence[bytes]]
) -> list[str | RpcError]:
    """Take all signed transactions of a batch at once."""
    outcomes = await node.intake.submit([raw for (raw,) in calls])
    return [o if isinstance(o, RpcError) else hex_data(o) for o in outcomes]


METHODS = (Method.of("eth_sendRawTransaction", send_raw_transaction, many=send_raw_transactions),)
