"""The `cfx_` methods about transfers: in, waiting, executed."""

from typing import Any

import msgspec

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.params import Data, Hash
from sogdia.conflux.transfers import CoreTransfer, receipt_members
from sogdia.ledger.primitives.transaction import CORE_TRANSFER_KIND, decode_transaction
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_data


async def send_raw_transaction(node: HarnessBackend, raw: Data) -> str:
    """Take a signed transfer of Core Space; return its hash once the pool has it."""
    return hex_data(await node.admission.add(raw))


def get_transaction_by_hash(node: HarnessBackend, hash: Hash) -> dict[str, Any] | None:
    """Return a transfer, executed or waiting."""
    transfer = _transfer(node, hash)
    if transfer is None:
        return None
    return transfer.members(node.parts.params.network_id) | placed_members(node, hash)


def get_transaction_receipt(node: HarnessBackend, hash: Hash) -> dict[str, Any] | None:
    """Return what executing a transfer came to."""
    return receipt_of(node, hash)


def placed_members(node: HarnessBackend, transaction_hash: bytes) -> dict[str, Any]:
    """Return where a transfer was executed, and how; null where it was not."""
    receipt = node.parts.executor.receipt_json(transaction_hash)
    if receipt is None:
        return {"blockHash": None, "transactionIndex": None, "status": None}
    shown = msgspec.json.decode(receipt)
    return {
        "blockHash": shown["blockHash"],
        "transactionIndex": shown["transactionIndex"],
        "status": "0x0" if shown["status"] == "0x1" else "0x1",
    }


def receipt_of(node: HarnessBackend, transaction_hash: bytes) -> dict[str, Any] | None:
    """Return the receipt of a transfer as the family shows it."""
    receipt = node.parts.executor.receipt_json(transaction_hash)
    transfer = None if receipt is None else _transfer(node, transaction_hash)
    if transfer is None or receipt is None:
        return None
    return receipt_members(transfer, msgspec.json.decode(receipt), node.parts.params.network_id)


def _transfer(node: HarnessBackend, transaction_hash: bytes) -> CoreTransfer | None:
    raw = node.parts.executor.raw_transaction(transaction_hash)
    if raw is None:
        waiting = node.parts.pool.get(transaction_hash)
        raw = None if waiting is None else waiting.raw
    if raw is None:
        return None
    is_core = decode_transaction(raw, node.parts.params.chain_id).kind == CORE_TRANSFER_KIND
    return CoreTransfer.read(raw) if is_core else None


METHODS = (
    Method.of("cfx_sendRawTransaction", send_raw_transaction),
    Method.of("cfx_getTransactionByHash", get_transaction_by_hash),
    Method.of("cfx_getTransactionReceipt", get_transaction_receipt),
)
