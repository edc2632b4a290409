"""The tables' own rules: order of arrival, and the pool's journal."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.table import encode_number
from sogdia.ledger.storage.tables import arrivals, progress
from sogdia.ledger.storage.tables.arrivals import Arrivals
from sogdia.ledger.storage.tables.pool_journal import GONE_MAX, PoolJournal
from sogdia.ledger.storage.tables.pool_journal import TABLE as POOL_JOURNAL


def test_arrivals_are_read_in_order_page_by_page() -> None:
    """Numbers beyond one byte sort as numbers do."""
    store = Database.in_memory().store
    assert Arrivals(store).next_number() == 0
    blocks = [number.to_bytes(32, "big") for number in range(5_000)]
    store.commit([arrivals.put(number, block) for number, block in enumerate(blocks)])
    read: list[bytes] = []
    while page := Arrivals(store).page(len(read)):
        assert page[0][0] == len(read)
        read += [block for _, block in page]
    assert read == blocks
    assert Arrivals(store).next_number() == 5_000


def test_progress_is_kept_by_name() -> None:
    """One fact does not touch another."""
    store = Database.in_memory().store
    store.commit([progress.put("a.x", b"1"), progress.put("a.y", b"2")])
    assert progress.Progress(store).find("a.x") == b"1"
    assert progress.Progress(store).find("a.z") is None


def transaction(number: int) -> tuple[bytes, bytes]:
    return bytes([number]) * 32, b"raw" + bytes([number])


def test_the_journal_gives_back_what_was_not_forgotten_in_order() -> None:
    """Forgetting waits for a write (J2), and order is that of acceptance."""
    store = Database.in_memory().store
    journal = PoolJournal(store)
    journal.append([transaction(9), transaction(3)])
    journal.append([transaction(5)])
    journal.forget([transaction(3)[0]])
    assert len(PoolJournal(store).load()) == 3
    journal.append([transaction(1)])
    reopened = PoolJournal(store)
    assert reopened.load() == [b"raw\x09", b"raw\x05", b"raw\x01"]
    reopened.append([transaction(2)])
    assert PoolJournal(store).load()[-1] == b"raw\x02"


def test_a_transaction_that_comes_back_is_kept() -> None:
    """Forgotten and accepted again before the deletion was written: the acceptance is later."""
    store = Database.in_memory().store
    journal = PoolJournal(store)
    journal.append([transaction(1)])
    journal.forget([transaction(1)[0]])
    journal.append([transaction(1)])
    journal.flush()
    assert PoolJournal(store).load() == [b"raw\x01"]


def hashed(number: int) -> tuple[bytes, bytes]:
    return number.to_bytes(32, "big"), b"raw%d" % number


def test_what_is_accepted_together_is_one_row_until_all_of_it_left() -> None:
    """What was executed may be read again (J2), what was dropped may not."""
    store = Database.in_memory().store
    journal = PoolJournal(store)
    accepted = [hashed(number) for number in range(100)]
    journal.append(accepted)
    assert len(store.range(POOL_JOURNAL.name)) == 1
    journal.forget_used([each for each, _ in accepted[:60]])
    journal.forget([accepted[99][0]])
    journal.flush()
    assert PoolJournal(store).load() == [raw for _, raw in accepted[:99]]
    journal.append([accepted[99]])
    assert PoolJournal(store).load() == [raw for _, raw in accepted]
    journal.forget_used([each for each, _ in accepted])
    journal.flush()
    assert store.range(POOL_JOURNAL.name) == []


def test_rows_of_which_little_waits_are_written_anew() -> None:
    """One of a hundred stays for ever: the rows do not (J3), and the order is kept."""
    store = Database.in_memory().store
    journal = PoolJournal(store)
    for start in range(0, 20_000, 100):
        accepted = [hashed(start + place) for place in range(100)]
        journal.append(accepted)
        journal.forget_used([each for each, _ in accepted[1:]])
    kept = [b"raw%d" % number for number in range(0, 20_000, 100)]
    reopened = PoolJournal(store)
    found = reopened.load()
    assert [raw for raw in found if raw in kept] == kept
    assert len(found) < 5 * len(kept) + GONE_MAX
    reopened.append([hashed(30_000)])
    reopened.forget_used([hashed(number)[0] for number in range(30_001)])
    reopened.flush()
    assert store.range(POOL_JOURNAL.name) == []


def test_a_row_of_one_as_they_were_before_is_read() -> None:
    store = Database.in_memory().store
    old = [
        (POOL_JOURNAL.name, bytes([9 - n]) * 32, encode_number(n) + b"raw%d" % n) for n in (3, 4)
    ]
    store.commit(old)
    journal = PoolJournal(store)
    assert journal.load() == [b"raw3", b"raw4"]
    journal.append([hashed(7)])
    journal.forget([bytes([6]) * 32])
    journal.flush()
    assert PoolJournal(store).load() == [b"raw4", b"raw7"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["append", "used", "dropped", "flush", "reopen"]), st.integers(0, 11)
        ),
        max_size=30,
    )
)
def test_a_restart_finds_what_waits_and_nothing_that_was_dropped(
    steps: list[tuple[str, int]],
) -> None:
    """Whatever was executed meanwhile may be there as well; the order is that of acceptance."""
    store = Database.in_memory().store
    journal = PoolJournal(store)
    waiting: dict[bytes, None] = {}
    executed: set[bytes] = set()
    for step, number in steps:
        group = [hashed(each) for each in range(number, number + 3)]
        if step == "append":
            fresh = [each for each in group if each[1] not in waiting]
            journal.append(fresh)
            waiting |= dict.fromkeys(raw for _, raw in fresh)
            executed -= waiting.keys()
        elif step in ("used", "dropped"):
            gone = [each for each in group if each[1] in waiting]
            (journal.forget_used if step == "used" else journal.forget)([each for each, _ in gone])
            for _, raw in gone:
                del waiting[raw]
            executed |= {raw for _, raw in gone} if step == "used" else set()
        else:
            journal.flush()
            if step == "reopen":
                journal = PoolJournal(store)
                waiting = dict.fromkeys(journal.load())
                executed = set()
    journal.flush()
    found = PoolJournal(store).load()
    assert set(waiting) <= set(found) <= set(waiting) | executed
    assert len(found) == len(set(found))
