"""The meet over authorities, what is missing, conflicts, freezes, exits."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.compliance.rules.builders import ask, one_pack, rule

from sogdia.compliance.rules import Action, FactError, Facts, RuleBook

FREEZE = """
[rule.freeze]
authority = "freeze_authority"
case = "freeze_case"
review = "freeze_review"
"""
ORDER = {
    "listed": True,
    "freeze_authority": "a court",
    "freeze_case": "7/2024",
    "freeze_review": "2024-12-31T00:00:00+00:00",
}


def book(folder: Path, rules: str, **options: Any) -> RuleBook:
    """Return a book of one pack."""
    return RuleBook([one_pack(folder / "p", rules, **options)])


def test_where_no_rule_was_written_the_answer_is_no_authority(tmp_path: Path) -> None:
    """Never freedom: it may not proceed, and the silent authority is named."""
    decision = ask(book(tmp_path, rule("A", "allow", activity='["sell"]')))
    assert decision.action is Action.NO_AUTHORITY
    assert not decision.may_proceed
    assert decision.silent == ("ch",)


def test_silence_of_one_competent_authority_outweighs_permission_of_another(
    tmp_path: Path,
) -> None:
    """M4: a Swiss resident at a Russian venue that allows."""
    both = RuleBook(
        [
            one_pack(tmp_path / "ch", rule("A", "allow", activity='["sell"]')),
            one_pack(tmp_path / "ru", rule("R", "allow"), authority="ru", state="RU"),
        ]
    )
    decision = ask(both, venue=["RU"])
    assert decision.action is Action.NO_AUTHORITY
    assert decision.silent == ("ch",)
    assert ask(both, residence=["RU"], venue=["RU"]).action is Action.ALLOW


def test_the_strongest_order_wins_and_every_rule_is_named(tmp_path: Path) -> None:
    """Allow, report and hold speak; hold is the answer."""
    rules = (
        rule("A", "allow")
        + rule("B", "report")
        + rule("C", "hold")
        + rule("D", "allow", when='"listed"')
    )
    decision = ask(book(tmp_path, rules), listed=False)
    assert decision.action is Action.HOLD
    assert [s.rule.clause for s in decision.spoken] == ["A", "B", "C"]
    told = decision.to_json("ru")
    assert [row["text"] for row in told["rules"]] == ["ru"] * 3
    assert told["rules"][2]["citation"]["instrument"] == "An Act"
    with pytest.raises(KeyError, match="'fr'"):
        decision.to_json("fr")


def test_missing_facts_hold_and_are_listed(tmp_path: Path) -> None:
    """M2: every fact that could change the answer, never `allow`."""
    rules = (
        rule("A", "allow")
        + rule("B", when='"listed && documents"')
        + rule("C", "report", person='["retail"]')
    )
    held = ask(book(tmp_path, rules), persons=None)
    assert held.action is Action.HOLD
    assert held.missing == ("documents", "listed", "persons")
    assert not held.may_proceed
    assert ask(book(tmp_path, rules), documents=False).action is Action.ALLOW


def test_a_tie_that_is_not_stated_is_missing(tmp_path: Path) -> None:
    """Nobody is outside an authority's scope because the caller forgot to say."""
    decision = ask(book(tmp_path, rule("A")), residence=None)
    assert decision.action is Action.HOLD
    assert decision.missing == ("residence",)


def test_a_fact_that_cannot_change_the_answer_is_not_asked_for(tmp_path: Path) -> None:
    """A halt already stands."""
    decision = ask(book(tmp_path, rule("A") + rule("B", "hold", when='"documents"')))
    assert (decision.action, decision.missing) == (Action.HALT_ENTRY, ())


def test_a_draft_is_simulated_and_never_decides(tmp_path: Path) -> None:
    """It shows what it would do, and does not even make its authority competent."""
    decision = ask(book(tmp_path, rule("A"), status="draft"))
    assert decision.action is Action.NO_AUTHORITY
    assert [s.rule.clause for s in decision.simulated] == ["A"]
    assert decision.spoken == ()


