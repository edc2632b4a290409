"""Shamir shares over the field that the parties compute in."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.rules.counters.shares import FIELD_PRIME, UNITS_MAX, join, split


@given(st.integers(0, UNITS_MAX), st.randoms(use_true_random=False))
def test_three_shares_give_the_value_and_one_error_is_found(
    value: int, source: random.Random
) -> None:
    """S2"""
    shares = split(value, source.randrange)
    assert join(shares) == value
    for position in range(3):
        wrong = list(shares)
        wrong[position] = (wrong[position] + 1) % FIELD_PRIME
        with pytest.raises(ValueError, match="erred or lied"):
            join(wrong)


@given(st.integers(0, UNITS_MAX), st.integers(0, UNITS_MAX), st.integers(1, 3))
def test_one_share_fits_every_value(value: int, other: int, place: int) -> None:
    """S1: for any share there is a slope under which it belongs to any other value."""
    slope = 12345
    share = split(value, lambda _: slope)[place - 1]
    fitting = (share - other) * pow(place, -1, FIELD_PRIME) % FIELD_PRIME
    assert split(other, lambda _: fitting)[place - 1] == share


@pytest.mark.parametrize("value", [-1, UNITS_MAX + 1])
def test_a_value_out_of_range_is_refused(value: int) -> None:
    """A negative deposit would make room."""
    with pytest.raises(ValueError, match="is not between"):
        split(value, lambda _: 0)
