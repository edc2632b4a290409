"""Things as their bytes: headers, blocks and transactions as this ledger encodes them."""

from typing import Any

import msgspec

from sogdia.ledger.primitives.rlp import Item, encode, encode_integer
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.eth.epochs import find_epoch
from sogdia.ledger.rpc.eth.transactions import get_raw_transaction
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Epoch, EpochName, Hash, hex_data


class BlockNotFound(RpcError):
    """There is no such executed epoch; the words are go-ethereum's."""

    def __init__(self) -> None:
        super().__init__("block not found")


def get_raw_header(node: Backend, block: Epoch) -> str:
    """Return the header of an epoch's pivot block, as its hash is made of."""
    return hex_data(node.consensus.header(_pivot(node, block)).encode())


def get_raw_block(node: Backend, block: Epoch) -> str:
    """Return an epoch's pivot block, header and body, as nodes send it to each other."""
    return hex_data(node.consensus.block(_pivot(node, block)).encode())


def get_raw_receipts(node: Backend, block: Epoch) -> OffLoop:
    """Return the receipts of an epoch in Ethereum's encoding (EIP-2718)."""
    number = _number(node, block)

    def run() -> list[str]:
        shown = node.executor.receipts_json(number)
        assert shown is not None, "an epoch that was found is executed"
        return [hex_data(_receipt(each)) for each in msgspec.json.decode(shown)]

    return OffLoop(run)


def get_raw_transaction_bytes(node: Backend, hash: Hash) -> str | None:
    """Return the signed bytes of a transaction, executed or waiting."""
    return get_raw_transaction(node, hash)


def get_raw_transactions(node: Backend, block: Epoch) -> OffLoop:
    """Return the signed bytes of an epoch's transactions, in order."""
    number = _number(node, block)

    def run() -> list[str]:
        shown = node.executor.receipts_json(number)
        assert shown is not None, "an epoch that was found is executed"
        hashes = [_bytes(each["transactionHash"]) for each in msgspec.json.decode(shown)]
        raws = [node.executor.raw_transaction(each) for each in hashes]
        return [hex_data(each) for each in raws if each is not None]

    return OffLoop(run)


def get_bad_blocks(node: Backend) -> list[Any]:
    """Return an empty list: an invalid block is refused and not kept."""
    del node
    return []


def _number(node: Backend, name: EpochName) -> int:
    number = find_epoch(node, name)
    if number is None:
        raise BlockNotFound
    return number


def _pivot(node: Backend, name: EpochName) -> bytes:
    summary = node.executor.epoch(_number(node, name))
    assert summary is not None, "an epoch that was found is executed"
    return summary.pivot


def _receipt(shown: dict[str, Any]) -> bytes:
    logs: list[Item] = [
        [_bytes(log["address"]), [_bytes(t) for t in log["topics"]], _bytes(log["data"])]
        for log in shown["logs"]
    ]
    fields: list[Item] = [
        encode_integer(int(shown["status"], 16)),
        encode_integer(int(shown["cumulativeGasUsed"], 16)),
        _bytes(shown["logsBloom"]),
        logs,
    ]
    kind = int(shown["type"], 16)
    return (bytes((kind,)) if kind else b"") + encode(fields)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


METHODS = (
    Method.of("debug_getRawHeader", get_raw_header),
    Method.of("debug_getRawBlock", get_raw_block),
    Method.of("debug_getRawReceipts", get_raw_receipts),
    Method.of("debug_getRawTransaction", get_raw_transaction_bytes),
    Method.of("debug_getRawTransactions", get_raw_transactions),
    Method.of("debug_getBadBlocks", get_bad_blocks),
)
