"""Integers with a currency and a scale: exact, and never silently another amount."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.rules import Amount, AmountError
from sogdia.compliance.rules.amounts import Rate, compare, convert_up

amounts = st.builds(Amount, st.integers(-(10**20), 10**20), st.just("USD"), st.integers(0, 18))


def value(amount: Amount) -> Fraction:
    """Return the amount as a fraction: the slow truth."""
    return Fraction(amount.units, 10**amount.scale)


@given(amounts, amounts)
def test_amounts_of_any_scale_compare_exactly(left: Amount, right: Amount) -> None:
    """A2"""
    a, b = value(left), value(right)
    assert compare(left, right, {}) == (a > b) - (a < b)
    assert value(left.plus(right)) == a + b


@given(amounts, st.integers(1, 10**12), st.integers(0, 8))
def test_a_rate_compares_without_rounding_and_converts_upwards(
    amount: Amount, digits: int, decimals: int
) -> None:
    """A3: never a unit too little against a limit, in either direction of the rate."""
    rate = Rate("USD", "KZT", digits, 10**decimals)
    exact = value(amount) * Fraction(digits, 10**decimals)
    for rates in (
        {("USD", "KZT"): rate},
        {("KZT", "USD"): Rate("KZT", "USD", 10**decimals, digits)},
    ):
        up = convert_up(amount, "KZT", rates)
        assert up is not None
        assert abs(value(up)) >= abs(exact)
        assert abs(value(up)) - abs(exact) < Fraction(1, 10**18)
        for other in (exact - 1, exact, exact + 1):
            if (other * 10**36).denominator == 1:
                held = Amount(int(other * 10**36), "KZT", 36)
                assert compare(amount, held, rates) == (exact > other) - (exact < other)
    assert compare(amount, Amount(1, "KZT", 2), {}) is None


@given(amounts)
def test_an_amount_is_read_back_from_what_is_written(amount: Amount) -> None:
    """Evidence re-runs only when facts survive being written down."""
    assert value(Amount.from_fact(amount.to_json())) == value(amount)


@pytest.mark.parametrize(
    ("text", "units", "scale"),
    [
        ("1000.00 USD", 100_000, 2),
        ("1000 USD", 100_000, 2),
        ("1000.5 USD", 100_050, 2),
        ("7 JPY", 7, 0),
        ("1.234 KWD", 1234, 3),
        ("-0.01 CNH", -1, 2),
    ],
)
def test_the_scale_is_the_currency_s(text: str, units: int, scale: int) -> None:
    """ISO 4217 knows currencies of 0, 2 and 3 decimals; the offshore yuan has those of CNY."""
    assert (Amount.parse(text).units, Amount.parse(text).scale) == (units, scale)


@pytest.mark.parametrize(
    "text",
    ["", "1000", "USD 1000", "1,000.00 USD", "1e3 USD", "1000.001 USD", "1.0 JPY", "1000.00 usd",
     "1000.00  USD", "٣.00 USD", "1.00 XYZ", "1.00 XTS", "9" * 90 + " USD", "NaN USD", "1. USD"],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    """No grouping, exponent, other digits, unknown currency, or more decimals than it has."""
    with pytest.raises(AmountError):
        Amount.parse(text)


@pytest.mark.parametrize(
    "raw",
    [1, 1.5, None, True, {"units": 1, "currency": "USD"}, {"units": True, "currency": "USD",
     "scale": 2}, {"units": 1, "currency": "USD", "scale": 99}, {"units": 1.0, "currency": "USD",
     "scale": 2}, {"units": "1.5", "currency": "USD", "scale": 2}],
)  # fmt: skip
def test_a_number_is_not_an_amount(raw: object) -> None:
    """Least of all a float."""
    with pytest.raises(AmountError):
        Amount.from_fact(raw)
