"""Calls, estimates, simulations, access lists and traces."""

import json

import pytest
from tests.unit.ledger.execution.builders import (
    ETHER,
    GWEI,
    HANDS_ON_MUCH,
    STORE_AND_LOG,
    address_of,
    block,
    epoch,
    executor,
    init_code,
    sign,
    signer,
)

from sogdia.ledger.execution.api import (
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallResult,
    CallStatus,
    GenesisAccount,
)
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import InvalidCall, InvalidTracer, MissingHistory
from sogdia.ledger.params.execution import ExecutionParams

ALICE = signer(1)
SENDER = address_of(ALICE)
CONTRACT = b"\xcc" * 20
NOBODY = b"\x77" * 20
REVERTS = bytes.fromhex("63deadbeef60005260206000fd")  # reverts with a word
LOOPS = bytes.fromhex("5b600056")
# Returns NUMBER, TIMESTAMP, BASEFEE, COINBASE, GASLIMIT and PREVRANDAO, a word each.
SEES = bytes.fromhex("436000524260205248604052416060524560805244" + "60a052" + "60c06000f3")
# Reads slot 0 unless less than 77,000 gas is left.
READS_IF_GAS_IS_LEFT = bytes.fromhex("5a62012cc811600d57600054005b00")
# Reads slot after slot until one is cold, and then burns what gas is left.
SEEKS_A_COLD_SLOT = bytes.fromhex("60005b5a8154505a90036103e810601757600101600256" + "5b601756")
# Is given 64 KiB back by the contract of the protocol that copies, and loops.
LOOPS_OVER_RETURNED_DATA = bytes.fromhex("6000600062010000600060006004" + "5af1505b601156")
# Calls 0xdd… with 50,000 gas and reverts if that fails; needs more than it spends, because CALL
# hands on no more than 63/64 of what is left.
FORWARDS = bytes.fromhex("6000" * 5 + "73" + "dd" * 20 + "61c350f1602b5760006000fd5b00")
DEMANDS = bytes.fromhex("5a61c34010600d5760006000fd5b00")  # reverts with less than 49,984 gas


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def with_contract(code: bytes = STORE_AND_LOG, **storage: int) -> CoreExecutor:
    return executor(ALICE, accounts=[GenesisAccount(CONTRACT, code=code)])


def test_a_call_changes_nothing() -> None:
    engine = with_contract()
    result = engine.call(CallRequest(sender=SENDER, to=CONTRACT, data=word(7)))
    assert (result.status, result.output) == (CallStatus.SUCCESS, word(7))
    assert engine.storage_at(CONTRACT, 0) == 0


def test_a_revert_carries_its_data() -> None:
    result = with_contract(REVERTS).call(CallRequest(to=CONTRACT))
    assert result.status is CallStatus.REVERTED
    assert result.output == word(0xDEADBEEF)


def test_a_halt_says_why() -> None:
    result = with_contract(bytes([0xFE])).call(CallRequest(to=CONTRACT, gas=100_000))
    assert result.status is CallStatus.HALTED
    assert result.halt is not None and result.gas_used == 100_000


def test_a_call_sees_the_epoch_it_asks_for() -> None:
    engine = with_contract()
    for number in (1, 2):
        transaction = sign(ALICE, number - 1, to=CONTRACT, data=word(number))
        engine.execute_epoch(epoch(number, block(f"b{number}", [transaction])))
    reads = bytes.fromhex("60005460005260206000f3")
    pretended = {CONTRACT: AccountOverride(code=reads)}
    found = [engine.call(CallRequest(to=CONTRACT), at, accounts=pretended) for at in range(3)]
    assert [each.output for each in found] == [word(0), word(1), word(2)]
    with pytest.raises(MissingHistory):
        engine.call(CallRequest(to=CONTRACT), 3)


