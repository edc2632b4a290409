"""What this ledger shows, in eth-tester's shapes: bytes and numbers under other names."""

from collections.abc import Mapping
from typing import Any

from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.unsigned import (
    DYNAMIC_FEE,
    LEGACY,
    SET_CODE,
    UnsignedTransaction,
)

GIGADRIP = 10**9
# What an authorization is shown with, beside its chain and address.
AUTHORIZATION = ("nonce", "y_parity", "r", "s")

Fields = Mapping[str, Any]


def filled(fields: Fields, *, nonce: int, chain_id: int, base_price: int) -> dict[str, Any]:
    """Return the fields of a whole transaction; eth-tester's defaults stand for what is left out.

    Without a price it is a dynamic-fee transaction of one gigadrip, cap and tip.
    """
    whole: dict[str, Any] = {"nonce": nonce, "value": 0, "data": b"", "to": b""} | dict(fields)
    tip, cap = whole.get("max_priority_fee_per_gas"), whole.get("max_fee_per_gas")
    if whole.get("gas_price") is None:
        if tip is None and cap is None:
            tip = cap = GIGADRIP
        elif cap is None:
            cap = (tip or 0) + 2 * base_price
        elif tip is None:
            tip = min(cap, GIGADRIP)
        whole |= {"max_fee_per_gas": cap, "max_priority_fee_per_gas": tip}
    # A legacy transaction is signed without: eth-tester knows no other `v` than 27 and 28.
    if whole.get("gas_price") is None or whole.get("access_list") is not None:
        whole.setdefault("chain_id", chain_id)
    return whole


def unsigned(fields: Fields) -> UnsignedTransaction:
    """Return the transaction that the fields of a whole one make, without its signature."""
    return UnsignedTransaction(
        chain_id=fields.get("chain_id"),
        nonce=fields["nonce"],
        gas=fields["gas"],
        to=fields["to"] or None,
        value=fields["value"],
        data=fields["data"],
        gas_price=fields.get("gas_price"),
        max_fee_per_gas=fields.get("max_fee_per_gas") or 0,
        max_priority_fee_per_gas=fields.get("max_priority_fee_per_gas") or 0,
        access_list=_access_list(fields),
        authorizations=[
            (a["chain_id"], a["address"], a["nonce"], a["y_parity"], a["r"], a["s"])
            for a in fields.get("authorization_list") or ()
        ],
    )


def _access_list(fields: Fields) -> list[tuple[bytes, list[bytes]]] | None:
    listed = fields.get("access_list")
    if listed is None:
        return None
    return [(address, [slot.to_bytes(32) for slot in slots]) for address, slots in listed]


def call_request(fields: Fields) -> CallRequest:
    """Return the call that the fields describe; its price is not judged."""
    return CallRequest(
        sender=fields["from"],
        to=fields.get("to") or None,
        gas=fields.get("gas"),
        value=fields.get("value", 0),
        data=fields.get("data", b""),
        access_list=_access_list(fields) or (),
    )


def block_of(shown: Fields, *, full: bool, is_pending: bool) -> dict[str, Any]:
    """Return a block from what `eth_getBlockByNumber` shows of it."""
    transactions = [
        transaction_of(each, is_pending=is_pending) if full else _data(each["hash"])
        for each in shown["transactions"]
    ]
    zero = bytes(32)
    return {
        "number": _number(shown["number"]),
        "hash": _data(shown["hash"]),
        "parent_hash": _data(shown["parentHash"]),
        "nonce": _data(shown["nonce"]),
        "sha3_uncles": _data(shown["sha3Uncles"]),
        "logs_bloom": _number(shown["logsBloom"]),
        "transactions_root": _data(shown["transactionsRoot"]),
        "receipts_root": _data(shown["receiptsRoot"]),
        "state_root": _data(shown["stateRoot"]),
        "coinbase": _data(shown["miner"]),
        "difficulty": _number(shown["difficulty"]),
        "total_difficulty": _number(shown["difficulty"]),
        "mix_hash": _data(shown["mixHash"]),
        "size": _number(shown["size"]),
        "extra_data": zero,
        "gas_limit": _number(shown["gasLimit"]),
        "gas_used": _number(shown["gasUsed"]),
        "timestamp": _number(shown["timestamp"]),
        "base_fee_per_gas": _number(shown["baseFeePerGas"]),
        "transactions": transactions,
        "uncles": [],
        # What Ethereum's newest blocks carry, and an epoch never has.
        "withdrawals": [],
        "withdrawals_root": zero,
        "parent_beacon_block_root": zero,
        "blob_gas_used": 0,
        "excess_blob_gas": 0,
        "requests_hash": zero,
    }


