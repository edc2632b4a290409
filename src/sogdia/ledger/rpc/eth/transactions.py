"""Transactions and receipts: executed ones as the core renders them, waiting ones from the pool."""

from typing import Any

import msgspec

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import find_epoch, latest_epoch
from sogdia.ledger.rpc.eth.pending import pending_transaction
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    Address,
    EpochName,
    EpochNumber,
    Hash,
    PivotHash,
    Uint64,
    hex_data,
)
from sogdia.ledger.rpc.wire import ReadyJson


class _Hashes(msgspec.Struct):
    transactions: list[str]


_decode_hashes = msgspec.json.Decoder(_Hashes).decode


def get_transaction_by_hash(node: Backend, hash: Hash) -> Any:
    """Return a transaction, executed or waiting."""
    executed = node.executor.transaction_json(hash)
    if executed is not None:
        return ReadyJson(executed)
    waiting = node.pool.get(hash)
    return None if waiting is None else pending_transaction(waiting)


def get_transaction_receipt(node: Backend, hash: Hash) -> Any:
    """Return what executing a transaction came to."""
    receipt = node.executor.receipt_json(hash)
    return None if receipt is None else ReadyJson(receipt)


def get_by_number_and_index(node: Backend, block: EpochNumber, index: Uint64) -> Any:
    """Return the transaction at a place in an epoch."""
    return _at(node, block, index)


def get_by_hash_and_index(node: Backend, hash: Hash, index: Uint64) -> Any:
    """Return the transaction at a place in the epoch of this pivot block."""
    return _at(node, PivotHash(hash), index)


def get_raw_transaction(node: Backend, hash: Hash) -> str | None:
    """Return the signed bytes of a transaction, executed or waiting."""
    raw = node.executor.raw_transaction(hash)
    if raw is None:
        waiting = node.pool.get(hash)
        raw = None if waiting is None else waiting.raw
    return None if raw is None else hex_data(raw)


def get_raw_by_number_and_index(node: Backend, block: EpochNumber, index: Uint64) -> Any:
    """Return the signed bytes of the transaction at a place in an epoch."""
    found = _hash_at(node, block, index)
    return None if found is None else get_raw_transaction(node, found)


def get_raw_by_hash_and_index(node: Backend, hash: Hash, index: Uint64) -> Any:
    """Return the signed bytes of the transaction at a place in the epoch of this pivot block."""
    found = _hash_at(node, PivotHash(hash), index)
    return None if found is None else get_raw_transaction(node, found)


def get_by_sender_and_nonce(node: Backend, sender: Address, nonce: Uint64) -> OffLoop:
    """Return the transaction of a sender with a nonce, executed or waiting."""
    ready, queued = node.pool.content(sender)

    def run() -> Any:
        executed = executed_nonce(node, sender, nonce)
        if executed is not None:
            return get_transaction_by_hash(node, executed)
        waiting = [each for each in (*ready, *queued) if each.nonce == nonce]
        return pending_transaction(waiting[0]) if waiting else None

    return OffLoop(run)


def executed_nonce(node: Backend, sender: bytes, nonce: int) -> bytes | None:
    """Return the hash of the executed transaction with a nonce, if its epoch's state is kept."""
    low, high = node.executor.oldest_kept(), latest_epoch(node)
    if node.executor.account(sender).nonce <= nonce:
        return None
    if node.executor.account(sender, low).nonce > nonce:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if node.executor.account(sender, middle).nonce > nonce:
            high = middle
        else:
            low = middle
    block = node.executor.block_json(high, full=True)
    assert block is not None, "epochs up to the head are executed"
    for shown in msgspec.json.decode(block)["transactions"]:
        if shown["from"] == hex_data(sender) and int(shown["nonce"], 16) == nonce:
            return bytes.fromhex(shown["hash"][2:])
    return None


def _at(node: Backend, name: EpochName, index: int) -> Any:
    found = _hash_at(node, name, index)
    return None if found is None else get_transaction_by_hash(node, found)


def _hash_at(node: Backend, name: EpochName, index: int) -> bytes | None:
    number = find_epoch(node, name)
    block = None if number is None else node.executor.block_json(number, full=False)
    if block is None:
        return None
    hashes = _decode_hashes(block).transactions
    return bytes.fromhex(hashes[index][2:]) if index < len(hashes) else None


METHODS = (
    Method.of("eth_getTransactionByHash", get_transaction_by_hash),
    Method.of("eth_getTransactionReceipt", get_transaction_receipt),
    Method.of("eth_getTransactionByBlockNumberAndIndex", get_by_number_and_index),
    Method.of("eth_getTransactionByBlockHashAndIndex", get_by_hash_and_index),
    Method.of("eth_getTransactionBySenderAndNonce", get_by_sender_and_nonce),
    Method.of("eth_getRawTransactionByHash", get_raw_transaction),
    Method.of("eth_getRawTransactionByBlockNumberAndIndex", get_raw_by_number_and_index),
    Method.of("eth_getRawTransactionByBlockHashAndIndex", get_raw_by_hash_and_index),
)
