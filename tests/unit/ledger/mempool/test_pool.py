"""What the pool takes, refuses, keeps and gives back."""

import pytest
from tests.unit.ledger.mempool.builders import (
    GWEI,
    RICH,
    State,
    address_of,
    decoded,
    pool_over,
    raw_transfer,
    transfer,
)

from sogdia.ledger.execution.api import SenderState, Unexecuted
from sogdia.ledger.mempool import errors
from sogdia.ledger.mempool.pool import PACKED_EPOCHS_MAX, PoolStatus
from sogdia.ledger.primitives.errors import InitcodeTooLarge, IntrinsicGasTooLow, SogdiaError
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables.pool_journal import PoolJournal

ROOM = {"gas": 30_000_000, "size": 10**6, "count": 1_000, "base_price": GWEI}


def executed(*transactions: Transaction) -> list[SenderState]:
    """Return the senders after these were executed."""
    return [SenderState(each.sender, each.nonce + 1, RICH) for each in transactions]


def test_a_row_of_nonces_is_ready_and_a_gap_waits() -> None:
    """The missing one makes the others ready."""
    pool = pool_over(State())
    assert pool.add([transfer(nonce=0), transfer(nonce=2), transfer(nonce=3)]) == [None] * 3
    assert pool.status() == PoolStatus(ready=1, queued=2)
    assert pool.pending_nonce(address_of(0)) == 1
    assert pool.add([transfer(nonce=1)]) == [None]
    assert pool.status() == PoolStatus(ready=4, queued=0)
    assert pool.pending_nonce(address_of(0)) == 4
    assert [each.nonce for each in pool.pack(**ROOM)] == [0, 1, 2, 3]


def test_of_equal_prices_two_miners_choose_different_ones() -> None:
    """A tenth of what waits: by chance they share a tenth of that; the better price goes first."""
    waiting = [transfer(sender, tip=GWEI) for sender in range(400)]
    dear = transfer(500, tip=2 * GWEI)
    chosen = []
    for key in (b"one", b"other", b""):
        pool = pool_over(State(), order_key=key)
        assert not any(pool.add([*waiting, dear]))
        chosen.append(pool.pack(**{**ROOM, "count": 41}))
    one, other, by_arrival = chosen
    assert one[0] == other[0] == by_arrival[0] == dear
    assert by_arrival[1:] == waiting[:40]
    assert len({each.hash for each in one[1:]} & {each.hash for each in other[1:]}) < 15


def test_the_best_price_goes_first_and_nonces_keep_their_order() -> None:
    """A dear transaction waits for the cheap one before it."""
    pool = pool_over(State())
    cheap_then_dear = [transfer(0, 0, tip=1), transfer(0, 1, tip=9 * GWEI)]
    middle = transfer(1, 0, tip=2 * GWEI)
    pool.add([*cheap_then_dear, middle])
    assert pool.pack(**ROOM) == [middle, *cheap_then_dear]


def test_the_price_is_what_remains_above_the_base() -> None:
    """A high tip under a low cap pays little; the order follows the base price."""
    pool = pool_over(State(), base_price=GWEI)
    capped = transfer(0, tip=5 * GWEI, cap=6 * GWEI)
    steady = transfer(1, tip=3 * GWEI, cap=100 * GWEI)
    pool.add([capped, steady])
    assert pool.pack(**ROOM) == [capped, steady]
    assert pool.pack(**(ROOM | {"base_price": 4 * GWEI})) == [steady, capped]
    assert pool.pack(**(ROOM | {"base_price": 7 * GWEI})) == [steady]
    assert pool.pack(**ROOM) == [capped, steady]


