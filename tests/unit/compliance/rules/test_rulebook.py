"""Succession, clause by clause, in the law's time and in the time of publication."""

from pathlib import Path

import pytest
from tests.unit.compliance.rules.builders import ask, one_pack, rule

from sogdia.compliance.rules import Pack, RuleBook, SuccessionError

ENDS = """
[[supersedes]]
version = "{version}"
clauses = {clauses}
"""


def first(folder: Path) -> Pack:
    """Two clauses from 2020."""
    return one_pack(folder / "1", rule("A") + rule("B", "hold", activity='["sell"]'))


def second(folder: Path, **options: str) -> Pack:
    """Replaces clause A in 2024, and nothing else."""
    more = ENDS.format(version="1", clauses='["A"]')
    return one_pack(
        folder / "2",
        rule("A2", "allow"),
        **{
            "version": "2",
            "serial": 2,
            "published": "2024-01-10T12:00:00+00:00",
            "effective": "2024-03-01T00:00:00+00:00",
            "more": more,
            **options,
        },
    )


def test_a_superseding_pack_replaces_exactly_what_it_names(tmp_path: Path) -> None:
    """B2"""
    book = RuleBook([first(tmp_path), second(tmp_path)])
    assert ask(book, "2024-02-29T23:59:59+00:00").reasons == ("A",)
    assert ask(book, "2024-03-01T00:00:00+00:00").reasons == ("A2",)
    assert ask(book, "2024-03-01T00:00:00+00:00", activity="sell").reasons == ("B",)


def test_a_repeal_leaves_no_authority(tmp_path: Path) -> None:
    """A clause that was repealed for nothing leaves silence, not freedom."""
    more = ENDS.format(version="1", clauses='["A"]').replace("supersedes", "repeals")
    book = RuleBook([first(tmp_path), second(tmp_path, more=more)])
    assert ask(book, "2024-02-01T00:00:00+00:00").reasons == ("A",)
    assert ask(book, "2024-04-01T00:00:00+00:00").reasons == ("A2",)


def test_law_that_reaches_back_binds_only_from_its_publication(tmp_path: Path) -> None:
    """B1: effective in March, published in June; hindsight must be asked for."""
    late = second(tmp_path, published="2024-06-01T00:00:00+00:00")
    book = RuleBook([first(tmp_path), late])
    assert ask(book, "2024-04-01T00:00:00+00:00").reasons == ("A",)
    assert ask(book, "2024-06-01T00:00:00+00:00").reasons == ("A2",)
    hindsight = ask(book, "2024-04-01T00:00:00+00:00", "2024-07-01T00:00:00+00:00")
    assert hindsight.reasons == ("A2",)
    assert hindsight.known_at.month == 7


def test_what_is_admitted_later_changes_no_earlier_decision(tmp_path: Path) -> None:
    """B3: a running deployment admits the pack in September."""
    book = RuleBook([first(tmp_path)])
    moments = [f"2024-{month:02d}-15T00:00:00+00:00" for month in range(1, 13)]
    before = [ask(book, moment).reasons for moment in moments]
    from datetime import UTC, datetime

    after = book.publish(second(tmp_path), datetime(2024, 9, 1, tzinfo=UTC))
    assert [ask(after, moment).reasons for moment in moments[:8]] == before[:8]
    assert ask(after, moments[8]).reasons == ("A2",)
    history = RuleBook([first(tmp_path), second(tmp_path / "again")])
    assert ask(history, moments[3]).reasons == ("A2",)


@pytest.mark.parametrize(
    ("more", "options", "says"),
    [
        ("", {"rules": rule("A")}, "overlapping validity with ch/1/A"),
        (ENDS.format(version="9", clauses='["A"]'), {}, "which is not loaded"),
        (ENDS.format(version="1", clauses='["Z"]'), {}, "ends Z, which ch/1 does not hold"),
        (ENDS.format(version="1", clauses='["A"]'), {"serial": 1}, "serial 1 is also that of"),
        (ENDS.format(version="2", clauses='["A2"]'), {}, "version '2' supersedes itself"),
        (ENDS.format(version="1", clauses='["A", "A"]'), {}, "named twice"),
    ],
)
def test_a_bad_succession_is_refused(
    tmp_path: Path, more: str, options: dict[str, object], says: str
) -> None:
    """B4, and what dangles."""
    rules = str(options.pop("rules", rule("A2")))
    with pytest.raises(SuccessionError) as caught:
        later = one_pack(
            tmp_path / "2", rules, **{"version": "2", "serial": 2, **options, "more": more}
        )
        RuleBook([first(tmp_path), later])
    assert says in str(caught.value)


def test_a_cyclic_supersession_is_refused_and_shown(tmp_path: Path) -> None:
    """Each of three ends a clause of the next."""
    packs = [
        one_pack(
            tmp_path / str(n),
            rule(f"A{n}"),
            version=str(n),
            serial=n,
            more=ENDS.format(version=str(n % 3 + 1), clauses=f'["A{n % 3 + 1}"]'),
        )
        for n in (1, 2, 3)
    ]
    with pytest.raises(SuccessionError, match="cyclic supersession: ch/1 → ch/2 → ch/3 → ch/1"):
        RuleBook(packs)


def test_an_older_serial_cannot_end_a_newer_one(tmp_path: Path) -> None:
    """A pack that was signed earlier does not know of its successor."""
    old = one_pack(
        tmp_path / "o",
        rule("O"),
        version="o",
        serial=1,
        more=ENDS.format(version="n", clauses='["N"]'),
    )
    new = one_pack(tmp_path / "n", rule("N"), version="n", serial=2)
    with pytest.raises(SuccessionError, match="whose serial 2 is not lower"):
        RuleBook([old, new])


def test_a_version_cannot_be_loaded_twice(tmp_path: Path) -> None:
    """Two folders that claim one name would both be in force."""
    with pytest.raises(SuccessionError, match="ch/1 is loaded twice"):
        RuleBook([first(tmp_path), first(tmp_path / "copy")])