def transaction_of(shown: Fields, *, is_pending: bool) -> dict[str, Any]:
    """Return a transaction from what `eth_getTransactionByHash` shows of it."""
    kind = _number(shown["type"])
    fields: dict[str, Any] = {
        "type": kind,
        "hash": _data(shown["hash"]),
        "nonce": _number(shown["nonce"]),
        "block_hash": None if is_pending else _data(shown["blockHash"]),
        "block_number": None if is_pending else _number(shown["blockNumber"]),
        "transaction_index": None if is_pending else _number(shown["transactionIndex"]),
        "from": _data(shown["from"]),
        "to": _data(shown["to"] or "0x"),
        "value": _number(shown["value"]),
        "gas": _number(shown["gas"]),
        "data": _data(shown["input"]),
        "gas_price": _number(shown["gasPrice"]),
        **{name: _number(shown[name]) for name in ("v", "r", "s")},
    }
    if kind != LEGACY:
        fields["chain_id"] = _number(shown["chainId"])
        fields["y_parity"] = fields["v"]
        fields["access_list"] = tuple(
            (_data(each["address"]), tuple(_number(key) for key in each["storageKeys"]))
            for each in shown["accessList"]
        )
    if kind in (DYNAMIC_FEE, SET_CODE):
        fields["max_fee_per_gas"] = _number(shown["maxFeePerGas"])
        fields["max_priority_fee_per_gas"] = _number(shown["maxPriorityFeePerGas"])
        if is_pending:
            fields["gas_price"] = fields["max_fee_per_gas"]
    if kind == SET_CODE:
        fields["authorization_list"] = [
            {"chain_id": _number(a["chainId"]), "address": _data(a["address"])}
            | {n: _number(a["yParity" if n == "y_parity" else n]) for n in AUTHORIZATION}
            for a in shown["authorizationList"]
        ]
    return fields


def receipt_of(shown: Fields, *, is_pending: bool) -> dict[str, Any]:
    """Return a receipt from what `eth_getTransactionReceipt` shows of it."""
    created = shown["contractAddress"]
    status = _number(shown["status"])
    place = {
        "block_hash": None if is_pending else _data(shown["blockHash"]),
        "block_number": None if is_pending else _number(shown["blockNumber"]),
        "transaction_index": None if is_pending else _number(shown["transactionIndex"]),
        "transaction_hash": _data(shown["transactionHash"]),
    }
    return place | {
        "contract_address": None if created is None else _data(created),
        "cumulative_gas_used": _number(shown["cumulativeGasUsed"]),
        "effective_gas_price": _number(shown["effectiveGasPrice"]),
        "from": _data(shown["from"]),
        "gas_used": _number(shown["gasUsed"]),
        "logs": [
            place
            | {
                "type": "pending" if is_pending else "mined",
                "log_index": place_in_receipt,
                "address": _data(log["address"]),
                "data": _data(log["data"]),
                "topics": [_data(topic) for topic in log["topics"]],
            }
            for place_in_receipt, log in enumerate(shown["logs"])
        ],
        "state_root": bytes((status,)),
        "status": status,
        "to": _data(shown["to"] or "0x"),
        "type": _number(shown["type"]),
    }


def _data(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _number(text: str) -> int:
    return int(text, 16)