def test_overrides_pretend_accounts_and_the_block() -> None:
    engine = with_contract(SEES)
    engine.execute_epoch(epoch(1, block("b", timestamp=500), base_price=GWEI))
    seen = engine.call(CallRequest(to=CONTRACT, gas_price=GWEI, sender=SENDER)).output
    words = [int.from_bytes(seen[at : at + 32], "big") for at in range(0, 192, 32)]
    assert words[:5] == [1, 500, GWEI, int.from_bytes(b"\xaa" * 20, "big"), 30_000_000]
    pretended = BlockOverride(
        number=9, timestamp=8, author=NOBODY, gas_limit=7, base_price=6, prev_randao=word(5)
    )
    seen = engine.call(
        CallRequest(to=CONTRACT, sender=SENDER, gas_price=6, gas=50_000), block=pretended
    ).output
    words = [int.from_bytes(seen[at : at + 32], "big") for at in range(0, 192, 32)]
    assert words == [9, 8, 6, int.from_bytes(NOBODY, "big"), 7, 5]
    reads = bytes.fromhex("60015460005260206000f3")
    whole = AccountOverride(code=reads, storage={1: 44})
    some = AccountOverride(code=reads, storage_diff={1: 45})
    for override, expected in ((whole, 44), (some, 45)):
        result = engine.call(CallRequest(to=NOBODY), accounts={NOBODY: override})
        assert result.output == word(expected)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (CallRequest(sender=NOBODY, to=CONTRACT, value=1), "insufficient funds for transfer"),
        (
            CallRequest(sender=NOBODY, to=CONTRACT, gas_price=GWEI),
            "insufficient funds for gas * price + value",
        ),
        (CallRequest(to=CONTRACT, gas=20_000), "intrinsic gas too low: have 20000, want 21000"),
        (
            CallRequest(sender=SENDER, to=CONTRACT, max_fee_per_gas=1),
            "max fee per gas less than block base fee",
        ),
        (
            CallRequest(
                sender=SENDER, to=CONTRACT, max_fee_per_gas=GWEI, max_priority_fee_per_gas=2 * GWEI
            ),
            "max priority fee per gas higher than max fee per gas",
        ),
    ],
)
def test_what_cannot_be_tried_is_said_in_the_usual_words(request_: CallRequest, words: str) -> None:
    engine = with_contract()
    engine.execute_epoch(epoch(1, base_price=GWEI))
    with pytest.raises(InvalidCall) as error:
        engine.call(request_)
    assert words in str(error.value)


def test_an_estimate_suffices_and_is_close() -> None:
    engine = with_contract()
    request = CallRequest(sender=SENDER, to=CONTRACT, data=word(7))
    gas = engine.estimate_gas(request)
    assert isinstance(gas, int)
    spent = engine.call(request).gas_used
    assert spent <= gas <= spent * 1.03
    transaction = sign(ALICE, 0, to=CONTRACT, data=word(7), gas=gas)
    engine.execute_epoch(epoch(1, block("b", [transaction])))
    assert engine.storage_at(CONTRACT, 0) == 7


def test_an_estimate_finds_what_a_call_keeps_back() -> None:
    """The callee needs 50,000 gas at once; what is spent is less than what must be offered."""
    engine = executor(
        ALICE,
        accounts=[
            GenesisAccount(CONTRACT, code=FORWARDS),
            GenesisAccount(b"\xdd" * 20, code=DEMANDS),
        ],
    )
    request = CallRequest(sender=SENDER, to=CONTRACT)
    gas = engine.estimate_gas(request)
    assert isinstance(gas, int)
    enough = engine.call(CallRequest(sender=SENDER, to=CONTRACT, gas=gas))
    assert enough.status is CallStatus.SUCCESS and enough.gas_spent < 30_000 < gas


def test_estimates_of_transfers_reverts_and_paupers() -> None:
    engine = with_contract(REVERTS)
    engine.execute_epoch(epoch(1, base_price=1))
    assert engine.estimate_gas(CallRequest(sender=SENDER, to=NOBODY, value=1)) == 21_000
    failure = engine.estimate_gas(CallRequest(sender=SENDER, to=CONTRACT))
    assert isinstance(failure, CallResult) and failure.output == word(0xDEADBEEF)
    with pytest.raises(InvalidCall, match="gas required exceeds allowance"):
        pauper = {NOBODY: AccountOverride(balance=30_000)}
        looping = {CONTRACT: AccountOverride(code=LOOPS)} | pauper
        engine.estimate_gas(CallRequest(sender=NOBODY, to=CONTRACT, gas_price=1), accounts=looping)