def test_a_conflict_of_two_states_is_part_of_the_decision(tmp_path: Path) -> None:
    """One state licenses what another bars."""
    both = RuleBook(
        [
            one_pack(tmp_path / "ch", rule("A")),
            one_pack(tmp_path / "ru", rule("R", "allow"), authority="ru", state="RU"),
        ]
    )
    decision = ask(both, venue=["RU"])
    assert decision.action is Action.HALT_ENTRY
    (conflict,) = decision.conflicts
    assert [r.key for r in conflict.permits] == ["ru/1/R"]
    assert [r.key for r in conflict.bars] == ["ch/1/A"]


def test_a_tie_the_venue_does_not_recognise_leaves_a_conflict_and_no_order(
    tmp_path: Path,
) -> None:
    """The peg of a token does not bind where it is not recognised; it is recorded."""
    scope = '\npeg = ["CHF"]\n'
    swiss = one_pack(tmp_path / "ch", rule("A", nexus='["peg"]'), more=scope)
    russian = one_pack(tmp_path / "ru", rule("R", "allow"), authority="ru", state="RU")
    facts = {"residence": [], "venue": ["RU"], "peg": ["CHF"]}
    assert ask(RuleBook([swiss, russian]), **facts).action is Action.HALT_ENTRY
    loose = ask(RuleBook([swiss, russian], unrecognised=[("ch", "peg")]), **facts)
    assert loose.action is Action.ALLOW
    assert len(loose.conflicts) == 1
    assert not loose.spoken[0].is_recognised


EXITS = ("withdraw", "refund", "redeem", "claim")


@pytest.mark.parametrize("exit_", EXITS)
@pytest.mark.parametrize("action", ["hold", "halt-entry", "wind-down"])
def test_a_rule_over_any_activity_never_reaches_an_exit(
    tmp_path: Path, exit_: str, action: str
) -> None:
    """M3: the entry is stopped, the exit is not."""
    stopped = book(tmp_path, rule("A", action, activity='["any"]'))
    assert not ask(stopped).may_proceed
    leaving = ask(stopped, activity=exit_)
    assert leaving.may_proceed
    assert leaving.action is Action.NO_AUTHORITY


@pytest.mark.parametrize("exit_", EXITS)
def test_a_dated_freeze_stops_an_exit_and_an_incomplete_one_does_not(
    tmp_path: Path, exit_: str
) -> None:
    """Authority, case, review date: each is needed, and the review must lie ahead."""
    frozen = book(tmp_path, rule("F", "freeze", activity='["any"]', when='"listed"', more=FREEZE))
    assert ask(frozen, activity=exit_, **ORDER).action is Action.FREEZE
    for lacking in ("freeze_authority", "freeze_case", "freeze_review"):
        order = {name: value for name, value in ORDER.items() if name != lacking}
        decision = ask(frozen, activity=exit_, **order)
        assert (decision.action, decision.missing) == (Action.REPORT, (lacking,))
        assert decision.may_proceed
        assert ask(frozen, **order).action is Action.HOLD
    nameless = ask(frozen, activity=exit_, **{**ORDER, "freeze_case": ""})
    assert nameless.may_proceed
    lapsed = ask(frozen, "2024-12-31T00:00:01+00:00", activity=exit_, **ORDER)
    assert lapsed.may_proceed
    assert ask(frozen, "2024-12-31T00:00:01+00:00", **ORDER).action is Action.HOLD
    unscreened = ask(frozen, activity=exit_)
    assert (unscreened.may_proceed, unscreened.missing) == (True, ("listed",))


