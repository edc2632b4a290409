"""Epochs as blocks. The core renders them; nothing here parses that, unless to cut it."""

from typing import Any

import msgspec

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import find_epoch
from sogdia.ledger.rpc.eth.pending import pending_block
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    Bool,
    Epoch,
    EpochName,
    EpochNumber,
    Hash,
    PivotHash,
    Tag,
    Uint64,
    hex_quantity,
)
from sogdia.ledger.rpc.wire import ReadyJson


def get_block_by_number(node: Backend, block: EpochNumber, full: Bool = False) -> Any:
    """Return an epoch with the hashes of its transactions, or with the transactions."""
    if block is Tag.PENDING:
        return pending_block(node, full=full)
    return _block(node, block, full=full)


def get_block_by_hash(node: Backend, hash: Hash, full: Bool = False) -> Any:
    """Return the epoch whose pivot block has this hash."""
    return _block(node, PivotHash(hash), full=full)


def get_block_receipts(node: Backend, block: Epoch) -> Any:
    """Return the receipts of all transactions that an epoch executed."""
    number = find_epoch(node, block)
    if number is None:
        return None
    return OffLoop(lambda: _ready(node.executor.receipts_json(number)))


def get_count_by_number(node: Backend, block: EpochNumber) -> str | None:
    """Return how many transactions an epoch executed."""
    if block is Tag.PENDING:
        return hex_quantity(len(pending_block(node, full=False)["transactions"]))
    return _count(node, block)


def get_count_by_hash(node: Backend, hash: Hash) -> str | None:
    """Return how many transactions the epoch of this pivot block executed."""
    return _count(node, PivotHash(hash))


def get_uncle_count_by_number(node: Backend, block: EpochNumber) -> str | None:
    """Return zero: a Tree-Graph has no uncles, every block belongs to some epoch."""
    return None if find_epoch(node, block) is None else hex_quantity(0)


def get_uncle_count_by_hash(node: Backend, hash: Hash) -> str | None:
    """Return zero: a Tree-Graph has no uncles, every block belongs to some epoch."""
    return get_uncle_count_by_number(node, PivotHash(hash))  # type: ignore[arg-type]


def get_uncle_by_number(node: Backend, block: EpochNumber, index: Uint64) -> None:
    """Return null: a Tree-Graph has no uncles."""
    del node, block, index


def get_uncle_by_hash(node: Backend, hash: Hash, index: Uint64) -> None:
    """Return null: a Tree-Graph has no uncles."""
    del node, hash, index


def get_header_by_number(node: Backend, block: EpochNumber) -> Any:
    """Return an epoch without its transactions."""
    return _header(_block(node, block, full=False))


def get_header_by_hash(node: Backend, hash: Hash) -> Any:
    """Return the epoch of this pivot block without its transactions."""
    return _header(_block(node, PivotHash(hash), full=False))


def _block(node: Backend, name: EpochName, *, full: bool) -> ReadyJson | None:
    number = find_epoch(node, name)
    return None if number is None else _ready(node.executor.block_json(number, full=full))


def _ready(json_bytes: bytes | None) -> ReadyJson | None:
    return None if json_bytes is None else ReadyJson(json_bytes)


def _count(node: Backend, name: EpochName) -> str | None:
    number = find_epoch(node, name)
    summary = None if number is None else node.executor.epoch(number)
    return None if summary is None else hex_quantity(summary.transaction_count)


def _header(block: ReadyJson | None) -> Any:
    if block is None:
        return None
    members: dict[str, Any] = msgspec.json.decode(block)
    for name in ("transactions", "uncles", "withdrawals", "size"):
        members.pop(name, None)
    return members


METHODS = (
    Method.of("eth_getBlockByNumber", get_block_by_number),
    Method.of("eth_getBlockByHash", get_block_by_hash),
    Method.of("eth_getBlockReceipts", get_block_receipts),
    Method.of("eth_getBlockTransactionCountByNumber", get_count_by_number),
    Method.of("eth_getBlockTransactionCountByHash", get_count_by_hash),
    Method.of("eth_getUncleCountByBlockNumber", get_uncle_count_by_number),
    Method.of("eth_getUncleCountByBlockHash", get_uncle_count_by_hash),
    Method.of("eth_getUncleByBlockNumberAndIndex", get_uncle_by_number),
    Method.of("eth_getUncleByBlockHashAndIndex", get_uncle_by_hash),
    Method.of("eth_getHeaderByNumber", get_header_by_number),
    Method.of("eth_getHeaderByHash", get_header_by_hash),
)
