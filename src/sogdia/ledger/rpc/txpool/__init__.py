"""The `txpool_` methods: what waits, ready or behind a missing nonce."""

from collections.abc import Callable, Iterable
from typing import Any

from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.pending import pending_transaction
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Address, hex_data, hex_quantity


def status(node: Backend) -> dict[str, str]:
    """Return how many transactions are ready and how many wait for an earlier nonce."""
    counts = node.pool.status()
    return {"pending": hex_quantity(counts.ready), "queued": hex_quantity(counts.queued)}


def content(node: Backend) -> OffLoop:
    """Return every waiting transaction, by sender and nonce."""
    ready, queued = node.pool.content()
    return OffLoop(
        lambda: {
            "pending": _by_sender(ready, pending_transaction),
            "queued": _by_sender(queued, pending_transaction),
        }
    )


def content_from(node: Backend, address: Address) -> dict[str, Any]:
    """Return the waiting transactions of one sender, by nonce."""
    ready, queued = node.pool.content(address)
    return {
        "pending": {str(waiting.nonce): pending_transaction(waiting) for waiting in ready},
        "queued": {str(waiting.nonce): pending_transaction(waiting) for waiting in queued},
    }


def inspect(node: Backend) -> OffLoop:
    """Return one line of text for every waiting transaction."""
    ready, queued = node.pool.content()
    return OffLoop(
        lambda: {"pending": _by_sender(ready, _line), "queued": _by_sender(queued, _line)}
    )


def _by_sender(
    transactions: Iterable[Transaction], show: Callable[[Transaction], Any]
) -> dict[str, dict[str, Any]]:
    by_sender: dict[str, dict[str, Any]] = {}
    for waiting in transactions:
        by_sender.setdefault(hex_data(waiting.sender), {})[str(waiting.nonce)] = show(waiting)
    return by_sender


def _line(waiting: Transaction) -> str:
    to = "contract creation" if waiting.to is None else hex_data(waiting.to)
    price = waiting.max_fee_per_gas
    return f"{to}: {waiting.value} wei + {waiting.gas_limit} gas × {price} wei"


METHODS = (
    Method.of("txpool_status", status),
    Method.of("txpool_content", content),
    Method.of("txpool_contentFrom", content_from),
    Method.of("txpool_inspect", inspect),
)
