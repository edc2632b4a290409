"""EIP-2935: what its contract answers in epochs, calls and traces, and after an undo."""

import json

from tests.unit.ledger.execution.builders import (
    CHAIN_ID,
    address_of,
    block,
    epoch,
    sign,
    signer,
)

from sogdia._core import Store
from sogdia.ledger.execution.api import (
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallStatus,
    EpochInput,
    GenesisAccount,
)
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.simulation import BlockPlan
from sogdia.ledger.params.contracts import HISTORY_CONTRACT
from sogdia.ledger.params.execution import ExecutionParams

ALICE = signer(1)
HISTORY, CODE = HISTORY_CONTRACT
SERVED = 8_191
READER = b"\x44" * 20
# Hands its call data to the history contract and keeps the word that comes back in slot 0.
KEEPS_ANSWER = bytes.fromhex(
    "60003560005260206000602060006000" + "73" + HISTORY.hex() + "5af15060005160005500"
)


def opened(store: Store) -> CoreExecutor:
    return CoreExecutor(store, ExecutionParams(history_epochs=None), chain_id=CHAIN_ID)


def begun(store: Store, *, contract: bool = True) -> CoreExecutor:
    engine = opened(store)
    accounts = [
        GenesisAccount(address_of(ALICE), 10**21),
        GenesisAccount(READER, nonce=1, code=KEEPS_ANSWER),
    ]
    if contract:
        accounts.append(GenesisAccount(HISTORY, nonce=1, code=CODE))
    engine.genesis(accounts, b"g" * 32)
    return engine


def asks(number: int) -> bytes:
    return number.to_bytes(32, "big")


def named(name: str, number: int, *transactions: object) -> EpochInput:
    return epoch(number, block(f"{name}{number}", list(transactions)))  # type: ignore[arg-type]


def ask(engine: CoreExecutor, number: int, *, as_epoch: int | None = None) -> bytes | None:
    """Return what a call of the contract answers about epoch `number`; None if it reverts."""
    request = CallRequest(address_of(ALICE), HISTORY, data=asks(number))
    result = engine.call(request, block=BlockOverride(number=as_epoch))
    return result.output if result.status is CallStatus.SUCCESS else None


def test_each_epoch_finds_the_pivot_before_it() -> None:
    engine = begun(Store.memory([]))
    inputs = [named("a", number) for number in (1, 2, 3)]
    for each in inputs:
        engine.execute_epoch(each)
    assert ask(engine, 0) == b"g" * 32
    assert ask(engine, 1) == inputs[0].pivot and ask(engine, 2) == inputs[1].pivot
    assert ask(engine, 3) is None and ask(engine, 4) is None  # itself, and one to come
    assert ask(engine, 3, as_epoch=4) == inputs[2].pivot  # what the next epoch will find
    assert ask(engine, 4, as_epoch=4) is None


def test_a_transaction_reads_it_and_its_trace_sees_the_same() -> None:
    engine = begun(Store.memory([]))
    first = named("a", 1)
    engine.execute_epoch(first)
    engine.execute_epoch(named("a", 2, sign(ALICE, 0, to=READER, data=asks(1))))
    assert engine.storage_at(READER, 0) == int.from_bytes(first.pivot)
    traced = engine.tracer.epoch(2, {"tracer": "callTracer"})
    assert traced is not None
    inner = json.loads(traced[0][1])["calls"][0]
    assert (inner["to"], inner["output"]) == (f"0x{HISTORY.hex()}", f"0x{first.pivot.hex()}")


def test_the_ring_holds_8191_epochs() -> None:
    engine = begun(Store.memory([]))
    pivots = {0: b"g" * 32}
    for number in range(1, SERVED + 3):
        each = named("a", number)
        pivots[number] = each.pivot
        engine.execute_epoch(each)
    head = SERVED + 2
    for number in (head - 1, head - SERVED, head // 2):
        assert ask(engine, number) == pivots[number]
    assert ask(engine, head - SERVED - 1) is None
    assert engine.storage_at(HISTORY, 1) == int.from_bytes(pivots[SERVED + 1])
    assert engine.storage_at(HISTORY, 1, SERVED + 1) == int.from_bytes(pivots[1])  # one before


def test_undo_and_another_branch_agree_with_a_chain_that_had_only_that() -> None:
    turned, straight = begun(Store.memory([])), begun(Store.memory([]))
    for number in (1, 2, 3):
        turned.execute_epoch(named("a", number))
    turned.undo_to(1)
    assert ask(turned, 1, as_epoch=2) == named("a", 1).pivot
    assert turned.storage_at(HISTORY, 2) == 0
    straight.execute_epoch(named("a", 1))
    for number in (2, 3):
        roots = turned.execute_epoch(named("b", number)).roots
        assert straight.execute_epoch(named("b", number)).roots == roots
    assert ask(turned, 2) == named("b", 2).pivot


def test_a_reopened_store_goes_on() -> None:
    store = Store.memory([])
    engine = begun(store)
    engine.execute_epoch(named("a", 1))
    again = opened(store)
    again.execute_epoch(named("a", 2))
    assert ask(again, 1) == named("a", 1).pivot


def test_without_the_contract_nothing_is_written() -> None:
    engine = begun(Store.memory([]), contract=False)
    before = engine.epoch_roots(0)
    assert engine.execute_epoch(named("a", 1)).roots == before
    assert engine.storage_at(HISTORY, 0) == 0


def test_a_slot_that_the_system_address_wrote_again_is_taken_back() -> None:
    """A development chain impersonates anybody: the transaction's own value stays until undone."""
    engine = begun(Store.memory([]))
    engine.execute_epoch(named("a", 1))
    # Code that anybody may have write slot 1, where epoch 2 begins with the pivot of 1.
    engine.editor.edit({HISTORY: AccountOverride(code=bytes.fromhex("600760015500"))})
    roots = engine.epoch_roots(1)
    engine.execute_epoch(named("a", 2, sign(ALICE, 0, to=HISTORY)))
    assert engine.storage_at(HISTORY, 1) == 7
    engine.undo_to(1)
    assert engine.storage_at(HISTORY, 1) == 0 and engine.epoch_roots(1) == roots


def test_a_simulated_block_finds_the_simulated_one_before() -> None:
    engine = begun(Store.memory([]))
    engine.execute_epoch(named("a", 1))
    state = engine.simulator.begin(1)
    gas = {"gas_budget": 10**6, "block": BlockOverride(number=2)}
    (answer,) = state.run(
        BlockPlan(calls=[CallRequest(address_of(ALICE), HISTORY, data=asks(1))], **gas)  # type: ignore[arg-type]
    )
    assert answer.result.output == named("a", 1).pivot
    gas["block"] = BlockOverride(number=3)
    (answer,) = state.run(
        BlockPlan(
            calls=[CallRequest(address_of(ALICE), HISTORY, data=asks(2))],
            hashes=[(2, b"s" * 32)],
            **gas,  # type: ignore[arg-type]
        )
    )
    assert answer.result.output == b"s" * 32
