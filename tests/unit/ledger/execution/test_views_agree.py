"""Whatever shows a transaction shows the same one: receipt, traces, simulation, call, estimate.

Random programs and transactions of every type (those of `test_against_specification`) execute one
an epoch; every tracer, a simulated block and a call in the same surroundings must agree with what
was executed, and what a diff of the state says with the rows of the store before and after.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from tests.unit.ledger.execution.builders import CHAIN_ID, address_of, block, epoch
from tests.unit.ledger.execution.test_against_specification import CONTRACTS, SIGNERS, scenarios
from tests.vectors.state_tests.runner import stored_accounts

from sogdia._core import Store
from sogdia.ledger.execution.api import (
    BlockOverride,
    CallRequest,
    CallResult,
    CallStatus,
    GenesisAccount,
)
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import InvalidCall
from sogdia.ledger.execution.simulation import BlockPlan
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.transaction import Transaction

BASE_PRICE = 7
GAS_LIMIT = 1 << 40
Dump = dict[bytes, tuple[int, int, bytes, dict[int, int]]]
"""Nonce, balance, code hash and storage by address."""


class Chain:
    """An executor that runs one transaction an epoch."""

    def __init__(self, codes: list[bytes]) -> None:
        self.store = Store.memory([])
        self.engine = CoreExecutor(self.store, ExecutionParams(), chain_id=CHAIN_ID)
        allocation = [GenesisAccount(address_of(each), balance=10**18) for each in SIGNERS]
        allocation += [
            GenesisAccount(address, balance=place, nonce=1, code=code, storage={0: 1, 2: 3})
            for place, (address, code) in enumerate(zip(CONTRACTS, codes, strict=True))
        ]
        self.engine.genesis(allocation, keccak256(b"genesis"))
        self.number = 0

    def dump(self) -> Dump:
        """Return all accounts as the store holds them."""
        return {
            address: (each.nonce, each.balance, each.code_hash, dict(each.storage))
            for address, each in stored_accounts(self.store).items()
        }

    def execute(self, *transactions: Transaction) -> None:
        """Execute the next epoch, of one block."""
        self.number += 1
        packed = block(f"{self.number}", transactions, gas_limit=GAS_LIMIT)
        self.engine.execute_epoch(epoch(self.number, packed, base_price=BASE_PRICE))

    def surroundings(self) -> BlockOverride:
        """Return what the last epoch's transactions saw."""
        shown = self.shown()
        return BlockOverride(
            number=self.number,
            timestamp=int(shown["timestamp"], 16),
            author=bytes.fromhex(shown["miner"][2:]),
            gas_limit=GAS_LIMIT,
            base_price=BASE_PRICE,
            prev_randao=bytes.fromhex(shown["mixHash"][2:]),
        )

    def shown(self) -> dict[str, Any]:
        """Return the last epoch as it is shown."""
        text = self.engine.block_json(self.number, full=False)
        assert text is not None
        shown: dict[str, Any] = json.loads(text)
        return shown

    def trace(self, transaction: Transaction, tracer: str = "", **config: Any) -> dict[str, Any]:
        """Return a trace of an executed transaction."""
        place = self.engine.locate(transaction.hash)
        assert place is not None
        options = {"tracer": tracer, "tracerConfig": config} if tracer else config
        traced: dict[str, Any] = json.loads(self.engine.tracer.transaction(place, options))
        return traced


def request_of(transaction: Transaction, *, gas: int | None = None) -> CallRequest:
    """Return the call that asks for what a transaction does."""
    fees: dict[str, int] = {"gas_price": transaction.gas_price}
    if transaction.kind in (2, 4):
        fees = {
            "max_fee_per_gas": transaction.max_fee_per_gas,
            "max_priority_fee_per_gas": transaction.max_priority_fee_per_gas,
        }
    return CallRequest(
        sender=transaction.sender,
        to=transaction.to,
        gas=gas,
        value=transaction.value,
        data=transaction.data,
        nonce=transaction.nonce,
        access_list=transaction.access_list,
        authorizations=[each[:6] for each in transaction.authorizations],
        **fees,
    )


