"""What changes between two states of the law: the cells that are decided differently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sogdia.compliance.rules.cells import cells
from sogdia.compliance.rules.deciding import decide
from sogdia.compliance.rules.decision import Decision
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.pack import Pack, Rule
from sogdia.compliance.rules.rulebook import RuleBook, Slice


@dataclass(slots=True)
class Change:
    """Cells of one activity whose decision changes in one way. `cells` counts them.

    `before` and `after` are the action and its reasons; `example` holds facts of the first cell.
    """

    activity: str
    before: tuple[str, tuple[str, ...]]
    after: tuple[str, tuple[str, ...]]
    cells: int
    example: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes between two books at a moment, and how many cells were compared.

    `added`, `removed` and `rewritten` list clauses in force; the last also catches what no single
    payment shows, such as another window.
    """

    at: datetime
    compared: int
    changes: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    rewritten: tuple[str, ...]


def succession(pack: Pack, known: Sequence[Pack]) -> list[Pack]:
    """Return `pack` and the versions of its authority among `known` that it can build on."""
    earlier = [
        other for other in known if other.authority == pack.authority and other.serial < pack.serial
    ]
    return [*earlier, pack]


def compare_books(before: RuleBook, after: RuleBook, at: datetime | None = None) -> Difference:
    """Decide every cell of both books at `at` and list what changes.

    By default the moment is the last at which either book's law changes, so that every clause
    that will ever take effect has done so. Raises TooManyCells.
    """
    at = at or max((*before.moments(), *after.moments()))
    vocabulary = before.vocabulary.with_facts(after.vocabulary.facts)
    old, new = before.law_of(at, at), after.law_of(at, at)
    compared = 0
    changes: dict[tuple[Any, ...], Change] = {}
    for activity in sorted(vocabulary.entries | vocabulary.exits):
        first, second = old.rules[activity], new.rules[activity]
        if [_law(rule) for rule in first] == [_law(rule) for rule in second]:
            continue
        for raw in cells((*first, *second), activity, at, vocabulary, stated_amounts=True):
            facts = Facts.from_mapping(raw, vocabulary)
            compared += 1
            was, now = _answer(decide(before, facts, at)), _answer(decide(after, facts, at))
            if was == now:
                continue
            change = changes.setdefault((activity, was, now), Change(activity, was, now, 0, raw))
            change.cells += 1
    return Difference(at, compared, tuple(changes.values()), *_clauses(old, new))


def _clauses(old: Slice, new: Slice) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the clauses that are added, removed and rewritten, by authority and clause id."""
    before, after = (
        {f"{r.authority}/{r.clause}": _law(r) for rules in law.rules.values() for r in rules}
        for law in (old, new)
    )
    return (
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(key for key in before.keys() & after.keys() if before[key] != after[key])),
    )


def _law(rule: Rule) -> tuple[Any, ...]:
    """Return what a rule orders, without its version: two texts of equal law are equal."""
    return (
        rule.authority,
        rule.clause,
        rule.activities,
        rule.persons,
        rule.assets,
        rule.nexus,
        rule.when,
        rule.unless,
        rule.action,
        rule.reason,
        rule.amount,
        rule.freeze,
        rule.disclose,
        rule.duties,
        dict(rule.params),
    )


def _answer(decision: Decision) -> tuple[str, tuple[str, ...]]:
    return decision.action.word, decision.reasons
