"""States' travel rules, dated and cited, read from TOML.

Not legal advice. Amounts are whole minor units (cents); no fractions anywhere.
"""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from sogdia.compliance.travel_rule.corridor.elements import ELEMENTS
from sogdia.compliance.travel_rule.ivms101.countries import ISO_3166_ALPHA_2

# ISO 4217: how many decimal digits the minor unit of a currency has.
CURRENCY_DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("AED", "CHF", "CNY", "EUR", "GBP", "HKD", "KZT", "RUB", "SGD", "USD"), 2),
    **dict.fromkeys(("JPY", "KRW"), 0),
}
AMOUNT_MINOR_MAX = 10**30  # far above any sum of money; bounds what arithmetic is asked to do


class Status(StrEnum):
    """What weight a rule has; only a law decides by itself."""

    LAW = "law"
    STANDARD = "standard"  # FATF: binds states, and institutions only by their own choice
    DRAFT = "draft"


class InvalidCorridorRules(Exception):
    """A rules file cannot be used; nothing of it is. `where` names the file and the rule."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(where, problem)
        self.where, self.problem = where, problem

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


class InvalidAmount(ValueError):
    """An amount that is negative, too large or in a currency without a known minor unit."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of `currency`: `Money("USD", 100_000)` is USD 1,000.00."""

    currency: str
    minor_units: int

    def __post_init__(self) -> None:
        if self.currency not in CURRENCY_DIGITS:
            known = ", ".join(sorted(CURRENCY_DIGITS))
            raise InvalidAmount(f"the currency {self.currency!r} is unknown; known are {known}")
        if not 0 <= self.minor_units <= AMOUNT_MINOR_MAX:
            raise InvalidAmount(f"{self.minor_units} is not between 0 and {AMOUNT_MINOR_MAX}")

    def __str__(self) -> str:
        digits = CURRENCY_DIGITS[self.currency]
        whole, part = divmod(self.minor_units, 10**digits)
        return f"{self.currency} {whole:,}" + (f".{part:0{digits}d}" if digits else "")


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which value full data is due: any one of `amounts`, reached if `inclusive`."""

    amounts: tuple[Money, ...]
    inclusive: bool

    def is_reached(self, values: Mapping[str, int]) -> bool:
        """Return whether `values` (currency to minor units) reach the threshold.

        P2: when no currency of the threshold is among `values`, the answer is yes.
        """
        known = [(values[a.currency], a.minor_units) for a in self.amounts if a.currency in values]
        if not known:
            return True
        return any(v >= limit if self.inclusive else v > limit for v, limit in known)

    def __str__(self) -> str:
        sign = "≥" if self.inclusive else ">"
        return " or ".join(f"{sign} {amount}" for amount in self.amounts)


@dataclass(frozen=True, slots=True)
class CorridorRule:
    """One authority's travel rule; `threshold` is `None` when every amount needs full data."""

    id: str
    states: frozenset[str]
    authority: str
    status: Status
    effective: datetime.datetime
    threshold: Threshold | None
    full: frozenset[str]
    short: frozenset[str]
    stranger_wallet: str
    citation: str
    verified: bool
    repealed: datetime.datetime | None = None

    def is_in_force(self, at: datetime.datetime) -> bool:
        """Return whether the rule is in force at `at`, which has a zone."""
        return self.effective <= at and (self.repealed is None or at < self.repealed)


def shipped_rules() -> tuple[CorridorRule, ...]:
    """Return the rules that come with the library."""
    source = resources.files("sogdia.compliance.travel_rule.corridor").joinpath("states.toml")
    return parse_rules(source.read_text(encoding="utf-8"), "states.toml")


def load_rules(path: Path) -> tuple[CorridorRule, ...]:
    """Return the rules of the TOML file at `path`.

    Raises:
        InvalidCorridorRules: broken TOML, an unknown state, currency or element, a moment without
            zone, two rules of one state in force at once.
        OSError: the file cannot be read.
    """
    return parse_rules(path.read_text(encoding="utf-8"), str(path))


