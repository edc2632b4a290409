"""What changes from one text of the law to the next."""

from pathlib import Path

from tests.unit.compliance.rules.builders import one_pack, rule

from sogdia.compliance.rules import RuleBook, load_shipped
from sogdia.compliance.rules.difference import Difference, compare_books, succession

LIMIT = """
[rule.amount]
thresholds = ["1000.00 USD"]
inclusive = false
window = "calendar-month"
scope = "all-venues"
"""


def compared(folder: Path, before: str, after: str) -> Difference:
    """Compare two texts of one pack."""
    return compare_books(
        RuleBook([one_pack(folder / "a", before)]), RuleBook([one_pack(folder / "b", after)])
    )


def test_one_unit_of_a_threshold_is_a_change_with_an_example(tmp_path: Path) -> None:
    """From `more than` to `at least`: only the amount itself is decided differently."""
    found = compared(
        tmp_path,
        rule("L", "limit", more=LIMIT),
        rule("L", "limit", more=LIMIT.replace("inclusive = false", "inclusive = true")),
    )
    assert found.rewritten == ("ch/L",)
    changes = {(c.before[0], c.after[0], c.example["amount"]) for c in found.changes}
    assert changes == {("allow", "limit", "1000.00 USD")}


def test_another_window_is_a_rewritten_clause_though_no_payment_shows_it(tmp_path: Path) -> None:
    """What a single payment cannot show is still listed."""
    found = compared(
        tmp_path,
        rule("L", "limit", more=LIMIT),
        rule("L", "limit", more=LIMIT.replace("calendar-month", "calendar-year")),
    )
    assert found.changes == ()
    assert found.rewritten == ("ch/L",)


def test_a_new_clause_changes_its_own_cells_and_no_others(tmp_path: Path) -> None:
    """Bitcoin is barred; everything else is decided as before."""
    old = rule("A", "allow")
    found = compared(tmp_path, old, old + rule("B", asset='["bitcoin"]'))
    assert found.added == ("ch/B",)
    assert {c.example["assets"] for c in found.changes} == {("bitcoin",)}
    assert sum(c.cells for c in found.changes) < found.compared


def test_equal_law_in_other_words_changes_nothing(tmp_path: Path) -> None:
    """A corrected translation is no change of law."""
    text = rule("A", when='"listed"')
    found = compared(tmp_path, text, text.replace('ru = "ru"', 'ru = "ещё"'))
    assert (found.changes, found.rewritten, found.compared) == ((), (), 0)


def test_the_notice_of_2026_against_that_of_2021() -> None:
    """Yuan tokens abroad are new; the mining clauses of 2021 are not touched."""
    packs = load_shipped()
    named = {pack.name: pack for pack in packs}
    found = compare_books(
        RuleBook(succession(named["cn/2021"], packs)),
        RuleBook(succession(named["cn/2026"], packs)),
    )
    assert "cn/CN.RMBSTABLE" in found.added
    assert "cn/CN.VOID" in found.removed
    assert not any("MINE" in clause for clause in (*found.removed, *found.rewritten))
    mint = [c for c in found.changes if c.activity == "mint" and c.example["peg"]]
    assert ("no-authority", ()) in {c.before for c in mint}
    assert "CN.RMBSTABLE" in {reason for c in mint for reason in c.after[1]}
    assert not any(c.activity == "mine" for c in found.changes)