def test_a_block_takes_no_more_than_fits() -> None:
    """Gas, bytes and count; what does not fit leaves room for what does."""
    pool = pool_over(State())
    large = transfer(0, tip=9 * GWEI, gas=500_000)
    small = [transfer(sender, tip=GWEI) for sender in (1, 2, 3)]
    pool.add([large, *small])
    assert pool.pack(**(ROOM | {"gas": 100_000})) == small
    assert pool.pack(**(ROOM | {"count": 2})) == [large, small[0]]
    assert pool.pack(**(ROOM | {"size": large.size + 10})) == [large]
    assert pool.pack(**(ROOM | {"gas": 20_999})) == []


REFUSED = {
    "nonce used": ({"nonce": 4}, errors.NonceTooLow),
    "nonce far ahead": ({"nonce": 5 + 2_001}, errors.NonceGapTooWide),
    "too dear": ({"value": RICH}, errors.InsufficientFunds),
    "cap below the base": ({"tip": 0, "cap": GWEI - 1}, errors.FeeCapBelowBase),
    "tip below the minimum": ({"tip": 9, "cap": 2 * GWEI}, errors.TipBelowMinimum),
    "gas beyond a block": ({"gas": 30_000_001}, errors.GasLimitAboveBlock),
    "gas below the start": ({"gas": 20_999}, IntrinsicGasTooLow),
    "too long": ({"data": bytes(128 * 1024), "gas": 10**7}, errors.TransactionTooLarge),
}


@pytest.mark.parametrize("why", REFUSED)
def test_each_refusal_has_its_own_error(why: str) -> None:
    """And leaves the pool as it was; the words name the values."""
    fields, kind = REFUSED[why]
    state = State()
    state.set(address_of(0), nonce=5)
    pool = pool_over(state, min_tip=10)
    (refusal,) = pool.add([transfer(0, **({"nonce": 5} | fields))])  # type: ignore[arg-type]
    assert type(refusal) is kind
    assert any(character.isdigit() for character in str(refusal))
    assert pool.status() == PoolStatus(0, 0)


def test_a_second_copy_and_a_contract_as_sender_are_refused() -> None:
    """A delegation is no contract (EIP-7702)."""
    state = State()
    state.set(address_of(1), code=b"\x60\x00")
    state.set(address_of(2), code=b"\xef\x01\x00" + bytes(20))
    pool = pool_over(state)
    first = transfer(0)
    refusals = pool.add([first, first, transfer(1), transfer(2)])
    kinds = [type(refusal) for refusal in refusals]
    assert kinds == [type(None), errors.AlreadyKnown, errors.SenderHasCode, type(None)]


def test_init_code_is_bounded_before_anything_is_kept() -> None:
    """EIP-3860; the builder's transfers have a recipient, so the rule is asked directly."""
    assert issubclass(InitcodeTooLarge, SogdiaError)
    assert "49153" in str(InitcodeTooLarge(size=49_153, size_max=49_152))


def test_a_replacement_must_raise_tip_and_cap_by_a_tenth() -> None:
    """Both, exactly a tenth is enough, and the old one is gone."""
    pool = pool_over(State())
    old = transfer(tip=10 * GWEI, cap=20 * GWEI)
    pool.add([old])
    for tip, cap in ((11 * GWEI, 22 * GWEI - 1), (11 * GWEI - 1, 30 * GWEI)):
        (refusal,) = pool.add([transfer(tip=tip, cap=cap)])
        assert isinstance(refusal, errors.ReplacementUnderpriced)
        assert (refusal.tip_needed, refusal.cap_needed) == (11 * GWEI, 22 * GWEI)
    new = transfer(tip=11 * GWEI, cap=22 * GWEI)
    assert pool.add([new]) == [None]
    assert pool.get(old.hash) is None
    assert pool.pack(**ROOM) == [new]
    assert pool.status() == PoolStatus(1, 0)


def test_the_balance_must_cover_all_that_waits() -> None:
    """Each alone could be paid, both not."""
    state = State()
    cost = transfer().gas_limit * transfer().max_fee_per_gas + 1
    state.set(address_of(0), balance=2 * cost - 1)
    pool = pool_over(state)
    assert pool.add([transfer(nonce=0)]) == [None]
    (refusal,) = pool.add([transfer(nonce=1)])
    assert isinstance(refusal, errors.InsufficientFunds)
    assert (refusal.balance, refusal.needed) == (2 * cost - 1, 2 * cost)