def parse_rules(text: str, name: str) -> tuple[CorridorRule, ...]:
    """Return the rules in `text`; `name` is used in errors. Raises as `load_rules` does."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidCorridorRules(name, str(error)) from None
    tables = raw.pop("rule", None)
    if raw or not isinstance(tables, list) or not tables:
        raise InvalidCorridorRules(name, "must consist of [[rule]] tables, at least one")
    rules = tuple(
        _parse_rule(table, f"{name}, rule {table.get('id', index + 1)!r}")
        for index, table in enumerate(tables)
    )
    _refuse_overlap(rules, name)
    return rules


_REQUIRED: Mapping[str, type] = {
    "id": str,
    "states": list,
    "authority": str,
    "status": str,
    "effective": datetime.datetime,
    "full": list,
    "short": list,
    "stranger_wallet": str,
    "citation": str,
    "verified": bool,
}
_OPTIONAL: Mapping[str, type] = {"threshold": dict, "repealed": datetime.datetime}


def _parse_rule(table: dict[str, Any], where: str) -> CorridorRule:
    _refuse_wrong_keys(table, where)
    _refuse_wrong_values(table, where)
    lists = {key: frozenset(table[key]) for key in ("states", "full", "short")}
    if not lists["short"] <= lists["full"]:
        raise InvalidCorridorRules(where, "short demands more than full")
    threshold = _parse_threshold(table["threshold"], where) if "threshold" in table else None
    fields = table | lists | {"status": Status(table["status"]), "threshold": threshold}
    return CorridorRule(**fields)


def _refuse_wrong_keys(table: dict[str, Any], where: str) -> None:
    kinds = {**_REQUIRED, **_OPTIONAL}
    for key in _REQUIRED:
        if key not in table:
            raise InvalidCorridorRules(where, f"{key} is missing")
    for key, value in table.items():
        if key not in kinds:
            raise InvalidCorridorRules(where, f"{key} is not a key of a rule")
        if not isinstance(value, kinds[key]):
            raise InvalidCorridorRules(where, f"{key} must be a {kinds[key].__name__}")


def _refuse_wrong_values(table: dict[str, Any], where: str) -> None:
    for key in ("effective", "repealed"):
        if key in table and table[key].tzinfo is None:
            raise InvalidCorridorRules(where, f"{key} has no zone: write 2024-01-01T00:00:00+08:00")
    if table["status"] not in set(map(str, Status)):
        raise InvalidCorridorRules(where, f"status {table['status']!r} is not {', '.join(Status)}")
    if table["stranger_wallet"] not in {"hold", "keep"}:
        raise InvalidCorridorRules(where, "stranger_wallet must be hold or keep")
    for state in table["states"]:
        if state not in ISO_3166_ALPHA_2 and state != "*":
            raise InvalidCorridorRules(where, f"{state!r} is not an ISO 3166-1 alpha-2 code")
    for element in (*table["full"], *table["short"]):
        if element not in ELEMENTS:
            known = ", ".join(ELEMENTS)
            raise InvalidCorridorRules(where, f"the element {element!r} is not one of {known}")


def _parse_threshold(table: dict[str, Any], where: str) -> Threshold:
    inclusive, amounts = table.get("inclusive"), table.get("amounts")
    if not isinstance(inclusive, bool) or not isinstance(amounts, dict) or not amounts:
        problem = "threshold must be { inclusive = true, amounts = { USD = 100000 } }, minor units"
        raise InvalidCorridorRules(where, problem)
    try:
        parsed = tuple(Money(currency, _whole(units)) for currency, units in amounts.items())
    except InvalidAmount as error:
        raise InvalidCorridorRules(where, str(error)) from None
    return Threshold(parsed, inclusive)


def _whole(units: Any) -> int:
    if isinstance(units, bool) or not isinstance(units, int):
        raise InvalidAmount(f"{units!r} is not a whole number of minor units")
    return units


def _refuse_overlap(rules: tuple[CorridorRule, ...], name: str) -> None:
    for index, rule in enumerate(rules):
        for other in rules[index + 1 :]:
            if rule.id == other.id:
                raise InvalidCorridorRules(name, f"the rule {rule.id!r} is there twice")
            same = rule.states & other.states and rule.authority == other.authority
            if same and rule.status == other.status:
                first, second = sorted((rule, other), key=lambda r: r.effective)
                if first.is_in_force(second.effective):
                    problem = f"{first.id!r} and {second.id!r} are in force at once"
                    raise InvalidCorridorRules(name, problem)
