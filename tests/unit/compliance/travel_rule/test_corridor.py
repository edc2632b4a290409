"""The corridor: thresholds by state, the lowest trigger of both ends, and states without a rule."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.travel_rule.corridor.policy import (
    Action,
    Corridor,
    CorridorDecision,
    HousePolicy,
    InvalidCorridor,
    Reach,
    Sunrise,
    decide,
)
from sogdia.compliance.travel_rule.corridor.rules import (
    InvalidAmount,
    InvalidCorridorRules,
    Money,
    Status,
    parse_rules,
    shipped_rules,
)

RULES = shipped_rules()
TODAY = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
NO_BASELINE = HousePolicy(baseline=False)


def judge(
    originator: str,
    beneficiary: str | None,
    policy: HousePolicy = NO_BASELINE,
    reach: Reach = Reach.AUTHENTICATED,
    at: datetime.datetime = TODAY,
    **values: int,
) -> CorridorDecision:
    """Return the decision for one transfer."""
    return decide(Corridor(originator, beneficiary, values, reach, at), RULES, policy)


@pytest.mark.parametrize(
    ("state", "currency", "below", "reached"),
    [
        ("HK", "HKD", 799_999, 800_000),  # law.md: 7,999.99 short, 8,000 full
        ("AE", "AED", 349_999, 350_000),  # from AED 3,500
        ("SG", "SGD", 150_000, 150_001),  # above SGD 1,500
        ("US", "USD", 299_999, 300_000),
        ("KR", "KRW", 999_999, 1_000_000),
    ],
)
def test_a_threshold_is_inclusive_or_exclusive_as_its_clause_says(
    state: str, currency: str, below: int, reached: int
) -> None:
    """One unit on either side."""
    short = judge(state, state, **{currency: below})
    full = judge(state, state, **{currency: reached})
    assert [s.reached for s in short.spoken] == [False, False]
    assert [s.reached for s in full.spoken] == [True, True]
    assert short.demanded < full.demanded


def test_fatf_is_above_a_thousand_dollars_or_euros() -> None:
    """R.16 of June 2025: exclusive, name, address and date of birth."""
    policy = HousePolicy(baseline=True)
    exactly = judge("KZ", "CN", policy, USD=100_000)
    above = judge("KZ", "CN", policy, USD=100_001)
    assert "originator.birth" not in exactly.demanded
    assert {"originator.name", "originator.address", "originator.birth"} <= above.demanded
    assert judge("KZ", "CN", policy, EUR=100_001).demanded == above.demanded


def test_fatf_of_2025_does_not_reach_back() -> None:
    """In May 2025 the standard of 2019 was in force."""
    policy = HousePolicy(baseline=True)
    before = datetime.datetime(2025, 5, 1, tzinfo=datetime.UTC)
    spoken = judge("KZ", "CN", policy, at=before, USD=500_000).spoken
    assert {s.rule for s in spoken} == {"FATF-R16-2019"}


def test_the_lowest_trigger_of_both_ends_applies() -> None:
    """P1: Switzerland wants full data at any amount, whatever Hong Kong's threshold is."""
    decision = judge("HK", "CH", HKD=100, CHF=10)
    assert "originator.address" in decision.demanded
    assert [(s.rule, s.end, s.reached) for s in decision.spoken] == [
        ("HK-8000", "originator", False),
        ("CH-10", "beneficiary", True),
    ]


def test_an_unknown_value_counts_as_above() -> None:
    """P2: without a rate to HKD the transfer is not assumed to be small."""
    assert judge("HK", "HK", USD=1).spoken[0].reached
    assert not judge("HK", "HK", HKD=1).spoken[0].reached


def test_a_state_without_a_rule_is_named_and_is_not_freedom() -> None:
    """P3: China, Kazakhstan and Russia have none that was read."""
    decision = judge("KZ", "CN", USD=1_000_000)
    assert decision.without_rule == ("KZ", "CN")
    assert decision.spoken == ()
    assert any("not freedom" in reason for reason in decision.reasons)


@pytest.mark.parametrize(
    ("originator", "beneficiary", "reach", "sunrise", "action"),
    [
        ("HK", "KZ", Reach.AUTHENTICATED, Sunrise.KEEP, Action.EXCHANGE),
        ("HK", "KZ", Reach.UNREACHABLE, Sunrise.KEEP, Action.HOLD),  # Hong Kong's law demands it
        ("KZ", "HK", Reach.UNREACHABLE, Sunrise.KEEP, Action.KEEP),
        ("KZ", "HK", Reach.UNREACHABLE, Sunrise.HOLD, Action.HOLD),
        ("CH", None, Reach.OWN_WALLET, Sunrise.KEEP, Action.KEEP),  # law.md, CH: own proven wallet
        ("CH", None, Reach.STRANGER_WALLET, Sunrise.KEEP, Action.HOLD),  # and the stranger's
        ("HK", None, Reach.STRANGER_WALLET, Sunrise.KEEP, Action.HOLD),
        ("KZ", None, Reach.STRANGER_WALLET, Sunrise.KEEP, Action.KEEP),
    ],
)
def test_who_is_at_the_other_end_decides_what_happens(
    originator: str, beneficiary: str | None, reach: Reach, sunrise: Sunrise, action: Action
) -> None:
    """The sunrise: one end has a rule and the other cannot receive yet."""
    policy = HousePolicy(sunrise=sunrise)
    assert judge(originator, beneficiary, policy, reach, USD=500_000).action is action


