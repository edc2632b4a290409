"""Amounts of money as integers with a currency and a scale. No floats anywhere.

A1  An amount is `units × 10^-scale` of one currency; `units` is an integer.
A2  Two amounts of one currency compare exactly, whatever their scales.
A3  Amounts of two currencies compare only through a stated rate, without rounding.
"""

import re
from dataclasses import dataclass
from functools import cache

import iso4217

from sogdia.compliance.rules.errors import AmountError

# 78 digits hold 2^256 - 1: no ledger or bank statement knows a larger integer.
UNITS_DIGITS_MAX = 78
# 10^-36 is finer than any token in use (18); a larger scale is an attack on memory.
SCALE_MAX = 36

# Traded under a code of its own, though ISO 4217 knows only CNY for both markets.
OFFSHORE_YUAN = "CNH"

_TEXT = re.compile(r"(-?)([0-9]{1,78})(?:\.([0-9]{1,36}))? ([A-Z]{3})")
_RATE = re.compile(r"([0-9]{1,36})(?:\.([0-9]{1,36}))?")


@cache
def currency_scale(code: str) -> int:
    """Return how many decimals `code` has by ISO 4217 (CNH as CNY).

    Raises AmountError when there is no such currency, or it has no minor unit at all.
    """
    if code == OFFSHORE_YUAN:
        return 2
    try:
        exponent = iso4217.Currency(code).exponent
    except ValueError:
        raise AmountError(f"{code!r} is not a currency of ISO 4217") from None
    if exponent is None:
        raise AmountError(f"{code} has no minor unit, so amounts of it cannot be stated")
    return int(exponent)


@dataclass(frozen=True, slots=True)
class Amount:
    """`units × 10^-scale` of `currency`."""

    units: int
    currency: str
    scale: int

    @classmethod
    def parse(cls, text: str) -> "Amount":
        """Read `"1000.00 USD"`.

        Raises AmountError for anything else: an unknown currency, more decimals than the
        currency has, a grouping mark, an exponent.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise AmountError(f"{_cut(text)!r} is not an amount; write it as '1000.00 USD'")
        sign, whole, fraction, currency = match.groups(default="")
        scale = currency_scale(currency)
        if len(fraction) > scale:
            raise AmountError(
                f"{_cut(text)!r} has {len(fraction)} decimals, {currency} has {scale}; finer "
                f"amounts are written as units, currency and scale"
            )
        return cls(int(sign + whole + fraction.ljust(scale, "0")), currency, scale)

    @classmethod
    def from_fact(cls, value: object) -> "Amount":
        """Read an amount from a fact: an Amount, its text, or `{units, currency, scale}`.

        Raises AmountError.
        """
        if isinstance(value, Amount):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        if not isinstance(value, dict) or set(value) != {"units", "currency", "scale"}:
            raise AmountError(
                f"an amount is text such as '1000.00 USD' or an object of units, currency and "
                f"scale, not {type(value).__name__}"
            )
        units: object = value["units"]
        currency, scale = value["currency"], value["scale"]
        if isinstance(units, str) and re.fullmatch(r"-?[0-9]{1,78}", units):
            units = int(units)  # canonical JSON carries integers beyond 2^53 as text
        # bool is an int to Python, and `true` is never an amount.
        if isinstance(units, bool) or not isinstance(units, int):
            raise AmountError(f"units are an integer or its digits, not {units!r:.40}")
        if type(scale) is not int or not isinstance(currency, str):
            raise AmountError("scale is an integer, currency is text")
        if not 0 <= scale <= SCALE_MAX or abs(units) >= 10**UNITS_DIGITS_MAX:
            raise AmountError(f"scale is 0 to {SCALE_MAX} and units below 10^{UNITS_DIGITS_MAX}")
        currency_scale(currency)
        return cls(units, currency, scale)

    def at_scale(self, scale: int) -> int:
        """Return the units at a scale not smaller than this amount's own."""
        factor: int = 10 ** (scale - self.scale)
        return self.units * factor

    def plus(self, other: "Amount") -> "Amount":
        """Return the exact sum of two amounts of one currency. Raises AmountError otherwise."""
        if self.currency != other.currency:
            raise AmountError(f"cannot add {other.currency} to {self.currency}")
        scale = max(self.scale, other.scale)
        return Amount(self.at_scale(scale) + other.at_scale(scale), self.currency, scale)

    def negated(self) -> "Amount":
        """Return the amount with its sign turned."""
        return Amount(-self.units, self.currency, self.scale)

    def to_json(self) -> str | dict[str, str | int]:
        """Return the form that `from_fact` reads back to this very amount."""
        if self.scale == currency_scale(self.currency):
            return str(self)
        return {"units": str(self.units), "currency": self.currency, "scale": self.scale}

    def __str__(self) -> str:
        digits = str(abs(self.units)).rjust(self.scale + 1, "0")
        sign = "-" if self.units < 0 else ""
        if self.scale == 0:
            return f"{sign}{digits} {self.currency}"
        return f"{sign}{digits[: -self.scale]}.{digits[-self.scale :]} {self.currency}"


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `source` is worth `numerator / denominator` units of `target`."""

    source: str
    target: str
    numerator: int
    denominator: int

    @classmethod
    def parse(cls, source: str, target: str, text: str) -> "Rate":
        """Read a positive decimal such as `"478.50"`. Raises AmountError."""
        currency_scale(source)
        currency_scale(target)
        match = _RATE.fullmatch(text)
        fraction = (match.group(2) or "") if match else ""
        numerator = int(match.group(1) + fraction) if match else 0
        if numerator <= 0:
            raise AmountError(f"{_cut(text)!r} is not a rate; write a positive decimal as text")
        return cls(source, target, numerator, 10 ** len(fraction))


Rates = dict[tuple[str, str], Rate]


def compare(left: Amount, right: Amount, rates: Rates) -> int | None:
    """Return -1, 0 or 1, or `None` when the currencies differ and no rate joins them.

    The comparison multiplies across instead of dividing, so nothing is rounded.
    """
    scale = max(left.scale, right.scale)
    a, b = left.at_scale(scale), right.at_scale(scale)
    if left.currency != right.currency:
        rate = rates.get((left.currency, right.currency))
        if rate is not None:
            a, b = a * rate.numerator, b * rate.denominator
        else:
            rate = rates.get((right.currency, left.currency))
            if rate is None:
                return None
            a, b = a * rate.denominator, b * rate.numerator
    return (a > b) - (a < b)


def convert_up(amount: Amount, currency: str, rates: Rates) -> Amount | None:
    """Return `amount` in `currency` at 18 decimals or more, rounded away from zero, or `None`.

    Rounding away from zero counts at most 10^-18 too much against a limit, never too little.
    """
    if amount.currency == currency:
        return amount
    rate = rates.get((amount.currency, currency))
    inverse = rates.get((currency, amount.currency))
    if rate is not None:
        numerator, denominator = rate.numerator, rate.denominator
    elif inverse is not None:
        numerator, denominator = inverse.denominator, inverse.numerator
    else:
        return None
    scale = max(18, amount.scale)
    scaled = abs(amount.at_scale(scale)) * numerator
    units = -(-scaled // denominator)
    return Amount(units if amount.units >= 0 else -units, currency, scale)


def _cut(text: str) -> str:
    """Shorten hostile input before it is put in a message."""
    return text if len(text) <= 40 else text[:40] + "…"
