"""Epochs: what executes, what is left out, who pays, and what undo gives back."""

import time

import pytest
from tests.unit.ledger.execution.builders import (
    AUTHOR,
    CHAIN_ID,
    ETHER,
    GWEI,
    STORE_AND_LOG,
    address_of,
    block,
    epoch,
    executor,
    init_code,
    sign,
    signer,
)

from sogdia._core import Store
from sogdia.ledger.execution.api import Account, GenesisAccount, Unexecuted
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import (
    AlreadyInitialised,
    MissingHistory,
    NotInitialised,
    UndoTooDeep,
    WrongEpoch,
)
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256

ALICE, BOB = signer(1), signer(2)
CAROL = b"\x33" * 20
CONTRACT = b"\xcc" * 20


def test_a_transfer_moves_value_and_charges_the_effective_price() -> None:
    engine = executor(ALICE)
    outcome = engine.execute_epoch(epoch(1, block("a", [sign(ALICE, 0, to=CAROL, value=5)])))
    assert outcome.executed == 1 and outcome.gas_used == 21_000
    assert engine.account(CAROL) == Account(0, 5, EMPTY_KECCAK)
    price = 2 * GWEI  # base price 1 plus tip 1
    assert engine.account(address_of(ALICE)).balance == 1_000 * ETHER - 5 - 21_000 * price
    assert outcome.burnt == 21_000 * GWEI // 2
    assert engine.account(AUTHOR).balance == 0  # fees are shared 12 epochs later


def test_senders_are_reported_with_nonce_and_balance() -> None:
    engine = executor(ALICE, BOB)
    transactions = [sign(BOB, 0, to=CAROL), sign(ALICE, 0, to=CAROL), sign(BOB, 1, to=CAROL)]
    outcome = engine.execute_epoch(epoch(1, block("a", transactions)))
    assert [(each.address, each.nonce) for each in outcome.senders] == [
        (address_of(BOB), 2),
        (address_of(ALICE), 1),
    ]
    assert outcome.senders[1].balance == engine.account(address_of(ALICE)).balance


@pytest.mark.parametrize(
    ("nonce", "fields", "reason"),
    [
        (1, {}, Unexecuted.NONCE_TOO_HIGH),
        (0, {"value": 1_000 * ETHER}, Unexecuted.INSUFFICIENT_FUNDS),
        (0, {"maxFeePerGas": GWEI - 1, "maxPriorityFeePerGas": 0}, Unexecuted.FEE_BELOW_BASE),
        (0, {"gas": 30_000_001}, Unexecuted.GAS_LIMIT_EXCEEDED),
        (0, {"gas": 20_999}, Unexecuted.INVALID),
    ],
)
def test_what_cannot_be_charged_leaves_no_trace(
    nonce: int, fields: dict[str, int], reason: Unexecuted
) -> None:
    engine = executor(ALICE)
    before = engine.epoch_roots(0)
    transaction = sign(ALICE, nonce, to=CAROL, **fields)
    outcome = engine.execute_epoch(epoch(1, block("a", [transaction])))
    assert outcome.unexecuted == ((transaction.hash, reason),)
    assert engine.receipt_json(transaction.hash) is None
    assert before is not None and outcome.roots.state_root == before.state_root


def test_a_duplicate_executes_once_and_is_not_reported() -> None:
    engine = executor(ALICE)
    transaction = sign(ALICE, 0, to=CAROL, value=1)
    outcome = engine.execute_epoch(epoch(1, block("a", [transaction]), block("b", [transaction])))
    assert (outcome.executed, outcome.unexecuted) == (1, ())
    later = engine.execute_epoch(epoch(2, block("c", [transaction])))
    assert (later.executed, later.unexecuted) == (0, ())
    assert engine.account(CAROL).balance == 1


def test_a_used_nonce_of_another_transaction_is_dropped() -> None:
    engine = executor(ALICE)
    engine.execute_epoch(epoch(1, block("a", [sign(ALICE, 0, to=CAROL)])))
    rival = sign(ALICE, 0, to=CAROL, value=7)
    outcome = engine.execute_epoch(epoch(2, block("b", [rival])))
    assert outcome.unexecuted == ((rival.hash, Unexecuted.NONCE_TOO_LOW),)
    assert not Unexecuted.NONCE_TOO_LOW.may_execute_later


def test_a_transaction_left_out_by_one_block_may_execute_in_the_next() -> None:
    engine = executor(ALICE)
    first, second = sign(ALICE, 0, to=CAROL), sign(ALICE, 1, to=CAROL)
    outcome = engine.execute_epoch(epoch(1, block("a", [second]), block("b", [first, second])))
    assert (outcome.executed, outcome.unexecuted) == (2, ())
    location = engine.locate(second.hash)
    assert location is not None and (location.index, location.block) == (1, keccak256(b"b"))


