"""Taking back the last blocks of a development chain, and putting others in their place."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec.structs import replace

from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.transaction import claimed_sender, decode_transaction
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import Number, controls, parse_number, refused
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.eth.accounts import filled_and_signed
from sogdia.ledger.rpc.eth.call_request import parse_call
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Param, WrongParam, parse_data, parse_list

# Blocks that one call may replace: each is made anew, and its transactions executed, in that call.
DEPTH_MAX = 1_000
TRANSACTIONS_MAX = 1_000

Placed = tuple[bytes | CallRequest, int]


async def rollback(node: Backend, depth: Number = 1) -> None:
    """Take back the last blocks; their transactions are dropped, what waits goes on waiting."""
    with refused():
        await controls(node).take_back(depth)


def _parse_pair(value: Any) -> Placed:
    if type(value) is not list or len(value) != 2:
        raise WrongParam("want [transaction, number of its block]")
    transaction, index = value
    if type(transaction) is str:
        return parse_data(transaction), parse_number(index)
    return parse_call(transaction), parse_number(index)


def _parse_pairs(value: Any) -> list[Placed]:
    return parse_list(value, _parse_pair, TRANSACTIONS_MAX)


Pairs = Annotated[list[Placed], Param("transactions", _parse_pairs, {"type": "array"})]


async def reorganise(node: Backend, depth: Number, transactions: Pairs | None = None) -> None:
    """Replace the last blocks by as many others, which hold only the transactions given.

    Each is raw or to be signed by the node, and comes with the number of its block, from 0 for the
    lowest one replaced.
    """
    if depth > DEPTH_MAX:
        raise InvalidParams(f"{depth} blocks at once, limit {DEPTH_MAX}")
    pairs = transactions or []
    _judge(node, depth, pairs)
    used: dict[bytes, int] = {}

    async def fill(index: int) -> Sequence[bytes]:
        placed = [transaction for transaction, block in pairs if block == index]
        return [await _signed(node, each, used) for each in placed]

    async with node.signer.sequence:
        with refused():
            await controls(node).reorganise(depth, fill)


def _judge(node: Backend, depth: int, pairs: list[Placed]) -> None:
    """Refuse before anything is taken back.

    Raises:
        InvalidParams: says which transaction.
    """
    for place, (transaction, block) in enumerate(pairs):
        if block >= depth:
            raise InvalidParams(
                f"transaction {place} is for block {block}: {depth} are replaced, from 0"
            )
        if isinstance(transaction, CallRequest):
            continue
        try:
            decode_transaction(transaction, node.chain_id)
            if transaction and claimed_sender(transaction) is not None:
                raise InvalidParams(f"transaction {place} is not signed: send it as an object")
        except InvalidTransaction as error:
            raise InvalidParams(f"transaction {place}: {error}") from None


async def _signed(node: Backend, transaction: bytes | CallRequest, used: dict[bytes, int]) -> bytes:
    """Return the bytes of a transaction; `used` holds the next nonce of each account so far."""
    if not isinstance(transaction, CallRequest):
        return transaction
    sender = transaction.sender
    nonce = transaction.nonce
    if nonce is None:
        nonce = used.get(sender, node.pool.pending_nonce(sender))
    used[sender] = nonce + 1
    return await filled_and_signed(node, replace(transaction, nonce=nonce))


METHODS = (
    Method.of("anvil_rollback", rollback),
    Method.of("anvil_reorg", reorganise),
)
