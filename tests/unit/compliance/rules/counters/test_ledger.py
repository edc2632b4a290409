"""What one party keeps: applied once, undone at most once, and kept over a restart."""

from pathlib import Path

import pytest

from sogdia.compliance.rules.counters.ledger import Entry, Ledger

KEY = ("counter", "2026-03", "client")


def entry(seq: int, *, releases: str = "", venue: str = "A") -> Entry:
    """Return request number `seq`."""
    return Entry(seq, f"r{seq}", venue, *KEY, answer=1, applied=2**90 + seq, releases=releases)


def test_shares_beyond_64_bits_survive_a_restart(tmp_path: Path) -> None:
    """The field has 96 bits; SQLite's integers have 64."""
    first = Ledger(tmp_path / "db")
    assert first.last_seq() == first.share(*KEY) == 0
    first.apply(entry(1), 2**95)
    first.close()
    second = Ledger(tmp_path / "db")
    assert second.share(*KEY) == 2**95
    assert second.find("r1") == entry(1)
    assert second.find("r2") is None
    second.close()


def test_the_last_request_is_undone_and_no_more(tmp_path: Path) -> None:
    """L2: a release that is undone leaves its reservation releasable."""
    ledger = Ledger(tmp_path / "db")
    ledger.apply(entry(1), 11)
    ledger.apply(entry(2, releases="r1"), 22)
    released = ledger.find("r1")
    assert released is not None
    assert released.released == "r2"
    ledger.undo_to(2)
    ledger.undo_to(1)
    assert (ledger.last_seq(), ledger.share(*KEY)) == (1, 11)
    assert ledger.find("r1") == entry(1)
    ledger.apply(entry(2), 22)
    with pytest.raises(ValueError, match="too far apart"):
        ledger.undo_to(0)
    ledger.close()


def test_a_request_cannot_be_written_twice(tmp_path: Path) -> None:
    """L1: and the failed attempt changes no sum."""
    ledger = Ledger(tmp_path / "db")
    ledger.apply(entry(1), 11)
    with pytest.raises(Exception, match="UNIQUE"):
        ledger.apply(entry(1), 99)
    assert ledger.share(*KEY) == 11
    ledger.close()


def test_questions_are_counted_by_venue_and_old_windows_are_forgotten(tmp_path: Path) -> None:
    """What bounds a search by steps, and what keeps the file small."""
    ledger = Ledger(tmp_path / "db")
    ledger.apply(entry(1), 11)
    ledger.apply(entry(2, venue="B"), 22)
    assert ledger.count("A", *KEY) == ledger.count("B", *KEY) == 1
    ledger.forget("2026-03")
    assert ledger.share(*KEY) == 22
    ledger.forget("2026-04")
    assert ledger.share(*KEY) == 0
    assert ledger.last_seq() == 2, "the number of the last request is kept"
    assert ledger.find("r1") is None
    ledger.close()