def test_a_simulation_chains_calls_and_shows_what_would_change() -> None:
    engine = with_contract()
    simulation = engine.simulate(
        [
            CallRequest(sender=SENDER, to=CONTRACT, data=word(1)),
            CallRequest(sender=SENDER, to=CONTRACT, data=word(2)),
            CallRequest(sender=SENDER, data=init_code(STORE_AND_LOG)),
        ]
    )
    assert [call.result.status for call in simulation.calls] == [CallStatus.SUCCESS] * 3
    assert [len(call.logs) for call in simulation.calls] == [1, 1, 0]
    assert simulation.storage == {CONTRACT: {0: 2}}
    created = simulation.calls[2].created
    assert created is not None
    account = simulation.accounts[created]
    assert account is not None and simulation.codes[account.code_hash] == STORE_AND_LOG
    sender = simulation.accounts[SENDER]
    assert sender is not None and sender.nonce == 3
    assert engine.account(SENDER).nonce == 0


def test_an_access_list_names_what_a_call_touches() -> None:
    engine = with_contract()
    entries, result = engine.tracer.access_list(
        CallRequest(sender=SENDER, to=CONTRACT, data=word(1))
    )
    assert entries == [(CONTRACT, [word(0)])]
    assert result.status is CallStatus.SUCCESS


def test_an_access_list_that_grows_with_every_run_is_given_up() -> None:
    """Code that goes on to the next slot once it is warm would be run thousands of times."""
    engine = with_contract(SEEKS_A_COLD_SLOT)
    with pytest.raises(InvalidCall, match="the access list still grows after"):
        engine.tracer.access_list(CallRequest(sender=SENDER, to=CONTRACT, gas=2_000_000))


def test_an_access_list_settles_where_its_own_gas_decides_what_is_read() -> None:
    """With the slot in the list too little gas is left to read it; without it, it is read."""
    engine = with_contract(READS_IF_GAS_IS_LEFT)
    request = CallRequest(sender=SENDER, to=CONTRACT, gas=100_000)
    entries, _ = engine.tracer.access_list(request)
    assert entries == [(CONTRACT, [word(0)])]


def traced() -> tuple[CoreExecutor, list[bytes]]:
    engine = with_contract()
    transactions = [sign(ALICE, n, to=CONTRACT, data=word(n + 5), value=n) for n in range(3)]
    engine.execute_epoch(epoch(1, block("a", transactions[:1]), block("b", transactions[1:])))
    return engine, [each.hash for each in transactions]


def test_opcode_traces_agree_with_the_receipt() -> None:
    engine, hashes = traced()
    for number, hash_ in enumerate(hashes):
        place = engine.locate(hash_)
        receipt = engine.receipt_json(hash_)
        assert place is not None and receipt is not None
        trace = json.loads(engine.tracer.transaction(place, {}))
        assert trace["gas"] == int(json.loads(receipt)["gasUsed"], 16)
        assert trace["failed"] is False
        assert trace["returnValue"].removeprefix("0x") == word(number + 5).hex()
        assert [log["op"] for log in trace["structLogs"]].count("SSTORE") == 1


def test_the_call_tracer_shows_frames_and_the_prestate_tracer_what_was() -> None:
    engine, hashes = traced()
    place = engine.locate(hashes[1])
    assert place is not None
    frame = json.loads(engine.tracer.transaction(place, {"tracer": "callTracer"}))
    assert (frame["type"], frame["from"], frame["to"], frame["value"]) == (
        "CALL",
        "0x" + SENDER.hex(),
        "0x" + CONTRACT.hex(),
        "0x1",
    )
    diff = json.loads(
        engine.tracer.transaction(
            place, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}
        )
    )
    slot = "0x" + word(0).hex()
    contract = "0x" + CONTRACT.hex()
    assert diff["pre"][contract]["storage"] == {slot: "0x" + word(5).hex()}
    assert diff["post"][contract]["storage"] == {slot: "0x" + word(6).hex()}


