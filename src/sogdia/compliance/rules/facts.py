"""The facts of one matter, checked against the vocabulary before anything is decided.

F1  A fact is of its declared type or refused; a fact that is absent is unknown, never false.
F2  Classes and places are closed lists: once a list is given, what it does not name is not so.
F3  `Facts.to_json` and `Facts.from_json` are inverse, so evidence re-runs from its own bytes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sogdia.compliance.rules.amounts import Amount, Rate, Rates, currency_scale
from sogdia.compliance.rules.errors import AmountError, FactError
from sogdia.compliance.rules.vocabulary import INTEGER_MAX, NEXUS_KINDS, FactType, Vocabulary

# A case number or a name is short; a longer text is an attack on memory, not a fact.
TEXT_MAX = 4096
# A month of one client's deposits at a busy exchange; beyond it, totals are the honest input.
HISTORY_MAX = 10_000
# A statement of facts with a full history, at about 300 bytes an entry.
FACTS_BYTES_MAX = 4 * 1024 * 1024

# Facts nest four deep. The standard parser trusts the interpreter's recursion limit, which some
# libraries raise beyond what the C stack carries: unchecked, a megabyte of "[" ends the process.
NESTING_MAX = 32

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')

Value = bool | int | str | Amount | datetime
SCOPES = ("venue", "all-venues")


@dataclass(frozen=True, slots=True)
class Entry:
    """An earlier transaction of the same person: when, what, how much, where.

    `assets` holds the classes with all they are members of, or `None` when not stated.
    """

    at: datetime
    activity: str
    amount: Amount
    venue_id: str | None
    assets: frozenset[str] | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Facts:
    """The checked facts of one matter. `None` stands for not stated.

    `history_scope` says how far the history reaches: one venue or all of them. `totals` holds
    sums over a rule's window that were counted elsewhere, `fits` the answers of blinded counters
    that only say whether this transaction stays within the limit; both by `authority/clause`.
    """

    activity: str
    persons: frozenset[str] | None
    assets: frozenset[str] | None
    places: Mapping[str, frozenset[str] | None]
    values: Mapping[str, Value]
    venue_id: str | None = None
    rates: Rates = field(default_factory=dict)
    history: tuple[Entry, ...] | None = None
    history_scope: str | None = None
    totals: Mapping[str, Amount] = field(default_factory=dict)
    fits: Mapping[str, bool] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], vocabulary: Vocabulary) -> "Facts":
        """Check `data` and build the facts. Raises FactError, naming the fact."""
        activity = data.get("activity")
        if not isinstance(activity, str) or not vocabulary.is_activity(activity):
            raise FactError("activity", f"{_cut(activity)} is not a declared activity")
        values: dict[str, Value] = {}
        for name, raw in data.items():
            kind = vocabulary.facts.get(name)
            if kind is not None:
                values[name] = check_value(name, raw, kind)
                if name == "amount":
                    _not_negative(name, values[name])
            elif name not in _BUILT_IN:
                raise FactError(_cut(name), "is not declared in the vocabulary or in any pack")
        persons = _classes("persons", data.get("persons"), vocabulary.persons)
        clash = vocabulary.contradiction(persons) if persons else None
        if clash:
            raise FactError("persons", f"nobody is {' and '.join(sorted(clash))} at once")
        history, scope = _history(data.get("history"), vocabulary)
        return cls(
            activity,
            persons,
            _classes("assets", data.get("assets"), vocabulary.assets),
            {kind: _places(kind, data.get(kind), vocabulary) for kind in NEXUS_KINDS},
            values,
            _text("venue_id", data["venue_id"]) if "venue_id" in data else None,
            _rates(data["rates"]) if "rates" in data else {},
            history,
            scope,
            _table("totals", data.get("totals", {}), _amount),
            _table("fits", data.get("fits", {}), _flag),
            data,
        )

    @classmethod
    def from_json(cls, text: str | bytes, vocabulary: Vocabulary) -> "Facts":
        """Read facts from a JSON object. Raises FactError; floats and repeated keys are refused."""
        return cls.from_mapping(read_json(text), vocabulary)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as plain JSON values, in the form that `from_mapping` reads."""
        return {name: _plain(value) for name, value in self.source.items()}


