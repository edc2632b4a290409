"""A pack analysed without data: what cannot happen, what clashes, what is left open."""

from pathlib import Path

import pytest
from tests.unit.compliance.rules.builders import one_pack, rule

from sogdia.compliance.rules import RuleBook, deciding, load_shipped
from sogdia.compliance.rules.analysis import Analysis, analyse
from sogdia.compliance.rules.cells import TooManyCells
from sogdia.compliance.rules.pack import Action

FREEZE = """
[rule.freeze]
authority = "freeze_authority"
case = "freeze_case"
review = "freeze_review"
"""
LIMIT = """
[rule.amount]
thresholds = ["1000.00 USD", "900.00 EUR"]
inclusive = false
window = "calendar-month"
scope = "all-venues"
"""


def analysed(folder: Path, rules: str) -> Analysis:
    """Analyse a pack of `rules`."""
    return analyse(RuleBook([one_pack(folder / "p", rules)]))


@pytest.mark.parametrize(
    "when",
    [
        "listed && !listed",
        "indices > 5 && indices < 6",
        "indices > 5 && indices <= 5",
        'form == "cash" && form == "wallet"',
        'amount > amount("2.00 USD") && amount < amount("2.01 USD")',
        "reserves < notional && notional <= reserves",
        '"retail" in persons && "professional" in persons',
        'at < timestamp("2019-01-01T00:00:00Z")',
        "indices == 101",
        '"bitcoin" in assets && !("token" in assets)',
    ],
)
def test_a_rule_that_nothing_reaches_is_reported(tmp_path: Path, when: str) -> None:
    """Whatever makes it impossible: logic, bounds, classes, time."""
    found = analysed(tmp_path, rule("A", when=f"'{when}'") + rule("B"))
    assert found.unreachable == ["ch/1/A"]


@pytest.mark.parametrize(
    "when",
    [
        "indices > 5 && indices < 7",
        "reserves < notional",
        'amount > amount("2.00 USD") && amount < amount("2.02 USD")',
        'amount > amount("2.00 USD") || amount > amount("2.00 EUR")',
        '"bitcoin" in assets && "token" in assets',
        "energy_kwh_month * 3 > 100000",
    ],
)
def test_a_rule_that_something_reaches_is_not(tmp_path: Path, when: str) -> None:
    """The one value between two thresholds is found."""
    assert analysed(tmp_path, rule("A", when=f"'{when}'")).unreachable == []


def test_a_contradiction_and_a_gap_are_shown_by_example(tmp_path: Path) -> None:
    """One clause permits what another bars; bitcoin is barred, the rest left open."""
    found = analysed(
        tmp_path,
        rule("A", "allow", asset='["bitcoin"]', when='"documents"') + rule("B", asset='["token"]'),
    )
    (clash,) = found.contradictions
    assert (clash.permits, clash.bars) == ("ch/1/A", "ch/1/B")
    assert clash.example.facts["documents"] is True
    (gap,) = found.gaps
    assert (gap.authority, gap.activity) == ("ch", "buy")
    assert 0 < gap.cells < gap.of
    assert found.overruled == ["ch/1/A"]


def test_limits_freezes_and_classes_are_cut_into_cells(tmp_path: Path) -> None:
    """2 ties × within or over × test taken or not × listed or not × review ahead or past."""
    rules = rule("L", "limit", unless='"knowledge_test"', more=LIMIT) + rule(
        "F", "freeze", activity='["any"]', when='"listed"', more=FREEZE
    )
    found = analyse(RuleBook([one_pack(tmp_path / "p", rules)]))
    assert found.unreachable == found.overruled == []
    assert found.blocked_exits == []
    assert found.exit_cells > 0


def test_the_shipped_packs_block_no_exit_and_hold_no_dead_rule() -> None:
    """The proof by enumeration, over every day on which any of their laws changed."""
    found = analyse(RuleBook(load_shipped()))
    assert found.blocked_exits == []
    assert found.unreachable == []
    assert found.exit_cells > 1_000
    assert found.cells > 10_000


def test_the_proof_would_find_a_decision_that_stops_an_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deciding engine that consulted halts for exits would be caught."""
    rules = rule("A", "halt-entry", activity='["any"]', when='"listed"')
    assert analysed(tmp_path / "good", rules).blocked_exits == []
    monkeypatch.setattr(deciding, "EXIT_ACTIONS", tuple(Action))
    monkeypatch.setattr(
        "sogdia.compliance.rules.decision.Decision.may_proceed",
        property(lambda self: self.action <= Action.REPORT),
    )
    found = analysed(tmp_path / "bad", rules)
    assert found.blocked_exits
    assert found.blocked_exits[0].facts["activity"] in {"withdraw", "refund", "redeem", "claim"}


def test_a_pack_too_large_to_enumerate_says_so(tmp_path: Path) -> None:
    """It is not sampled in silence."""
    facts = ["listed", "documents", "registered", "licensed", "approved", "consent", "filed",
             "permitted", "usable", "identified", "applied", "issued", "experienced", "resident",
             "on_ledger", "on_platform", "abroad", "marketing", "lasting_relationship"]  # fmt: skip
    with pytest.raises(TooManyCells, match=r"buy has .* the limit is"):
        analysed(tmp_path, rule("A", when=f'"{" || ".join(facts)}"'))
