"""What is answered at once is what the executor would answer; what is long is not answered."""

import json
import random

import pytest
from tests.unit.ledger.execution.builders import (
    STORE_AND_LOG,
    address_of,
    block,
    epoch,
    executor,
    sign,
    signer,
)

from sogdia.ledger.execution.api import CallRequest, CallStatus, GenesisAccount, LogQuery
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import InvalidCall, TooManyLogs

ALICE = signer(1)
CONTRACT = b"\xcc" * 20
CALLEE = b"\xdd" * 20
# An empty log; its topic is the call's first word.
LOG_WITH_TOPIC = bytes.fromhex("60003560006000a100")
LOOPS = "5b600056"
TO_CALLEE = "6000" * 5 + "73" + "dd" * 20 + "61ffff" + "f1"
SHORT = {
    "reverts with a word": "63deadbeef60005260206000fd",
    "a bad opcode": "fe",
    "sees its gas": "5a60005260206000f3",
    "calls another and sees what is left": TO_CALLEE + "5a60005260206000f3",
    "creates": "600060006000f060005260206000f3",
    "hashes a kilobyte": "61040060002060005260206000f3",
    "sha256 of nothing": "6020600060006000600060025af160206000f3",
    "transfers what it has not": "60006000600060006001" + "73" + "11" * 20 + "5af1",
}
LONG = {
    "a loop": LOOPS,
    "a loop of calls": "5b" + TO_CALLEE + "50600056",
    "hashes a megabyte": "6210000060002060005260206000f3",
    "takes a megabyte": "60016210000052",
    "copies into a megabyte": "62100000600060003760016000f3",
    "modular power": "600060006000600060006005" + "5af1",
    "curve check": "6000600060006000600061010a" + "5af1",
    "creates again and again": "5b600060006000f050600056",
}


def with_code(code: str) -> CoreExecutor:
    accounts = [
        GenesisAccount(CONTRACT, code=bytes.fromhex(code)),
        GenesisAccount(CALLEE, code=STORE_AND_LOG),
    ]
    return executor(ALICE, accounts=accounts)


@pytest.mark.parametrize("name", SHORT)
def test_a_short_call_ends_as_it_does_elsewhere(name: str) -> None:
    engine = with_code(SHORT[name])
    for gas in (None, 25_000, 60_000):
        request = CallRequest(sender=address_of(ALICE), to=CONTRACT, gas=gas)
        answer = engine.at_hand.call(request)
        assert answer is not None
        assert answer == engine.call(request)


@pytest.mark.parametrize("name", LONG)
def test_a_long_call_is_not_run_here(name: str) -> None:
    engine = with_code(LONG[name])
    assert engine.at_hand.call(CallRequest(to=CONTRACT)) is None
    # Given up in the middle, it leaves nothing behind.
    assert engine.at_hand.call(CallRequest(to=CALLEE)) == engine.call(CallRequest(to=CALLEE))


def test_a_long_call_with_little_gas_is_short() -> None:
    engine = with_code(LOOPS)
    request = CallRequest(to=CONTRACT, gas=40_000)
    answer = engine.at_hand.call(request)
    assert answer is not None and answer.status is CallStatus.HALTED
    assert answer == engine.call(request)