def test_one_sender_has_so_many_places_and_no_more() -> None:
    """Ready ones, then waiting ones; when some are executed the waiting move up."""
    pool = pool_over(State(), ready_per_sender_max=2, queued_per_sender_max=1)
    row = [transfer(nonce=nonce) for nonce in range(4)]
    refusals = pool.add(row)
    assert refusals[:3] == [None, None, None]
    assert isinstance(refusals[3], errors.SenderQueueFull)
    assert pool.status() == PoolStatus(ready=2, queued=1)
    pool.on_epoch(1, executed(row[0]))
    assert pool.status() == PoolStatus(ready=2, queued=0)


def test_a_full_pool_lets_the_better_push_out_the_cheapest() -> None:
    """What pays no more is refused, with the price that would suffice."""
    pool = pool_over(State(), transactions_max=3)
    pool.add([transfer(sender, tip=(sender + 1) * GWEI) for sender in range(3)])
    (refusal,) = pool.add([transfer(7, tip=GWEI)])
    assert isinstance(refusal, errors.PoolFull)
    assert refusal.price_needed == GWEI
    assert pool.add([transfer(8, tip=2 * GWEI)]) == [None]
    assert pool.get(transfer(0, tip=GWEI).hash) is None
    (refusal,) = pool.add([transfer(9, nonce=1, tip=50 * GWEI)])
    assert isinstance(refusal, errors.PoolFull)
    assert refusal.price_needed is None


def test_what_is_not_ready_leaves_first() -> None:
    """A flood of gaps costs its sender nothing, so it may not crowd out a payer."""
    pool = pool_over(State(), transactions_max=10)
    pool.add([transfer(0, nonce, tip=90 * GWEI) for nonce in range(1, 11)])
    assert pool.status() == PoolStatus(0, 10)
    assert pool.add([transfer(sender, tip=1) for sender in range(1, 11)]) == [None] * 10
    assert pool.status() == PoolStatus(10, 0)


def test_the_row_of_the_cheapest_loses_its_end() -> None:
    """Taking its first would make the rest useless."""
    pool = pool_over(State(), transactions_max=3)
    row = [transfer(0, 0, tip=1), transfer(0, 1, tip=9 * GWEI), transfer(0, 2, tip=9 * GWEI)]
    pool.add(row)
    assert pool.add([transfer(1, tip=5 * GWEI)]) == [None]
    assert [pool.get(each.hash) is not None for each in row] == [True, True, False]


def test_a_packed_transaction_is_not_packed_again_until_it_comes_back() -> None:
    """It stays known all the while; its epoch's execution ends it."""
    pool = pool_over(State())
    row = [transfer(nonce=nonce) for nonce in range(3)]
    pool.add(row)
    pool.mark_packed(row[:2])
    assert pool.pack(**ROOM) == row[2:]
    assert pool.pending_nonce(address_of(0)) == 3
    assert pool.restore(row[:2]) == 0
    assert pool.pack(**ROOM) == row
    pool.mark_packed(row)
    pool.on_epoch(1, executed(row[1]))
    assert pool.status() == PoolStatus(1, 0)
    assert pool.get(row[0].hash) is None
    assert pool.pack(**ROOM) == []


def test_a_block_that_never_gets_an_epoch_does_not_hold_its_transactions_for_ever() -> None:
    """After a hundred epochs they may be packed again."""
    pool = pool_over(State())
    pool.add([transfer()])
    pool.mark_packed([transfer()])
    pool.on_epoch(PACKED_EPOCHS_MAX, ())
    assert pool.pack(**ROOM) == []
    pool.on_epoch(PACKED_EPOCHS_MAX + 1, ())
    assert pool.pack(**ROOM) == [transfer()]