def test_off_the_pivot_a_cap_below_the_base_price_pays_the_cap() -> None:
    """Its miner could not know the pivot's price (protocol 3.11)."""
    engine = executor(ALICE, BOB)
    cheap = sign(ALICE, 0, to=CAROL, maxFeePerGas=6, maxPriorityFeePerGas=0)
    cheaper = sign(BOB, 0, to=CAROL, maxFeePerGas=4, maxPriorityFeePerGas=0)
    outcome = engine.execute_epoch(
        epoch(1, block("a", [cheap, cheaper]), block("pivot"), base_price=10)
    )
    assert outcome.unexecuted == ((cheaper.hash, Unexecuted.FEE_BELOW_BASE),)
    assert engine.account(address_of(ALICE)).balance == 1_000 * ETHER - 21_000 * 6
    assert outcome.burnt == 21_000 * 5
    shares, unclaimed = engine.fee_shares(1, [keccak256(b"a"), keccak256(b"pivot")])
    assert dict(shares) == {keccak256(b"a"): 21_000, keccak256(b"pivot"): 0}
    assert unclaimed == 0


def test_copies_cost_what_they_hold() -> None:
    """An epoch of 200 blocks that all hold the same: linear in the copies, not quadratic.

    The square of 80,000 copies took several seconds; each of them once takes some 20 ms.
    """
    engine = executor(ALICE)
    same = [sign(ALICE, nonce, to=CAROL) for nonce in range(400)]
    copies = epoch(1, *(block(f"copy {number}", same) for number in range(200)))
    began_s = time.process_time()
    assert engine.execute_epoch(copies).executed == len(same)
    assert time.process_time() - began_s < 1
    shares, unclaimed = engine.fee_shares(1, [each.hash for each in copies.blocks])
    assert len({share for _, share in shares}) == 1 and unclaimed == 0


