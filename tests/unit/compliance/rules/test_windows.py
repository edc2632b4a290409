"""Sums over a window: inclusive or not, per venue or over all, and who counts."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.compliance.rules.builders import ask, one_pack, rule

from sogdia.compliance.rules import Action, Decision, RuleBook


def limit(folder: Path, **changes: str) -> RuleBook:
    """Return a book with one limit of USD 1,000 on buying."""
    fields = {
        "thresholds": '["1000.00 USD"]',
        "inclusive": "false",
        "window": '"calendar-month"',
        "scope": '"all-venues"',
        "tz": '"Asia/Almaty"',
        **changes,
    }
    table = "[rule.amount]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items())
    return RuleBook([one_pack(folder / "p", rule("L", "limit", more=table))])


def entry(at: str, amount: str, activity: str = "buy", **more: Any) -> dict[str, Any]:
    """Return an earlier transaction."""
    return {"at": at, "amount": amount, "activity": activity, **more}


def buy(
    book: RuleBook, amount: str, *entries: dict[str, Any], at: str = "2024-06-20T12:00:00+05:00",
    scope: str = "all-venues", **facts: Any,
) -> Decision:  # fmt: skip
    """Decide a purchase after `entries`."""
    return ask(book, at, amount=amount, history={"scope": scope, "entries": list(entries)}, **facts)


JUNE = "2024-06-05T10:00:00+05:00"


@pytest.mark.parametrize(
    ("inclusive", "amount", "action"),
    [
        ("false", "400.00 USD", Action.ALLOW),
        ("false", "400.01 USD", Action.LIMIT),
        ("true", "399.99 USD", Action.ALLOW),
        ("true", "400.00 USD", Action.LIMIT),
    ],
)
def test_a_threshold_is_reached_or_passed_as_the_law_says(
    tmp_path: Path, inclusive: str, amount: str, action: Action
) -> None:
    """And the room left is exactly what would still be allowed."""
    book = limit(tmp_path, inclusive=inclusive)
    decision = buy(book, amount, entry(JUNE, "600.00 USD"))
    assert decision.action is action
    assert decision.room is not None
    assert buy(book, str(decision.room), entry(JUNE, "600.00 USD")).action is Action.ALLOW


@pytest.mark.parametrize(
    ("window", "then", "now", "counts"),
    [
        ("calendar-month", "2024-06-01T00:00:00+05:00", "2024-06-30T23:59:59+05:00", True),
        ("calendar-month", "2024-05-31T23:59:59+05:00", "2024-06-01T00:00:00+05:00", False),
        ("calendar-month", "2024-05-31T18:59:59+00:00", "2024-06-01T00:00:00+05:00", False),
        ("calendar-month", "2024-05-31T19:00:00+00:00", "2024-06-01T00:00:00+05:00", True),
        ("calendar-day", "2024-06-20T00:00:00+05:00", "2024-06-20T23:59:59+05:00", True),
        ("calendar-day", "2024-06-19T23:59:59+05:00", "2024-06-20T00:00:00+05:00", False),
        ("calendar-year", "2024-01-01T00:00:00+06:00", "2024-12-31T23:59:59+05:00", True),
        ("calendar-year", "2023-12-31T23:59:59+06:00", "2024-01-01T00:00:00+06:00", False),
        ("rolling-30-days", "2024-05-21T12:00:00+05:00", "2024-06-20T12:00:00+05:00", False),
        ("rolling-30-days", "2024-05-21T12:00:01+05:00", "2024-06-20T12:00:00+05:00", True),
        ("transaction", "2024-06-20T11:59:59+05:00", "2024-06-20T12:00:00+05:00", False),
        ("calendar-month", "2024-06-21T00:00:00+05:00", "2024-06-20T12:00:00+05:00", False),
    ],
)
def test_a_window_begins_and_ends_where_it_says(
    tmp_path: Path, window: str, then: str, now: str, counts: bool
) -> None:
    """W1 and W2. Almaty moved from +06 to +05 on 2024-03-01, so a year spans both."""
    book = limit(tmp_path, window=f'"{window}"')
    decision = buy(book, "1.00 USD", entry(then, "1000.00 USD"), at=now)
    assert decision.action is (Action.LIMIT if counts else Action.ALLOW)


def test_other_venues_count_only_where_the_law_says_so(tmp_path: Path) -> None:
    """Per venue, another venue's deposit is nothing; over all venues it is everything."""
    there = entry(JUNE, "1000.00 USD", venue_id="B")
    alone = limit(tmp_path / "one", scope='"per-venue"')
    assert buy(alone, "1.00 USD", there, venue_id="A").action is Action.ALLOW
    assert buy(alone, "1.00 USD", there, venue_id="B").action is Action.LIMIT
    assert buy(alone, "1.00 USD", there).missing == ("venue_id",)
    unnamed = entry(JUNE, "1000.00 USD")
    assert buy(alone, "1.00 USD", unnamed, venue_id="A").action is Action.LIMIT, "W3"
    every = limit(tmp_path / "all")
    assert buy(every, "1.00 USD", there, venue_id="A").action is Action.LIMIT
    partial = buy(every, "1.00 USD", there, venue_id="A", scope="venue")
    assert partial.missing == ("history over all venues",)


def test_what_adds_and_what_subtracts(tmp_path: Path) -> None:
    """A redemption gives room back, but never more than was used."""
    book = limit(tmp_path, subtracts='["redeem"]')
    bought, redeemed = entry(JUNE, "900.00 USD"), entry(JUNE, "300.00 USD", "redeem")
    assert str(buy(book, "1.00 USD", bought, redeemed).room) == "400.00 USD"
    assert str(buy(book, "1.00 USD", redeemed, redeemed).room) == "1000.00 USD"
    assert str(buy(book, "1.00 USD", entry(JUNE, "5.00 USD", "sell")).room) == "1000.00 USD"


def test_a_sum_in_several_currencies_needs_its_rates(tmp_path: Path) -> None:
    """A missing rate is a missing fact; a rate that is there counts a fraction upwards."""
    book = limit(tmp_path)
    euro = entry(JUNE, "300.00 EUR")
    assert buy(book, "1.00 USD", euro).missing == ("rates: EUR to USD",)
    rates = [{"from": "EUR", "to": "USD", "rate": "1.10"}]
    assert buy(book, "670.00 USD", euro, rates=rates).action is Action.ALLOW
    assert buy(book, "670.01 USD", euro, rates=rates).action is Action.LIMIT
    third = [{"from": "USD", "to": "EUR", "rate": "3"}]
    assert buy(book, "900.00 USD", euro, rates=third).action is Action.ALLOW
    assert buy(book, "900.00 USD", entry(JUNE, "300.01 EUR"), rates=third).action is Action.LIMIT


def test_a_finer_scale_does_not_slip_under_a_threshold(tmp_path: Path) -> None:
    """A thousandth of a cent over the limit is over the limit."""
    book = limit(tmp_path)
    fine = {"units": "100000001", "currency": "USD", "scale": 5}
    assert ask(book, amount=fine, history={"scope": "all-venues", "entries": []}).action is (
        Action.LIMIT
    )
