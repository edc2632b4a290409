"""What a node knows of one transaction, as one JSON object.

Q1  `status` is Pending (waits in the pool, or in a block whose epoch is not executed), Executed,
    Failed (executed, and taken back but for its fee), Skipped (in a block of the order, and not
    executed) or Refused (this node did not take it in). None of these: the node does not know it.
Q2  A member that could not be learnt, such as the calls where history is not kept, is absent.
"""

import json
from typing import Any

from sogdia.ledger.execution.api import CallRequest, TransactionLocation
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.calls import capped
from sogdia.ledger.rpc.eth.epochs import latest_epoch
from sogdia.ledger.rpc.eth.fees import next_base_price
from sogdia.ledger.rpc.params import hex_data, hex_quantity

TRACED = {"tracer": "callTracer", "tracerConfig": {"withLog": False}}
# How far back a transaction without a receipt is looked for in blocks.
SEARCHED_EPOCHS = 16
OUT_OF_GAS = "out of gas"

Facts = dict[str, Any]


def waiting_facts(node: Backend, waiting: Transaction) -> Facts:
    """Return the facts of a transaction of the pool, with what it waits for under `waits`."""
    account = node.executor.account(waiting.sender)
    ready, queued = node.pool.content(waiting.sender)
    known = {each.nonce for each in (*ready, *queued)}
    missing = next((n for n in range(account.nonce, waiting.nonce) if n not in known), None)
    cost = waiting.value + waiting.gas_limit * waiting.max_fee_per_gas
    base_price, controls = next_base_price(node), node.development
    waits: Facts = {"for": "block"}
    if missing is not None:
        waits = {"for": "nonce", "missing": missing}
    elif account.balance < cost:
        waits = {"for": "balance", "balance": account.balance, "needed": cost}
    elif waiting.max_fee_per_gas < base_price:
        waits = {"for": "price", "offered": waiting.max_fee_per_gas, "basePrice": base_price}
    elif controls is not None and not controls.is_automining and controls.interval_s is None:
        waits = {"for": "mining"}
    return _request(waiting) | {"status": "Pending", "waits": waits}


def executed_facts(node: Backend, hash: bytes, place: TransactionLocation) -> Facts:
    """Return the facts of an executed transaction; reads the graph, so on the loop's thread."""
    receipt, summary = node.executor.receipt_json(hash), node.executor.epoch(place.epoch)
    assert receipt is not None, "an executed transaction has a receipt"
    assert summary is not None, "its epoch is executed"
    shown = json.loads(receipt)
    gas_used, price = int(shown["gasUsed"], 16), int(shown["effectiveGasPrice"], 16)
    packed = [
        block
        for block in summary.blocks
        if any(each.hash == hash for each in node.consensus.block(block).transactions)
    ]
    facts = {
        **_stored(json.loads(node.executor.transaction_json(hash) or b"{}")),
        "status": "Executed" if shown["status"] == "0x1" else "Failed",
        "epoch": place.epoch,
        "index": place.index,
        "block": hex_data(place.block),
        "packedIn": [hex_data(block) for block in packed],
        "risk": float(node.consensus.confirmation_risk(place.epoch)),
        "hasOneMiner": node.development is not None,
        "isFinal": place.epoch <= node.consensus.stable_height,
        "gasUsed": gas_used,
        "fee": gas_used * price,
        "logs": len(shown["logs"]),
    }
    if shown.get("contractAddress"):
        facts["created"] = shown["contractAddress"]
    return facts


def add_calls(node: Backend, facts: Facts, place: TransactionLocation) -> None:
    """Add who called whom, and for a lack of gas how much would do; in a worker thread."""
    try:
        trace = json.loads(node.tracer.transaction(place, TRACED))
    except SogdiaError as error:
        facts["callsUnknown"] = str(error)
        return
    facts["trace"] = trace
    if facts["status"] == "Failed" and any(OUT_OF_GAS in error for error in _errors(trace)):
        request = CallRequest(
            sender=bytes.fromhex(facts["from"][2:]),
            to=None if facts["to"] is None else bytes.fromhex(facts["to"][2:]),
            value=facts["value"],
            data=bytes.fromhex(trace["input"][2:]),
        )
        try:
            enough = node.executor.estimate_gas(capped(node, request), place.epoch - 1)
        except SogdiaError:
            return
        if isinstance(enough, int):
            facts["gasEnough"] = enough


def skipped_facts(node: Backend, hash: bytes) -> Facts | None:
    """Return the facts of a transaction that blocks of late epochs hold and no epoch executed."""
    head = latest_epoch(node)
    tip = node.consensus.best_height()
    for number in range(tip, max(head - SEARCHED_EPOCHS, 0), -1):
        plan = node.consensus.epoch_plan(number)
        for block in (*plan.blocks, *plan.skipped):
            for each in node.consensus.block(block).transactions:
                if each.hash == hash:
                    facts = _request(each) | {"block": hex_data(block), "epoch": number}
                    if number > head:
                        return facts | {"status": "Pending", "waits": {"for": "execution"}}
                    account = node.executor.account(each.sender)
                    return facts | {
                        "status": "Skipped",
                        "beyondBound": block in plan.skipped,
                        "accountNonce": account.nonce,
                        "balance": account.balance,
                    }
    return None


def refused_facts(hash: bytes, words: str) -> Facts:
    """Return the facts of a transaction that this node did not take in."""
    return {"hash": hex_data(hash), "status": "Refused", "reason": words}


def _request(transaction: Transaction) -> Facts:
    return {
        "hash": hex_data(transaction.hash),
        "from": hex_data(transaction.sender),
        "to": None if transaction.to is None else hex_data(transaction.to),
        "value": transaction.value,
        "nonce": transaction.nonce,
        "gas": transaction.gas_limit,
        "input": hex_data(transaction.data),
    }


def _stored(shown: dict[str, Any]) -> Facts:
    numbers = {name: int(shown[name], 16) for name in ("value", "nonce", "gas")}
    return {name: shown[name] for name in ("hash", "from", "to", "input")} | numbers


def _errors(trace: Any) -> list[str]:
    inner = [error for call in trace.get("calls", ()) for error in _errors(call)]
    return [str(trace.get("error", "")), *inner]


def as_json(facts: Facts) -> Facts:
    """Return the facts with every amount and count as a quantity."""

    def shown(value: Any) -> Any:
        if type(value) is int:
            return hex_quantity(value)
        if isinstance(value, dict):
            return {name: each if name == "trace" else shown(each) for name, each in value.items()}
        return [shown(each) for each in value] if isinstance(value, list) else value

    result: Facts = shown(facts)
    return result


def from_json(facts: Facts) -> Facts:
    """Return the facts that `as_json` wrote."""
    counted = {"value", "nonce", "gas", "epoch", "index", "gasUsed", "fee", "logs", "gasEnough",
               "missing", "balance", "needed", "offered", "basePrice", "accountNonce"}  # fmt: skip
    result: Facts = {}
    for name, value in facts.items():
        if name in counted:
            result[name] = int(value, 16)
        else:
            result[name] = from_json(value) if name == "waits" else value
    return result
