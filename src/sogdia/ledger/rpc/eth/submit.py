"""Signed transactions in."""

from collections.abc import Sequence

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.method import Later, Method
from sogdia.ledger.rpc.params import Data, hex_data


def send_raw_transaction(node: Backend, raw: Data) -> Later:
    """Take a signed transaction; return its hash once the pool has written it down."""
    return Later(node.intake.submit([raw]), _only)


def _only(outcomes: Sequence[bytes | RpcError]) -> str | RpcError:
    (outcome,) = outcomes
    return outcome if isinstance(outcome, RpcError) else hex_data(outcome)


async def send_raw_transactions(
    node: Backend, calls: Sequence[Sequence[bytes]]
) -> list[str | RpcError]:
    """Take all signed transactions of a batch at once."""
    outcomes = await node.intake.submit([raw for (raw,) in calls])
    return [o if isinstance(o, RpcError) else hex_data(o) for o in outcomes]


METHODS = (Method.of("eth_sendRawTransaction", send_raw_transaction, many=send_raw_transactions),)
