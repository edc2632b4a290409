"""What waits, shown in the shapes of what is done: go-ethereum leaves unknown members null."""

from typing import Any

import msgspec

from sogdia.ledger.execution.engine import pending_transaction_json
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import latest_epoch
from sogdia.ledger.rpc.params import hex_data, hex_quantity
from sogdia.ledger.rpc.wire import ReadyJson

# Transactions shown in the pending block: as many as fit into a block of plain transfers.
PENDING_SHOWN_MAX = 1_024


def pending_transaction(transaction: Transaction) -> ReadyJson:
    """Return a waiting transaction as `eth_getTransactionByHash` shows it."""
    return ReadyJson(pending_transaction_json(transaction))


def pending_block(node: Backend, *, full: bool) -> dict[str, Any]:
    """Return the block that the node would build next, with what its sender's turn has come for."""
    head = latest_epoch(node)
    latest = node.executor.block_json(head, full=False)
    assert latest is not None, "the head is executed"
    block: dict[str, Any] = msgspec.json.decode(latest)
    ready = node.pool.content()[0][:PENDING_SHOWN_MAX]
    block.update(
        number=hex_quantity(head + 1),
        parentHash=block["hash"],
        hash=None,
        nonce=None,
        miner=None,
        logsBloom=None,
        timestamp=hex_quantity(max(node.clock(), int(block["timestamp"], 16))),
        gasUsed=hex_quantity(0),
        transactions=[pending_transaction(t) if full else hex_data(t.hash) for t in ready],
    )
    return block