def frames(frame: dict[str, Any], *, is_kept: bool = True) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield a frame and those below it, each with whether its effects were kept."""
    is_kept = is_kept and "error" not in frame
    yield frame, is_kept
    for call in frame.get("calls", ()):
        yield from frames(call, is_kept=is_kept)


def check_calls(chain: Chain, transaction: Transaction, receipt: dict[str, Any]) -> None:
    """Hold opcode and call traces to the receipt."""
    steps = chain.trace(transaction)
    assert steps["gas"] == int(receipt["gasUsed"], 16)
    assert steps["failed"] is (receipt["status"] == "0x0")
    top = chain.trace(transaction, "callTracer", withLog=True)
    assert int(top["gasUsed"], 16) == int(receipt["gasUsed"], 16)
    assert ("error" in top) is (receipt["status"] == "0x0")
    logged: Counter[str] = Counter()
    for frame, is_kept in frames(top):
        inner = sum(int(call["gasUsed"], 16) for call in frame.get("calls", ()))
        assert frame is top or inner <= int(frame["gasUsed"], 16)
        assert int(frame["gasUsed"], 16) <= int(frame["gas"], 16)
        if is_kept:
            for log in frame.get("logs", ()):
                logged[json.dumps([log["address"].lower(), log["topics"], log["data"]])] += 1
    shown = [[log["address"].lower(), log["topics"], log["data"]] for log in receipt["logs"]]
    assert logged == Counter(map(json.dumps, shown))


def code_hash(fields: dict[str, Any], default: bytes) -> bytes:
    """Return the hash of the code that a trace shows."""
    if "code" in fields:
        return (
            keccak256(bytes.fromhex(fields["code"][2:])) if fields["code"] != "0x" else EMPTY_KECCAK
        )
    return default


def shown_account(fields: dict[str, Any], old: tuple[int, int, bytes, dict[int, int]]) -> Any:
    """Return the account that a trace shows, where silence means the old value."""
    nonce, balance, code, storage = old
    return (
        fields.get("nonce", nonce),
        int(fields.get("balance", hex(balance)), 16),
        code_hash(fields, code),
        storage
        | {int(slot, 16): int(value, 16) for slot, value in fields.get("storage", {}).items()},
    )


def check_states(chain: Chain, transaction: Transaction, before: Dump, after: Dump) -> None:
    """Hold the prestate tracer, in both modes, to the rows before and after."""
    absent = (0, 0, EMPTY_KECCAK, dict[int, int]())
    for name, fields in chain.trace(transaction, "prestateTracer").items():
        old = before.get(unhex(name), absent)
        nonce, balance, code, storage = shown_account(fields, absent)
        assert (nonce, balance, code) == old[:3], name
        assert all(old[3].get(slot, 0) == value for slot, value in storage.items()), name
    diff = chain.trace(transaction, "prestateTracer", diffMode=True)
    predicted = {address: (*each[:3], dict(each[3])) for address, each in before.items()}
    for name, fields in diff["pre"].items():
        address = unhex(name)
        old = before.get(address, absent)
        shown = shown_account(fields, (0, 0, EMPTY_KECCAK, {}))
        assert shown[:3] == old[:3], (name, "before")
        assert all(old[3].get(slot, 0) == value for slot, value in shown[3].items()), name
        if name not in diff["post"]:
            predicted.pop(address, None)
            continue
        for slot in shown[3]:
            predicted[address][3].pop(slot, None)
    for name, fields in diff["post"].items():
        address = unhex(name)
        # One that only lost slots is shown with nothing but what it had.
        assert fields or diff["pre"][name]["storage"], (name, "did not change")
        nonce, balance, code, storage = shown_account(fields, predicted.get(address, absent))
        # Silence about the code says that it is as before or, as geth shows none that is empty,
        # that an account delegates no more.
        if "code" not in fields and after.get(address, absent)[2] == EMPTY_KECCAK:
            code = EMPTY_KECCAK
        predicted[address] = (nonce, balance, code, storage)
    assert predicted == after


def check_pretended(chain: Chain, transaction: Transaction, receipt: dict[str, Any] | None) -> None:
    """Hold a simulated block and a call on the state before to what was executed."""
    around, at = chain.surroundings(), chain.number - 1
    request = request_of(transaction, gas=transaction.gas_limit)
    plan = BlockPlan(block=around, calls=[request], gas_budget=GAS_LIMIT, validates=True)
    try:
        (simulated,) = chain.engine.simulator.begin(at).run(plan)
    except InvalidCall:
        assert receipt is None
        return
    assert receipt is not None, "a block could not contain it"
    check_result(simulated.result, receipt)
    assert [[log.address, list(log.topics), log.data] for log in simulated.logs] == [
        [unhex(log["address"]), [unhex(topic) for topic in log["topics"]], unhex(log["data"])]
        for log in receipt["logs"]
    ]
    check_result(chain.engine.call(request, at, block=around), receipt)
    check_access_list(chain, request, at, around)
    check_estimate(chain, transaction, at, around)


def check_access_list(chain: Chain, request: CallRequest, at: int, around: BlockOverride) -> None:
    """Run a call with what was listed for it; a list may cost more than the call's gas."""
    try:
        listed, warmed = chain.engine.tracer.access_list(request, at, block=around)
    except InvalidCall as refusal:
        assert str(refusal).startswith("intrinsic gas too low")
        return
    again = CallRequest(**{**fields_of(request), "access_list": listed})
    repeated = chain.engine.call(again, at, block=around)
    assert (warmed.status, warmed.gas_used) == (repeated.status, repeated.gas_used)


