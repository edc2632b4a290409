"""What this ledger shows, in eth-tester's shapes: bytes and numbers under other names."""

from collections.abc import Mapping
from typing import Any

from sogdia.eth_accounts import Account
from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.rlp import Item, encode, encode_integer

LEGACY, ACCESS_LIST, DYNAMIC_FEE, SET_CODE = 0, 1, 2, 4
GIGADRIP = 10**9
# eth-tester's name -> eth-account's.
SIGNED_AS = {
    "nonce": "nonce",
    "gas": "gas",
    "value": "value",
    "data": "data",
    "gas_price": "gasPrice",
    "max_fee_per_gas": "maxFeePerGas",
    "max_priority_fee_per_gas": "maxPriorityFeePerGas",
    "chain_id": "chainId",
}

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
    if kind_of(whole) != LEGACY:
        whole.setdefault("chain_id", chain_id)
    return whole


def kind_of(fields: Fields) -> int:
    """Return the type of the transaction that the fields make."""
    if fields.get("authorization_list"):
        return SET_CODE
    if fields.get("max_fee_per_gas") is not None:
        return DYNAMIC_FEE
    return ACCESS_LIST if fields.get("access_list") is not None else LEGACY


def sign(fields: Fields, key: bytes) -> bytes:
    """Return the signed bytes of a whole transaction."""
    ours = {SIGNED_AS[n]: v for n, v in fields.items() if n in SIGNED_AS and v is not None}
    if fields["to"]:
        ours["to"] = fields["to"]
    kind = kind_of(fields)
    if kind != LEGACY:
        ours["type"] = kind
        ours["accessList"] = [
            {"address": "0x" + address.hex(), "storageKeys": [f"0x{slot:064x}" for slot in slots]}
            for address, slots in fields.get("access_list") or ()
        ]
    if kind == SET_CODE:
        names = {"chain_id": "chainId", "y_parity": "yParity"}
        ours["authorizationList"] = [
            {names.get(name, name): value for name, value in each.items()}
            for each in fields["authorization_list"]
        ]
    return bytes(Account.sign_transaction(ours, key).raw_transaction)


def encode_signed(fields: Fields) -> bytes:
    """Return the bytes of a transaction whose signature is among the fields."""
    kind = kind_of(fields)
    number = encode_integer
    body: list[Item] = [
        number(fields["gas"]),
        fields["to"],
        number(fields["value"]),
        fields["data"],
    ]
    signature = [number(fields[name]) for name in ("v", "r", "s")]
    if kind == LEGACY:
        head = [number(fields["nonce"]), number(fields["gas_price"])]
        return encode([*head, *body, *signature])
    prices = ("gas_price",)
    if kind != ACCESS_LIST:
        prices = ("max_priority_fee_per_gas", "max_fee_per_gas")  # type: ignore[assignment]
    head = [number(fields[name]) for name in ("chain_id", "nonce", *prices)]
    body.append(
        [
            [address, [slot.to_bytes(32) for slot in slots]]
            for address, slots in fields.get("access_list") or ()
        ]
    )
    if kind == SET_CODE:
        body.append(
            [
                [number(a["chain_id"]), a["address"], *(number(a[n]) for n in AUTHORIZATION)]
                for a in fields["authorization_list"]
            ]
        )
    return bytes((kind,)) + encode([*head, *body, *signature])


AUTHORIZATION = ("nonce", "y_parity", "r", "s")


def call_request(fields: Fields) -> CallRequest:
    """Return the call that the fields describe; its price is not judged."""
    return CallRequest(
        sender=fields["from"],
        to=fields.get("to") or None,
        gas=fields.get("gas"),
        value=fields.get("value", 0),
        data=fields.get("data", b""),
        access_list=[
            (address, [slot.to_bytes(32) for slot in slots])
            for address, slots in fields.get("access_list") or ()
        ],
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