def test_a_fee_is_split_over_the_blocks_that_contain_the_transaction() -> None:
    """What does not divide goes one drip each in hash order (protocol 3.7)."""
    engine = executor(ALICE)
    shared = sign(ALICE, 0, to=CAROL, maxFeePerGas=2, maxPriorityFeePerGas=1, gas=21_000)
    names = ["a", "b", "c", "d"]
    engine.execute_epoch(epoch(1, *(block(name, [shared]) for name in names), base_price=1))
    hashes = [keccak256(name.encode()) for name in names]
    fee = 21_000 * (2 - 1)  # price 2, of which the base price 1 is burnt: half, rounded up
    shares, unclaimed = engine.fee_shares(1, hashes)
    assert sum(share for _, share in shares) == fee and unclaimed == 0
    some = [hashes[0], hashes[2], hashes[3], b"\0" * 32]
    shares, unclaimed = engine.fee_shares(1, some)
    assert [block for block, _ in shares] == [hashes[0], hashes[2], hashes[3]]
    assert {share for _, share in shares} == {fee // 3}
    assert engine.fee_shares(1, []) == ((), fee)


def test_rewards_are_paid_after_the_last_transaction() -> None:
    engine = executor(ALICE)
    outcome = engine.execute_epoch(epoch(1, rewards=[(AUTHOR, 3), (AUTHOR, 4), (CAROL, 1)]))
    assert engine.account(AUTHOR).balance == 7 and engine.account(CAROL).balance == 1
    assert outcome.executed == 0


def test_undo_gives_back_state_roots_receipts_and_index() -> None:
    """X4: every epoch is undone and executed again, and all roots are as before."""
    engine = executor(ALICE, BOB, accounts=[GenesisAccount(CONTRACT, code=STORE_AND_LOG)])
    epochs = []
    for number in range(1, 8):
        calls = [sign(ALICE, number - 1, to=CONTRACT, data=(number % 3).to_bytes(32, "big"))]
        calls.append(sign(BOB, number - 1, to=bytes([number]) * 20, value=number))
        epochs.append(epoch(number, block(f"b{number}", calls)))
    roots = [engine.execute_epoch(each).roots for each in epochs]
    logs = [engine.block_json(number, full=True) for number in range(8)]
    for keep in (6, 3, 0):
        assert engine.undo_to(keep) == list(range(7, keep, -1))
        assert engine.head()[0] == keep
        gone = epochs[keep].blocks[0].transactions[0].hash
        assert engine.locate(gone) is None and engine.epoch_roots(keep + 1) is None
        assert [engine.execute_epoch(each).roots for each in epochs[keep:]] == roots[keep:]
    assert [engine.block_json(number, full=True) for number in range(8)] == logs


@pytest.mark.parametrize("window", [1, 2, 3])
def test_undo_across_windows_of_the_commitment(window: int) -> None:
    """C3: with windows this short, every undo crosses the end of some."""
    params = ExecutionParams(snapshot_epochs=window)
    store = Store.memory([])
    engine = executor(
        ALICE,
        store=store,
        params=params,
        accounts=[GenesisAccount(CONTRACT, code=STORE_AND_LOG, storage={0: 9})],
    )
    epochs = [
        epoch(
            n, block(f"b{n}", [sign(ALICE, n - 1, to=CONTRACT, data=(n % 2).to_bytes(32, "big"))])
        )
        for n in range(1, 13)
    ]
    roots = [engine.execute_epoch(each).roots for each in epochs]
    assert len({each.state_root for each in roots}) == 12
    for keep in (11, 7, 5, 0):
        engine.undo_to(keep)
        engine = CoreExecutor(store, params, chain_id=CHAIN_ID)  # rebuilds and checks the root
        assert [engine.execute_epoch(each).roots for each in epochs[keep:]] == roots[keep:]


def test_a_restart_continues_with_the_same_roots(tmp_path: object) -> None:
    transactions = [sign(ALICE, nonce, to=bytes([nonce + 1]) * 20, value=1) for nonce in range(9)]
    params = ExecutionParams(snapshot_epochs=2)
    kept, store = executor(ALICE, params=params), Store.memory([])
    executor(ALICE, params=params, store=store)
    for number, transaction in enumerate(transactions, start=1):
        reopened = CoreExecutor(store, params, chain_id=CHAIN_ID)
        each = epoch(number, block(f"b{number}", [transaction]))
        assert reopened.execute_epoch(each).roots == kept.execute_epoch(each).roots


def test_old_state_is_read_at_every_kept_epoch() -> None:
    engine = executor(ALICE, accounts=[GenesisAccount(CONTRACT, code=STORE_AND_LOG)])
    for number in range(1, 6):
        data = (number if number != 3 else 0).to_bytes(32, "big")
        engine.execute_epoch(
            epoch(number, block(f"b{number}", [sign(ALICE, number - 1, to=CONTRACT, data=data)]))
        )
    assert [engine.storage_at(CONTRACT, 0, at) for at in range(6)] == [0, 1, 2, 0, 4, 5]
    assert [engine.account(address_of(ALICE), at).nonce for at in range(6)] == list(range(6))
    with pytest.raises(MissingHistory) as error:
        engine.account(CAROL, 6)
    assert (error.value.epoch, error.value.newest) == (6, 5)


def test_history_is_kept_as_long_as_asked_and_then_goes() -> None:
    params = ExecutionParams(history_epochs=2, snapshot_epochs=2)
    engine = executor(ALICE, params=params)
    for number in range(1, 20):
        engine.execute_epoch(
            epoch(number, block(f"b{number}", [sign(ALICE, number - 1, to=CAROL)]))
        )
        engine.forget_before(max(0, number - 3))
    oldest = engine.oldest_kept()
    assert 10 < oldest <= 17
    for at in range(oldest, 20):
        assert engine.account(address_of(ALICE), at).nonce == at
    with pytest.raises(MissingHistory):
        engine.account(CAROL, oldest - 1)
    with pytest.raises(UndoTooDeep):
        engine.undo_to(15)
    assert engine.undo_to(16) == [19, 18, 17]


def test_without_history_only_the_latest_state_is_read() -> None:
    engine = executor(ALICE, params=ExecutionParams(history_epochs=0))
    engine.execute_epoch(epoch(1, block("a", [sign(ALICE, 0, to=CAROL)])))
    assert engine.account(address_of(ALICE)).nonce == 1
    with pytest.raises(MissingHistory):
        engine.account(address_of(ALICE), 0)
    engine.undo_to(0)
    assert engine.account(address_of(ALICE)).nonce == 0


def test_the_order_of_calls_is_checked() -> None:
    engine = CoreExecutor(Store.memory([]), ExecutionParams(), chain_id=CHAIN_ID)
    with pytest.raises(NotInitialised):
        engine.head()
    engine.genesis([GenesisAccount(CAROL, balance=1)], b"\1" * 32)
    engine.genesis([GenesisAccount(CAROL, balance=1)], b"\1" * 32)
    with pytest.raises(AlreadyInitialised):
        engine.genesis([GenesisAccount(CAROL, balance=2)], b"\1" * 32)
    with pytest.raises(WrongEpoch) as error:
        engine.execute_epoch(epoch(2))
    assert (error.value.given, error.value.expected) == (2, 1)


def test_unknown_rules_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no rules are called 'prag'"):
        CoreExecutor(Store.memory([]), ExecutionParams(spec="prag"), chain_id=1)


def test_a_contract_is_created_where_ethereum_creates_it() -> None:
    engine = executor(ALICE)
    creation = sign(ALICE, 0, to=None, data=init_code(STORE_AND_LOG), gas=200_000)
    engine.execute_epoch(epoch(1, block("a", [creation])))
    created = keccak256(bytes([0xD6, 0x94]) + address_of(ALICE) + b"\x80")[12:]
    assert engine.code(created) == STORE_AND_LOG
    assert engine.code(created, 0) == b""