def test_a_rule_bites_at_its_moment_in_its_zone() -> None:
    """Hong Kong's 2024-01-01 begins at 16:00 UTC of the day before."""
    edge = datetime.datetime(2023, 12, 31, 16, 0, tzinfo=datetime.UTC)
    second = datetime.timedelta(seconds=1)
    assert judge("HK", "HK", at=edge - second, HKD=900_000).without_rule == ("HK", "HK")
    assert judge("HK", "HK", at=edge, HKD=900_000).without_rule == ()


def test_every_rule_says_whether_it_was_verified() -> None:
    """Hong Kong's and Switzerland's were read in a source, Singapore's was not."""
    assert judge("HK", "CH", HKD=1, CHF=1).is_verified
    assert not judge("SG", "HK", SGD=1, HKD=1).is_verified
    assert all(rule.citation for rule in RULES)


def test_a_draft_never_decides() -> None:
    """P3: it is named and that is all."""
    drafts = parse_rules(rule(status="draft"), "t")
    decision = decide(Corridor("NO", "NO", {}, Reach.AUTHENTICATED, TODAY), drafts, NO_BASELINE)
    assert decision.demanded == frozenset()
    assert decision.drafts == ("T", "T")
    assert decision.without_rule == ("NO", "NO")


def rule(**changes: Any) -> str:
    """Return the TOML of one rule, for Norway, whose code must not become false."""
    values = {
        "id": '"T"',
        "states": '["NO"]',
        "authority": '"A"',
        "status": '"law"',
        "effective": "2020-01-01T00:00:00+01:00",
        "threshold": "{ inclusive = true, amounts = { EUR = 1 } }",
        "full": '["originator.name"]',
        "short": "[]",
        "stranger_wallet": '"keep"',
        "citation": '"c"',
        "verified": "true",
    }
    if "status" in changes:
        changes["status"] = f'"{changes["status"]}"'
    lines = [f"{k} = {v}" for k, v in (values | changes).items() if v is not None]
    return "[[rule]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[rule]\n", "line 1"),
        ("", "at least one"),
        (rule(states='["ZZ"]'), "'ZZ' is not an ISO"),
        (rule(states="[false]"), "False is not an ISO"),
        (rule(threshold="{ inclusive = true, amounts = { BTC = 1 } }"), "'BTC' is unknown"),
        (rule(threshold="{ inclusive = true, amounts = { EUR = 1.5 } }"), "whole number"),
        (rule(threshold="{ amounts = { EUR = 1 } }"), "inclusive"),
        (rule(effective="2020-01-01T00:00:00"), "no zone"),
        (rule(effective="2020-01-01"), "effective must be a datetime"),
        (rule(full='["originator.shoe"]'), "originator.shoe"),
        (rule(short='["originator.address"]'), "more than full"),
        (rule(citation=None), "citation is missing"),
        (rule(extra="1"), "extra is not a key"),
        (rule(status="maybe"), "maybe"),
        (rule() + rule(id='"U"'), "in force at once"),
        (rule() + rule(), "twice"),
    ],
)
def test_a_broken_rules_file_is_refused_with_file_and_rule(text: str, words: str) -> None:
    """Nothing is half loaded."""
    with pytest.raises(InvalidCorridorRules, match=words) as caught:
        parse_rules(text, "house.toml")
    assert "house.toml" in str(caught.value)


def test_a_successor_takes_over_where_the_old_rule_ends() -> None:
    """Repealed and effective at the same moment do not overlap."""
    text = rule(repealed="2024-01-01T00:00:00+01:00") + rule(
        id='"U"', effective="2024-01-01T00:00:00+01:00"
    )
    assert [r.status for r in parse_rules(text, "t")] == [Status.LAW, Status.LAW]


@pytest.mark.parametrize(
    "facts",
    [
        ("UK", "HK", {}, Reach.AUTHENTICATED, TODAY),
        ("HK", None, {}, Reach.AUTHENTICATED, TODAY),
        ("HK", "KZ", {}, Reach.OWN_WALLET, TODAY),
        ("HK", "KZ", {"USD": 1.5}, Reach.AUTHENTICATED, TODAY),
        ("HK", "KZ", {"USD": -1}, Reach.AUTHENTICATED, TODAY),
        ("HK", "KZ", {}, Reach.AUTHENTICATED, datetime.datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_facts_that_cannot_be_judged_are_refused(facts: Any) -> None:
    """Unknown state, wallet with a state, fractions, a moment without zone."""
    with pytest.raises(InvalidCorridor):
        Corridor(*facts)


def test_money_is_whole_and_says_its_currency() -> None:
    """Minor units by ISO 4217; the yen has none."""
    assert str(Money("HKD", 799_999)) == "HKD 7,999.99"
    assert str(Money("JPY", 1500)) == "JPY 1,500"
    for currency, units in (("BTC", 1), ("USD", -1), ("USD", 10**31)):
        with pytest.raises(InvalidAmount):
            Money(currency, units)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["HK", "AE", "SG", "US"]))
def test_more_value_never_demands_less(low: int, high: int, state: str) -> None:
    """Demands grow with the value."""
    low, high = sorted((low, high))
    currency = {"HK": "HKD", "AE": "AED", "SG": "SGD", "US": "USD"}[state]
    less = judge(state, "KZ", **{currency: low}).demanded
    assert less <= judge(state, "KZ", **{currency: high}).demanded
