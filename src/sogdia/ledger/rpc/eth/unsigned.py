"""A call shown as the transaction that it would be: unsigned, its signature all zero.

Type, hash and members are go-ethereum's for the same call (`returnFullTransactions`).
"""

from typing import Any

from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.unsigned import (
    ACCESS_LIST,
    LEGACY,
    SET_CODE,
    UnsignedTransaction,
)
from sogdia.ledger.rpc.params import hex_data, hex_quantity


def unsigned_of(
    call: CallRequest, chain_id: int, nonce: int, gas_limit: int
) -> UnsignedTransaction:
    """Return the transaction that a call would be; the type follows from what it offers."""
    return UnsignedTransaction(
        chain_id=chain_id,
        nonce=nonce,
        gas=gas_limit,
        to=call.to,
        value=call.value,
        data=call.data,
        gas_price=call.gas_price,
        max_fee_per_gas=call.max_fee_per_gas or 0,
        max_priority_fee_per_gas=call.max_priority_fee_per_gas or 0,
        access_list=call.access_list or None,
        authorizations=call.authorizations,
    )


def unsigned_transaction(
    call: CallRequest, transaction: UnsignedTransaction, base_price: int
) -> dict[str, Any]:
    """Return the members of a transaction that follow from the call; the place is not in it."""
    kind = transaction.kind
    shown: dict[str, Any] = {
        "type": hex_quantity(kind),
        "hash": hex_data(keccak256(transaction.encode(0, 0, 0))),
        "from": hex_data(call.sender),
        "to": None if call.to is None else hex_data(call.to),
        "nonce": hex_quantity(transaction.nonce),
        "gas": hex_quantity(transaction.gas),
        "value": hex_quantity(call.value),
        "input": hex_data(call.data),
        "v": "0x0",
        "r": "0x0",
        "s": "0x0",
    }
    if kind in (LEGACY, ACCESS_LIST):
        shown["gasPrice"] = hex_quantity(call.gas_price or 0)
    if kind == LEGACY:
        return shown
    shown |= {
        "chainId": hex_quantity(transaction.chain_id or 0),
        "yParity": "0x0",
        "accessList": [
            {"address": hex_data(address), "storageKeys": [hex_data(key) for key in keys]}
            for address, keys in call.access_list
        ],
    }
    if kind == ACCESS_LIST:
        return shown
    cap, tip = call.max_fee_per_gas or 0, call.max_priority_fee_per_gas or 0
    shown |= {
        "maxFeePerGas": hex_quantity(cap),
        "maxPriorityFeePerGas": hex_quantity(tip),
        "gasPrice": hex_quantity(min(cap, base_price + tip)),
    }
    if kind == SET_CODE:
        names = ("chainId", "nonce", "yParity", "r", "s")
        shown["authorizationList"] = [
            {"address": hex_data(who)}
            | {n: hex_quantity(v) for n, v in zip(names, (chain, *rest), strict=True)}
            for chain, who, *rest in call.authorizations
        ]
    return shown
