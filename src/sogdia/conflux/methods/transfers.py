"""The `cfx_` methods about transfers: in, waiting, executed."""

from typing import Any

import msgspec

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.params import Data, Hash
from sogdia.conflux.transfers import CoreTransfer, receipt_members
from sogdia.ledger.execution.api import TransactionLocation
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import decode, read_bytes, read_list
from sogdia.ledger.primitives.transaction import CORE_TRANSFER_KIND, decode_transaction
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_data, hex_quantity


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
    receipt, place = (
        node.parts.executor.receipt_json(transaction_hash),
        _place(node, transaction_hash),
    )
    if receipt is None or place is None:
        return {"blockHash": None, "transactionIndex": None, "status": None}
    return {
        "blockHash": hex_data(place.block),
        "transactionIndex": hex_quantity(place.index),
        "status": "0x0" if msgspec.json.decode(receipt)["status"] == "0x1" else "0x1",
    }


def receipt_of(node: HarnessBackend, transaction_hash: bytes) -> dict[str, Any] | None:
    """Return the receipt of a transfer as the family shows it."""
    receipt, place = (
        node.parts.executor.receipt_json(transaction_hash),
        _place(node, transaction_hash),
    )
    transfer = None if place is None else _transfer(node, transaction_hash)
    if transfer is None or receipt is None or place is None:
        return None
    shown = receipt_members(transfer, msgspec.json.decode(receipt), node.parts.params.network_id)
    return shown | {"blockHash": hex_data(place.block), "index": hex_quantity(place.index)}


def _place(node: HarnessBackend, transaction_hash: bytes) -> TransactionLocation | None:
    """Return where a transfer was executed: Ethereum's words for it name the epoch's pivot, and
    the place in the epoch; Core Space's the block, and the place in that."""
    found = node.parts.executor.locate(transaction_hash)
    if found is None:
        return None
    body = read_list(decode(node.parts.consensus.body_bytes(found.block), "body"), "body")
    hashes = [keccak256(read_bytes(each, "transaction")) for each in body]
    return TransactionLocation(found.epoch, hashes.index(transaction_hash), found.block)


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
