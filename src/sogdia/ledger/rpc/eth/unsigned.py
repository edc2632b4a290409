"""A call shown as the transaction that it would be: unsigned, its signature all zero.

Type, hash and members are go-ethereum's for the same call (`returnFullTransactions`).
"""

from typing import Any

from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.unsigned import LEGACY, SET_CODE, UnsignedTransaction
from sogdia.ledger.rpc.params import hex_data, hex_quantity


def unsigned_hash(call: CallRequest, chain_id: int, nonce: int, gas_limit: int) -> bytes:
    """Return the hash of the transaction that a call would be."""
    return keccak256(_unsigned(call, chain_id, nonce, gas_limit).encode(0, 0, 0))


def _unsigned(call: CallRequest, chain_id: int, nonce: int, gas_limit: int) -> UnsignedTransaction:
    is_legacy = call.gas_price is not None and not call.authorizations
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
        # go-ethereum shows a call with a gas price as legacy, whatever it lists.
        access_list=None if is_legacy else call.access_list,
        authorizations=call.authorizations,
    )


def unsigned_transaction(
    call: CallRequest, chain_id: int, nonce: int, gas_limit: int, base_price: int
) -> dict[str, Any]:
    """Return the members of a transaction that follow from the call; the place is not in it."""
    kind = _unsigned(call, chain_id, nonce, gas_limit).kind
    shown: dict[str, Any] = {
        "type": hex_quantity(kind),
        "hash": hex_data(unsigned_hash(call, chain_id, nonce, gas_limit)),
        "from": hex_data(call.sender),
        "to": None if call.to is None else hex_data(call.to),
        "nonce": hex_quantity(nonce),
        "gas": hex_quantity(gas_limit),
        "value": hex_quantity(call.value),
        "input": hex_data(call.data),
        "v": "0x0",
        "r": "0x0",
        "s": "0x0",
    }
    if kind == LEGACY:
        return shown | {"gasPrice": hex_quantity(call.gas_price or 0)}
    cap, tip = call.max_fee_per_gas or 0, call.max_priority_fee_per_gas or 0
    shown |= {
        "chainId": hex_quantity(chain_id),
        "yParity": "0x0",
        "maxFeePerGas": hex_quantity(cap),
        "maxPriorityFeePerGas": hex_quantity(tip),
        "gasPrice": hex_quantity(min(cap, base_price + tip)),
        "accessList": [
            {"address": hex_data(address), "storageKeys": [hex_data(key) for key in keys]}
            for address, keys in call.access_list
        ],
    }
    if kind == SET_CODE:
        names = ("chainId", "nonce", "yParity", "r", "s")
        shown["authorizationList"] = [
            {"address": hex_data(who)}
            | {n: hex_quantity(v) for n, v in zip(names, (chain, *rest), strict=True)}
            for chain, who, *rest in call.authorizations
        ]
    return shown