def test_programs_at_random_end_as_they_do_elsewhere() -> None:
    """400 programs of opcodes that do much: equal, or left to others; most are short."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    opcodes = [*range(0x60, 0x64), *range(0x01, 0x0C), 0x20, 0x35, 0x37, 0x3B, 0x51, 0x52, 0x54]
    opcodes += [0x55, 0x56, 0x57, 0x59, 0x5A, 0x5B, 0x5F, 0x80, 0x90, 0xA0, 0xF0, 0xF1, 0xF3, 0xFA]
    short = 0
    for _ in range(40):
        accounts = [
            GenesisAccount(
                bytes([0xCC, *[0] * 18, number]),
                code=b"\x5f" * 8 + bytes(source.choices(opcodes, k=60)),
            )
            for number in range(10)
        ]
        engine = executor(ALICE, accounts=accounts)
        for account in accounts:
            request = CallRequest(to=account.address, gas=200_000)
            answer = engine.at_hand.call(request)
            short += answer is not None
            assert answer in (None, engine.call(request)), account.code.hex()
    assert short > 300


def test_a_call_that_cannot_be_tried_is_refused_in_the_same_words() -> None:
    engine = with_code(LOOPS)
    request = CallRequest(to=CONTRACT, gas=100)
    with pytest.raises(InvalidCall) as elsewhere:
        engine.call(request)
    with pytest.raises(InvalidCall, match=str(elsewhere.value).split("(")[0]):
        engine.at_hand.call(request)


def test_logs_are_at_hand_once_they_were_read_and_not_after_an_undo() -> None:
    engine = executor(ALICE, accounts=[GenesisAccount(CONTRACT, code=STORE_AND_LOG)])

    def call(nonce: int, word: int) -> object:
        return sign(ALICE, nonce, to=CONTRACT, data=word.to_bytes(32, "big"))

    for number in range(1, 4):
        engine.execute_epoch(
            epoch(number, block(f"b{number}", [call(2 * number - 2, 1), call(2 * number - 1, 2)]))
        )
    everything = LogQuery(0, 3)
    assert engine.at_hand.logs_json(everything) is None
    read = engine.logs_json(everything)
    assert len(json.loads(read)) == 6
    assert engine.at_hand.logs_json(everything) == read
    nothing = LogQuery(0, 3, [b"\x01" * 20])
    assert engine.at_hand.logs_json(nothing) == engine.logs_json(nothing) == b"[]"
    with pytest.raises(TooManyLogs):
        engine.at_hand.logs_json(LogQuery(1, 3, limit=5))
    assert engine.at_hand.logs_json(LogQuery(0, 4)) is None
    engine.undo_to(2)
    assert engine.at_hand.logs_json(LogQuery(1, 2)) is None
    engine.execute_epoch(epoch(3, block("another", [call(4, 9)])))
    assert [log["data"][-1] for log in json.loads(engine.logs_json(everything))] == [*"12129"]
    assert engine.at_hand.logs_json(everything) == engine.logs_json(everything)


def test_logs_at_hand_are_those_that_a_filter_names_alone_in_runs_and_over_epochs() -> None:
    """Neighbours are copied as one run: every pattern of matches in a row is asked for."""
    engine = executor(ALICE, accounts=[GenesisAccount(CONTRACT, code=LOG_WITH_TOPIC)])
    words = [(1, 1, 2, 3, 1), (), (2, 2, 3), (3, 1, 1, 2)]
    nonce = 0
    for number, row in enumerate(words, start=1):
        calls = []
        for word in row:
            calls.append(sign(ALICE, nonce, to=CONTRACT, data=word.to_bytes(32, "big")))
            nonce += 1
        engine.execute_epoch(epoch(number, block(f"b{number}", calls)))
    everything = json.loads(engine.logs_json(LogQuery(1, 4)))
    assert [int(log["topics"][0], 16) for log in everything] == [w for row in words for w in row]
    for wanted in ([1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3], [4]):
        query = LogQuery(1, 4, topics=[[word.to_bytes(32, "big") for word in wanted]])
        named = [log for log in everything if int(log["topics"][0], 16) in wanted]
        at_hand = engine.at_hand.logs_json(query)
        assert at_hand is not None
        assert json.loads(at_hand) == named
        assert at_hand == engine.logs_json(query)


def test_a_block_that_was_undone_is_rendered_anew() -> None:
    engine = executor(ALICE)
    engine.execute_epoch(epoch(1, block("one", [sign(ALICE, 0, value=1)])))
    whole, hashes = (engine.block_json(1, full=full) for full in (True, False))
    receipts = engine.receipts_json(1)
    assert engine.block_json(1, full=True) == whole != hashes
    engine.undo_to(0)
    assert engine.block_json(1, full=True) is None and engine.receipts_json(1) is None
    engine.execute_epoch(epoch(1, block("two", [sign(ALICE, 0, value=2)])))
    again = engine.block_json(1, full=True)
    assert again is not None and json.loads(again)["transactions"][0]["value"] == "0x2"
    assert engine.block_json(1, full=False) != hashes and engine.receipts_json(1) != receipts