def test_a_whole_epoch_is_traced_in_order() -> None:
    engine, hashes = traced()
    for tracer in ("4byteTracer", "flatCallTracer", "noopTracer", "callTracer"):
        traces = engine.tracer.epoch(1, {"tracer": tracer})
        assert traces is not None and [hash_ for hash_, _ in traces] == hashes
    assert engine.tracer.epoch(2, {}) is None
    assert engine.tracer.epoch(0, {}) == []


def test_a_loop_is_traced_as_far_as_the_limit() -> None:
    engine = with_contract(LOOPS)
    trace = json.loads(
        engine.tracer.call(CallRequest(to=CONTRACT, gas=2_000_000), {"disableStack": True})
    )
    assert trace["failed"] is True
    assert len(trace["structLogs"]) == 100_000


def test_a_trace_of_calls_that_hand_on_much_is_given_up() -> None:
    """A call to nobody costs 100 gas whatever its data: a block's gas would be gigabytes."""
    engine = with_contract(HANDS_ON_MUCH)
    request = CallRequest(to=CONTRACT, gas=300_000)
    for tracer in ("callTracer", "flatCallTracer"):
        with pytest.raises(InvalidTracer, match="its calls hold more than 67108864 bytes"):
            engine.tracer.call(request, {"tracer": tracer})
    brief = CallRequest(to=CONTRACT, gas=42_000)
    few = json.loads(engine.tracer.call(brief, {"tracer": "callTracer"}))
    assert {len(each["input"]) for each in few["calls"]} == {2 + 2 * 65_536}


@pytest.mark.full
def test_the_traces_of_an_epoch_are_held_to_a_limit_together() -> None:
    """Each is within its own: 55 MiB that calls hand on, twice that as JSON."""
    engine = with_contract(HANDS_ON_MUCH)
    heavy = [sign(ALICE, nonce, to=CONTRACT, gas=150_000) for nonce in range(3)]
    engine.execute_epoch(epoch(1, block("a", heavy)))
    with pytest.raises(InvalidTracer, match="the first 2 of the epoch's 3 transactions fill more"):
        engine.tracer.epoch(1, {"tracer": "callTracer"})
    place = engine.locate(heavy[2].hash)
    assert place is not None and engine.tracer.transaction(place, {"tracer": "callTracer"})


def test_a_trace_of_steps_that_show_much_returned_data_is_given_up() -> None:
    """Each step would show again what the last call gave back, 64 KiB of it."""
    engine = with_contract(LOOPS_OVER_RETURNED_DATA)
    options = {"disableStack": True, "enableReturnData": True, "limit": 2_000}
    with pytest.raises(InvalidTracer, match="its steps hold more than 67108864 bytes"):
        engine.tracer.call(CallRequest(to=CONTRACT, gas=300_000), options)


def test_unknown_tracers_are_refused() -> None:
    engine, hashes = traced()
    place = engine.locate(hashes[0])
    assert place is not None
    for options in ({"tracer": "{step: function() {}}"}, {"tracer": 5}):
        with pytest.raises(InvalidTracer):
            engine.tracer.transaction(place, options)


def test_a_trace_needs_the_state_before_its_epoch() -> None:
    engine = executor(ALICE, params=ExecutionParams(history_epochs=0))
    transaction = sign(ALICE, 0, to=NOBODY, value=ETHER)
    engine.execute_epoch(epoch(1, block("b", [transaction])))
    place = engine.locate(transaction.hash)
    assert place is not None
    with pytest.raises(MissingHistory):
        engine.tracer.transaction(place, {})


def test_the_newest_rules_are_in_force_without_a_bound_on_gas() -> None:
    """CLZ counts (EIP-7939), and a transaction may ask for more than 2^24 gas (ADR 0180)."""
    clz = bytes.fromhex("60011e60005260206000f3")
    engine = with_contract(clz)
    assert engine.call(CallRequest(to=CONTRACT)).output == word(255)
    large = sign(ALICE, 0, to=CONTRACT, gas=20_000_000)
    assert engine.execute_epoch(epoch(1, block("a", [large]))).executed == 1
