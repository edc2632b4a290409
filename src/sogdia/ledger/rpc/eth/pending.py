"""What waits, shown in the shapes of what is done: go-ethereum leaves unknown members null."""

from typing import Any

import msgspec

from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import latest_epoch
from sogdia.ledger.rpc.params import hex_data, hex_quantity

# Transactions shown in the pending block: as many as fit into a block of plain transfers.
PENDING_SHOWN_MAX = 1_024


def pending_transaction(transaction: Transaction) -> dict[str, Any]:
    """Return a waiting transaction as `eth_getTransactionByHash` shows it."""
    shown: dict[str, Any] = {
        "blockHash": None,
        "blockNumber": None,
        "transactionIndex": None,
        "hash": hex_data(transaction.hash),
        "type": hex_quantity(transaction.kind),
        "nonce": hex_quantity(transaction.nonce),
        "from": hex_data(transaction.sender),
        "to": None if transaction.to is None else hex_data(transaction.to),
        "value": hex_quantity(transaction.value),
        "gas": hex_quantity(transaction.gas_limit),
        "gasPrice": hex_quantity(transaction.max_fee_per_gas),
        "input": hex_data(transaction.data),
        "r": hex_quantity(transaction.r),
        "s": hex_quantity(transaction.s),
        "v": hex_quantity(_v(transaction)),
    }
    if transaction.chain_id is not None:
        shown["chainId"] = hex_quantity(transaction.chain_id)
    if transaction.kind >= 1:
        shown["yParity"] = hex_quantity(transaction.y_parity)
        shown["accessList"] = [
            {"address": hex_data(address), "storageKeys": [hex_data(key) for key in keys]}
            for address, keys in transaction.access_list
        ]
    if transaction.kind >= 2:
        shown["maxFeePerGas"] = hex_quantity(transaction.max_fee_per_gas)
        shown["maxPriorityFeePerGas"] = hex_quantity(transaction.max_priority_fee_per_gas)
    if transaction.kind == 4:
        shown["authorizationList"] = [_authorization(a) for a in transaction.authorizations]
    return shown


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


def _v(transaction: Transaction) -> int:
    if transaction.kind >= 1:
        return transaction.y_parity
    if transaction.chain_id is None:
        return 27 + transaction.y_parity
    return 35 + 2 * transaction.chain_id + transaction.y_parity


def _authorization(signed: tuple[int, bytes, int, int, int, int, bytes | None]) -> dict[str, str]:
    chain_id, address, nonce, y_parity, r, s, _ = signed
    return {
        "chainId": hex_quantity(chain_id),
        "address": hex_data(address),
        "nonce": hex_quantity(nonce),
        "yParity": hex_quantity(y_parity),
        "r": hex_quantity(r),
        "s": hex_quantity(s),
    }