def test_a_freeze_of_an_amount_leaves_the_rest_free(tmp_path: Path) -> None:
    """What is held beyond the frozen amount may leave."""
    part = FREEZE + 'amount = "freeze_amount"\n'
    frozen = book(tmp_path, rule("F", "freeze", activity='["any"]', when='"listed"', more=part))
    order = {**ORDER, "activity": "withdraw", "freeze_amount": "40.00 CHF"}
    assert ask(frozen, **order, amount="60.00 CHF", holding="100.00 CHF").may_proceed
    assert not ask(frozen, **order, amount="60.01 CHF", holding="100.00 CHF").may_proceed
    assert not ask(frozen, **order, amount="60.00 CHF").may_proceed


def test_an_undisclosed_rule_leaves_no_trace_in_what_the_customer_reads(tmp_path: Path) -> None:
    """D3: frozen in silence, reported in silence, or carried out: one sentence."""
    rules = (
        rule("F", "freeze", disclose="false", when='"listed"', more=FREEZE)
        + rule("R", "report", disclose="false", when='"documents"')
        + rule("A", "allow")
        + rule("H", "halt-entry", when='"resident"')
    )
    silent = book(tmp_path, rules)

    def message(language: str = "en", **facts: Any) -> str:
        stated = {**ORDER, "listed": False, "documents": False, "resident": False, **facts}
        return ask(silent, **stated).customer_message(language)

    for language in ("en", "zh", "ru", "kk"):
        texts = {message(language, **f) for f in ({}, {"listed": True}, {"documents": True})}
        assert len(texts) == 1
    assert message(resident=True) == "en"
    assert message(resident=True, listed=True) == "en"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"activity": "fly"}, "'fly' is not a declared activity"),
        ({"listed": "yes"}, "fact 'listed': 'yes' is not true or false"),
        ({"listed": 1}, "1 is not true or false"),
        ({"indices": True}, "True is not an integer"),
        ({"indices": 101}, "101 is outside 0 to 100"),
        ({"amount": 5}, "an amount is text"),
        ({"amount": "5.00 ABC"}, "'ABC' is not a currency"),
        ({"amount": "-5.00 USD"}, "is negative"),
        ({"amount": "5.001 USD"}, "has 3 decimals, USD has 2"),
        ({"residence": ["ZZ"]}, "'ZZ' is not a state"),
        ({"residence": 7}, "is not a list of names"),
        ({"peg": ["XYZ"]}, "not a currency"),
        ({"persons": ["retail", "professional"]}, "nobody is professional and retail at once"),
        ({"freeze_review": "2024-12-31"}, "has no zone"),
        ({"freeze_case": "a\u202eb"}, "bidirectional"),
        ({"freeze_case": "x" * 10_000_000}, "the limit is 4096"),
        ({"lsited": True}, "is not declared"),
        ({"history": {"scope": "some", "entries": []}}, "scope 'some'"),
        ({"rates": [{"from": "USD", "to": "KZT", "rate": "0"}]}, "is not a rate"),
    ],
)
def test_a_fact_of_the_wrong_type_is_refused_by_name(
    tmp_path: Path, facts: dict[str, Any], says: str
) -> None:
    """F1"""
    with pytest.raises(FactError) as caught:
        ask(book(tmp_path, rule("A")), **facts)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"activity": "buy", "indices": 1.5}', "1.5"),
        ('{"activity": "buy", "indices": NaN}', "NaN"),
        ('{"activity": "buy", "activity": "sell"}', "stated twice"),
        ('{"activity": "buy"', "is not JSON"),
        ("[]", "not an object"),
        ("[" * 100_000, "nests deeper than 32"),
        ('{"activity": "' + "[" * 100 + '"}', "not a declared activity"),
        ('{"indices": ' + "9" * 5000 + "}", "fact"),
        ('{"activity": "' + "x" * 5_000_000 + '"}', "the limit is"),
    ],
)
def test_json_that_is_not_a_statement_of_facts_is_refused(
    tmp_path: Path, text: str, says: str
) -> None:
    """No float, no second value under one key, no bomb."""
    vocabulary = book(tmp_path, rule("A")).vocabulary
    with pytest.raises(FactError) as caught:
        Facts.from_json(text, vocabulary)
    assert says in str(caught.value)