def check_estimate(chain: Chain, transaction: Transaction, at: int, around: BlockOverride) -> None:
    """Run a call with what was estimated for it."""
    asked = request_of(transaction)
    try:
        gas = chain.engine.estimate_gas(asked, at, block=around)
    except InvalidCall:
        return
    if isinstance(gas, CallResult):
        assert gas.status is not CallStatus.SUCCESS
        return
    enough = CallRequest(**{**fields_of(asked), "gas": gas})
    assert chain.engine.call(enough, at, block=around).status is CallStatus.SUCCESS


def fields_of(request: CallRequest) -> dict[str, Any]:
    """Return the fields of a request by name."""
    return {name: getattr(request, name) for name in request.__struct_fields__}


def unhex(text: str) -> bytes:
    """Return the bytes of a string that begins with 0x."""
    return bytes.fromhex(text[2:])


def check_result(result: CallResult, receipt: dict[str, Any]) -> None:
    """Hold a pretended run to the receipt."""
    assert (result.status is CallStatus.SUCCESS) is (receipt["status"] == "0x1")
    assert result.gas_used == int(receipt["gasUsed"], 16)


def check(codes: list[bytes], batch: list[Transaction]) -> None:
    """Execute a scenario one transaction an epoch, then all in one, and hold all views to it."""
    chain = Chain(codes)
    for transaction in batch:
        before = chain.dump()
        chain.execute(transaction)
        text = chain.engine.receipt_json(transaction.hash)
        receipt = None if text is None else json.loads(text)
        check_pretended(chain, transaction, receipt)
        if receipt is not None:
            check_calls(chain, transaction, receipt)
            check_states(chain, transaction, before, chain.dump())
    together = Chain(codes)
    together.execute(*batch)
    for options in ({"tracer": "callTracer"}, {"tracer": "prestateTracer"}, {}):
        for hash_, traced in together.engine.tracer.epoch(1, options) or ():
            place = together.engine.locate(hash_)
            assert place is not None
            assert together.engine.tracer.transaction(place, options) == traced


@settings(max_examples=40, deadline=None)
@given(scenarios())
def test_all_views_of_a_transaction_agree(scenario: tuple[list[bytes], list[Transaction]]) -> None:
    """A sample; Hypothesis prints and keeps what fails."""
    check(*scenario)


@pytest.mark.full
@settings(max_examples=5_000, deadline=None)
@given(scenarios())
def test_all_views_agree_in_thousands(scenario: tuple[list[bytes], list[Transaction]]) -> None:
    """The whole."""
    check(*scenario)