def read_json(text: str | bytes) -> dict[str, Any]:
    """Parse a JSON object strictly: no floats, no repeated keys, at most 4 MiB.

    Raises FactError.
    """
    if len(text) > FACTS_BYTES_MAX:
        raise FactError("input", f"is {len(text)} bytes, the limit is {FACTS_BYTES_MAX}")
    try:
        text = text if isinstance(text, str) else text.decode()
        _check_nesting(text)
        data = json.loads(
            text,
            parse_float=_no_float,
            parse_constant=_no_float,
            object_pairs_hook=_unique_keys,
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FactError("input", f"is not JSON: {error}") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise FactError("input", str(error)) from None
    if not isinstance(data, dict):
        raise FactError("input", f"is a JSON {type(data).__name__}, not an object of facts")
    return data


def _check_nesting(text: str) -> None:
    if text.count("[") + text.count("{") <= NESTING_MAX:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += (match.group(1) is not None) - (match.group(2) is not None)
        if depth > NESTING_MAX:
            raise FactError("input", f"nests deeper than {NESTING_MAX}")


def parse_moment(name: str, raw: object) -> datetime:
    """Read a moment with its zone, RFC 3339. Raises FactError for `name`."""
    if isinstance(raw, str) and len(raw) <= 40:
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            raise FactError(name, f"{_cut(raw)} is not a date and time") from None
    if not isinstance(raw, datetime):
        raise FactError(name, f"{_cut(raw)} is not a date and time with a zone")
    if raw.tzinfo is None or raw.utcoffset() is None:
        raise FactError(name, f"{raw.isoformat()} has no zone; write 2026-02-06T00:00:00+08:00")
    return raw


def check_value(name: str, raw: object, kind: FactType) -> Value:
    """Return `raw` as a value of its declared type. Raises FactError."""
    match kind.kind:
        case "bool":
            return _flag(name, raw)
        case "integer":
            if type(raw) is not int:
                raise FactError(name, f"{_cut(raw)} is not an integer")
            if not kind.minimum <= raw <= kind.maximum:
                raise FactError(name, f"{raw} is outside {kind.minimum} to {kind.maximum}")
            return raw
        case "amount":
            return _amount(name, raw)
        case "moment":
            return parse_moment(name, raw)
        case _:
            text = _text(name, raw)
            if kind.values and text not in kind.values:
                raise FactError(name, f"{_cut(text)} is not one of {', '.join(kind.values)}")
            return text


_BUILT_IN = frozenset(
    {"activity", "persons", "assets", "venue_id", "rates", "history", "totals", "fits"}
    | set(NEXUS_KINDS)
)


def _cut(raw: object) -> str:
    text = repr(raw) if not isinstance(raw, str) else repr(raw[:61])
    return text if len(text) <= 60 else text[:60] + "…"


def _no_float(text: str) -> None:
    raise FactError("input", f"{_cut(text)} is not an integer; amounts are text: '1000.00 USD'")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FactError(_cut(twice), "is stated twice")
    return table


def _flag(name: str, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise FactError(name, f"{_cut(raw)} is not true or false")
    return raw


def _text(name: str, raw: object) -> str:
    if not isinstance(raw, str):
        raise FactError(name, f"{_cut(raw)} is not text")
    if len(raw) > TEXT_MAX:
        raise FactError(name, f"is {len(raw)} characters, the limit is {TEXT_MAX}")
    if not raw.isprintable():
        # Control and bidirectional marks reorder what an officer reads.
        raise FactError(name, "holds control or bidirectional characters")
    return raw


def _amount(name: str, raw: object) -> Amount:
    try:
        return Amount.from_fact(raw)
    except AmountError as error:
        raise FactError(name, str(error)) from None


def _not_negative(name: str, value: Value) -> Amount:
    # A negative transaction would give back room under every limit.
    assert isinstance(value, Amount), f"{name} is declared as an amount"
    if value.units < 0:
        raise FactError(name, f"{value} is negative; state what moves out as its own activity")
    return value


def _list(name: str, raw: object) -> list[str]:
    items = [raw] if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple) or not all(isinstance(i, str) for i in items):
        raise FactError(name, f"{_cut(raw)} is not a list of names")
    return list(items)


def _classes(name: str, raw: object, known: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    if raw is None:
        return None
    found: frozenset[str] = frozenset()
    for item in _list(name, raw):
        if item not in known:
            raise FactError(name, f"{_cut(item)} is not a declared class")
        found |= known[item]
    return found


def _places(kind: str, raw: object, vocabulary: Vocabulary) -> frozenset[str] | None:
    if raw is None:
        return None
    codes = _list(kind, raw)
    for code in codes:
        if kind == "peg":
            try:
                currency_scale(code)
            except AmountError as error:
                raise FactError(kind, str(error)) from None
        elif not vocabulary.is_place(code):
            raise FactError(
                kind, f"{_cut(code)} is not a state of ISO 3166-1 alpha-2 or a declared zone"
            )
    return frozenset(codes) if kind == "peg" else vocabulary.places(codes)


def _rates(raw: object) -> Rates:
    if not isinstance(raw, list):
        raise FactError("rates", "is not a list of {from, to, rate}")
    rates: Rates = {}
    for row in raw:
        if not isinstance(row, dict) or not {"from", "to", "rate"} <= set(row):
            raise FactError("rates", f"{_cut(row)} lacks from, to or rate")
        source, target, rate = (row[key] for key in ("from", "to", "rate"))
        if not all(isinstance(part, str) for part in (source, target, rate)):
            raise FactError("rates", f"{_cut(row)}: from, to and rate are text")
        if (source, target) in rates:
            raise FactError("rates", f"{source} to {target} is stated twice")
        try:
            rates[source, target] = Rate.parse(source, target, rate)
        except AmountError as error:
            raise FactError("rates", str(error)) from None
    return rates


def _table(name: str, raw: object, read: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise FactError(name, "is not a table by 'authority/clause'")
    return {key: read(f"{name}.{_cut(key)}", value) for key, value in raw.items()}


def _history(raw: object, vocabulary: Vocabulary) -> tuple[tuple[Entry, ...] | None, str | None]:
    if raw is None:
        return None, None
    if not isinstance(raw, dict) or set(raw) != {"scope", "entries"}:
        raise FactError("history", "is not an object of scope and entries")
    if raw["scope"] not in SCOPES:
        raise FactError("history", f"scope {_cut(raw['scope'])} is not one of {', '.join(SCOPES)}")
    rows = raw["entries"]
    if not isinstance(rows, list) or len(rows) > HISTORY_MAX:
        raise FactError("history", f"entries is not a list of at most {HISTORY_MAX}")
    return tuple(_entry(row, vocabulary) for row in rows), raw["scope"]


def _entry(row: object, vocabulary: Vocabulary) -> Entry:
    if not isinstance(row, dict) or not {"at", "activity", "amount"} <= set(row):
        raise FactError("history", f"{_cut(row)} lacks at, activity or amount")
    activity = row["activity"]
    if not isinstance(activity, str) or not vocabulary.is_activity(activity):
        raise FactError("history", f"{_cut(activity)} is not a declared activity")
    values: dict[str, Value] = {}
    for name, raw in row.items():
        if name in ("at", "activity", "amount", "venue_id", "assets"):
            continue
        if name not in vocabulary.facts:
            raise FactError(f"history.{_cut(name)}", "is not declared")
        values[name] = check_value(f"history.{name}", raw, vocabulary.facts[name])
    return Entry(
        parse_moment("history.at", row["at"]),
        activity,
        _not_negative("history.amount", _amount("history.amount", row["amount"])),
        _text("history.venue_id", row["venue_id"]) if "venue_id" in row else None,
        _classes("history.assets", row.get("assets"), vocabulary.assets),
        values,
    )


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Amount):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [_plain(item) for item in value]
    if type(value) is int and abs(value) > INTEGER_MAX:
        return str(value)  # only the units of an amount may be so large, and they may be text
    return value