def test_a_block_of_another_moves_the_nonce_on() -> None:
    """Its transaction is known here from then on, and comes back when its block loses."""
    pool = pool_over(State())
    theirs = transfer(nonce=0)
    pool.mark_packed([theirs])
    assert pool.pending_nonce(address_of(0)) == 1
    assert pool.pack(**ROOM) == []
    pool.restore([theirs])
    assert pool.pack(**ROOM) == [theirs]


def test_undone_epochs_give_their_transactions_back() -> None:
    """Account back, transactions back, in order."""
    state = State()
    pool = pool_over(state)
    row = [transfer(nonce=nonce) for nonce in range(3)]
    pool.add(row)
    state.set(address_of(0), nonce=2)
    pool.on_epoch(1, executed(row[1]))
    assert pool.status() == PoolStatus(1, 0)
    state.set(address_of(0), nonce=0)
    pool.on_undo(0, [address_of(0)])
    assert pool.status() == PoolStatus(0, 1)
    assert pool.restore(row[:2]) == 2
    assert pool.pack(**ROOM) == row


def test_what_can_never_execute_is_dropped_and_what_can_is_kept() -> None:
    """As the executor's reasons say."""
    pool = pool_over(State())
    first, second = transfer(0), transfer(1)
    pool.add([first, second])
    pool.mark_packed([first, second])
    reasons = [(first.hash, Unexecuted.INVALID), (second.hash, Unexecuted.FEE_BELOW_BASE)]
    pool.on_epoch(1, (), reasons)
    assert pool.get(first.hash) is None
    assert pool.pack(**ROOM) == [second]


def test_money_that_arrives_makes_a_waiting_transaction_ready() -> None:
    """Its sender did nothing meanwhile, so no epoch names it."""
    state = State()
    pool = pool_over(state)
    pool.add([transfer()])
    state.set(address_of(0), balance=1)
    pool.on_epoch(1, [SenderState(address_of(0), 0, 1)])
    assert pool.status() == PoolStatus(0, 1)
    state.set(address_of(0), balance=RICH)
    pool.on_epoch(2, ())
    assert pool.status() == PoolStatus(1, 0)


def test_the_journal_holds_what_was_accepted_until_it_is_executed() -> None:
    """A restart finds it; what was refused or replaced is not there."""
    store = Database.in_memory().store
    journal = PoolJournal(store)
    pool = pool_over(State(), journal=journal)
    kept, old, new = transfer(0), transfer(1, tip=GWEI), transfer(1, tip=2 * GWEI, cap=300 * GWEI)
    pool.add([kept, old, transfer(2, gas=1), new])
    done = transfer(3)
    pool.add([done])
    pool.on_epoch(1, executed(done))
    journal.flush()
    found = decoded(PoolJournal(store).load())
    assert found == [kept, new]
    again = pool_over(State(), journal=PoolJournal(store))
    assert again.restore(found, is_journaled=True) == 2
    assert again.status() == PoolStatus(2, 0)


def test_listeners_hear_what_comes_in() -> None:
    """And an empty call after an epoch while something is ready."""
    pool = pool_over(State())
    heard: list[list[bytes]] = []
    stop = pool.subscribe(lambda news: heard.append([each.hash for each in news]))
    pool.add([transfer(), transfer(gas=1)])
    pool.on_epoch(1, ())
    stop()
    pool.add([transfer(nonce=1)])
    assert heard == [[transfer().hash], []]


def test_content_is_shown_by_sender_and_nonce() -> None:
    """All, or one account's."""
    pool = pool_over(State())
    pool.add(decoded([raw_transfer(0, 3), raw_transfer(0, 0), raw_transfer(1, 0)]))
    ready, queued = pool.content()
    assert {(each.sender, each.nonce) for each in ready} == {(address_of(n), 0) for n in (0, 1)}
    assert [each.nonce for each in queued] == [3]
    assert pool.content(address_of(1)) == ([transfer(1)], [])
    assert pool.content(address_of(9)) == ([], [])
