"""A call shown as the transaction that it would be: unsigned, its signature all zero.

Type, hash and members are go-ethereum's for the same call (`returnFullTransactions`).
"""

from typing import Any

from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import Item, encode, encode_integer
from sogdia.ledger.rpc.params import hex_data, hex_quantity

LEGACY, DYNAMIC_FEE, SET_CODE = 0, 2, 4


def kind_of(call: CallRequest) -> int:
    """Return the type of the envelope that carries a call."""
    if call.authorizations:
        return SET_CODE
    return LEGACY if call.gas_price is not None else DYNAMIC_FEE


def unsigned_hash(call: CallRequest, chain_id: int, nonce: int, gas_limit: int) -> bytes:
    """Return the hash of the transaction that a call would be."""
    kind, zero = kind_of(call), b""
    body: list[Item] = [
        encode_integer(gas_limit),
        call.to or b"",
        encode_integer(call.value),
        call.data,
    ]
    if kind == LEGACY:
        head = [encode_integer(nonce), encode_integer(call.gas_price or 0)]
        return keccak256(encode([*head, *body, zero, zero, zero]))
    prices = (call.max_priority_fee_per_gas or 0, call.max_fee_per_gas or 0)
    head = [encode_integer(number) for number in (chain_id, nonce, *prices)]
    body.append([[address, list(keys)] for address, keys in call.access_list])
    if kind == SET_CODE:
        body.append(
            [
                [encode_integer(chain), who, *(encode_integer(n) for n in rest)]
                for chain, who, *rest in call.authorizations
            ]
        )
    return keccak256(bytes((kind,)) + encode([*head, *body, zero, zero, zero]))


def unsigned_transaction(
    call: CallRequest, chain_id: int, nonce: int, gas_limit: int, base_price: int
) -> dict[str, Any]:
    """Return the members of a transaction that follow from the call; the place is not in it."""
    kind = kind_of(call)
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
