"""The tables' own rules: order of arrival, and the pool's journal."""

from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables import arrivals, progress
from sogdia.ledger.storage.tables.arrivals import Arrivals
from sogdia.ledger.storage.tables.pool_journal import PoolJournal


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
