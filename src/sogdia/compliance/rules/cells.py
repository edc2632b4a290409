"""Cut the space of facts into cells, within which no rule can tell one matter from another.

Every rule asks a few yes-or-no questions: is this class among the person's, is the residence in
the authority's scope, has the amount been reached. Facts that answer all questions alike are one
cell. Each independent group of facts is reduced to one example for each different set of answers;
the cells are the product of the groups.

    K1  Questions that share no fact are independent, so the product is complete.
    K2  A rule's sum over a window is a question of its own. Two rules over the same amounts are
        not related to each other, so a few cells may be impossible; none is left out.
    K3  To compare two texts of a rule, amounts are stated instead: one payment with nothing before
        it, at every threshold and one unit to each side.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Any

from sogdia.compliance.rules.amounts import Amount
from sogdia.compliance.rules.evaluation import Missing, Scope, compile_condition
from sogdia.compliance.rules.expressions import (
    Arithmetic,
    Choice,
    Compare,
    Literal,
    Logic,
    Member,
    Name,
    Node,
    Not,
    OneOf,
    walk,
)
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.pack import Rule
from sogdia.compliance.rules.vocabulary import NEXUS_KINDS, FactType, Vocabulary

# Half a minute of decisions on one core. A pack beyond it is told so instead of being sampled.
CELLS_MAX = 400_000

Raw = Mapping[str, Any]


class TooManyCells(ValueError):
    """The rules of one activity ask more than can be enumerated."""


@dataclass(frozen=True, slots=True)
class Group:
    """An independent set of facts: one example of raw facts for each different set of answers."""

    names: frozenset[str]
    examples: tuple[Raw, ...]


def cells(
    rules: Sequence[Rule],
    activity: str,
    at: datetime,
    vocabulary: Vocabulary,
    *,
    with_unknown: bool = False,
    stated_amounts: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield an example of raw facts for every cell of `rules` at `at`.

    `with_unknown` adds, for each fact, the cell where it is not stated; `stated_amounts` states
    payments in place of the answers of counters (K3). Raises TooManyCells.
    """
    groups = find_groups(
        rules, at, vocabulary, with_unknown=with_unknown, stated_amounts=stated_amounts
    )
    count = 1
    for group in groups:
        count *= len(group.examples)
    if count > CELLS_MAX:
        sizes = ", ".join(f"{'+'.join(sorted(g.names))}: {len(g.examples)}" for g in groups)
        raise TooManyCells(f"{activity} has {count} cells, the limit is {CELLS_MAX} ({sizes})")
    base: dict[str, Any] = {
        "activity": activity,
        "persons": [],
        "assets": [],
        "venue_id": "venue",
        **dict.fromkeys(NEXUS_KINDS, ()),
    }
    if stated_amounts:
        base["totals"] = {r.counter: "0.00 USD" for r in rules if r.amount is not None}
    for choice in product(*(group.examples for group in groups)):
        facts = dict(base)
        for part in choice:
            for name, value in part.items():
                if value is None:
                    facts.pop(name, None)
                elif name == "fits":
                    facts["fits"] = {**facts.get("fits", {}), **value}
                else:
                    facts[name] = value
        yield facts


def find_groups(
    rules: Sequence[Rule],
    at: datetime,
    vocabulary: Vocabulary,
    *,
    with_unknown: bool = False,
    stated_amounts: bool = False,
) -> list[Group]:
    """Return the independent groups of facts on which `rules` depend."""
    atoms = [atom for rule in rules for atom in _atoms(rule)]
    if stated_amounts:
        atoms += [atom for rule in rules for atom in _thresholds(rule)]
    groups: list[Group] = []
    for names, nodes in _independent(atoms):
        examples = _distinct(_candidates(names, nodes, at, vocabulary), nodes, at, vocabulary)
        if with_unknown:
            examples = [*examples, *({**examples[0], name: None} for name in sorted(names))]
        groups.append(Group(names, tuple(examples)))
    if not stated_amounts:
        known = frozenset().union(*(group.names for group in groups))
        groups += _amount_groups(rules, known, with_unknown=with_unknown)
    groups += _freeze_groups(rules, at, with_unknown=with_unknown)
    return groups


def _atoms(rule: Rule) -> Iterator[Node]:
    """Yield the yes-or-no questions that a rule asks."""
    yield _any_of([Member("bool", kind, code) for kind, codes in rule.nexus for code in codes])
    if rule.persons is not None:
        yield _any_of([Member("bool", "persons", name) for name in rule.persons])
    if rule.assets is not None:
        yield _any_of([Member("bool", "assets", name) for name in rule.assets])
    for condition in (rule.when, rule.unless):
        if condition is not None:
            yield from _questions(condition)


def _thresholds(rule: Rule) -> Iterator[Node]:
    """Yield the questions whether a single payment reaches and whether it passes a threshold."""
    if rule.amount is None:
        return
    stated = Name("amount", rule.amount.fact)
    limits: list[Node] = [Literal("amount", amount) for amount in rule.amount.thresholds]
    if rule.amount.threshold_fact is not None:
        limits.append(Name("amount", rule.amount.threshold_fact))
    for limit in limits:
        yield Compare("bool", ">", stated, limit)
        yield Compare("bool", ">=", stated, limit)


def _any_of(nodes: list[Node]) -> Node:
    nodes.sort(key=repr)
    joined = nodes[0]
    for node in nodes[1:]:
        joined = Logic("bool", "||", joined, node)
    return joined


def _questions(node: Node) -> Iterator[Node]:
    match node:
        case Logic(left=left, right=right):
            yield from _questions(left)
            yield from _questions(right)
        case Not(operand=operand):
            yield from _questions(operand)
        case Choice(kind="bool", test=test, yes=yes, no=no):
            for part in (test, yes, no):
                yield from _questions(part)
        case Literal():
            return
        case _:
            yield node


def _names(node: Node) -> frozenset[str]:
    return frozenset(
        part.name if isinstance(part, Name) else part.group
        for part in walk(node)
        if isinstance(part, Name | Member) and not (isinstance(part, Name) and part.name == "at")
    )


def _independent(atoms: Iterable[Node]) -> list[tuple[frozenset[str], list[Node]]]:
    """Join questions that share a fact. A question about `at` alone has one answer: drop it."""
    groups: list[tuple[frozenset[str], list[Node]]] = []
    for atom in dict.fromkeys(atoms):
        names = _names(atom)
        if not names:
            continue
        touching = [group for group in groups if group[0] & names]
        groups = [group for group in groups if not group[0] & names]
        merged = names.union(*(group[0] for group in touching))
        groups.append((merged, [*(n for g in touching for n in g[1]), atom]))
    return groups


def _candidates(
    names: frozenset[str], nodes: Sequence[Node], at: datetime, vocabulary: Vocabulary
) -> Iterator[dict[str, Any]]:
    """Yield raw facts that between them give every possible set of answers."""
    parts = [part for node in nodes for part in walk(node)]
    choices: list[list[Any]] = []
    ordered = sorted(names)
    for name in ordered:
        if name in ("persons", "assets", *NEXUS_KINDS):
            items = sorted({p.item for p in parts if isinstance(p, Member) and p.group == name})
            choices.append(_subsets(name, items, nodes, vocabulary))
        else:
            kind = vocabulary.facts[name]
            choices.append(_values(kind, parts, len(names), at))
    for values in product(*choices):
        yield dict(zip(ordered, values, strict=True))


def _subsets(
    name: str, items: list[str], nodes: Sequence[Node], vocabulary: Vocabulary
) -> list[tuple[str, ...]]:
    """Return the subsets that answer the questions about this list differently."""
    if name not in ("persons", "assets"):
        # Only whether a tie holds matters, and for each authority its own codes.
        return [(), *((item,) for item in items), *combinations(items, 2)]
    known = vocabulary.persons if name == "persons" else vocabulary.assets
    about = [node for node in nodes if name in _names(node)]
    patterns: dict[tuple[bool, ...], tuple[str, ...]] = {}

    def pattern(subset: tuple[str, ...]) -> tuple[bool, ...]:
        members = frozenset().union(*(known[item] for item in subset))
        return tuple(
            any(p.item in members for p in walk(node) if isinstance(p, Member) and p.group == name)
            for node in about
        )

    reach: list[tuple[str, ...]] = [()]
    patterns[pattern(())] = ()
    while reach:
        subset = reach.pop(0)
        for item in items:
            wider = (*subset, item)
            members = frozenset().union(*(known[i] for i in wider))
            if item in subset or vocabulary.contradiction(members):
                continue
            if pattern(wider) not in patterns:
                patterns[pattern(wider)] = wider
                reach.append(wider)
    return list(patterns.values())


def _values(kind: FactType, parts: Sequence[Node], group_size: int, at: datetime) -> list[Any]:
    """Return values of one fact: around each literal it meets, and apart from all of them."""
    literals = [part.value for part in parts if isinstance(part, Literal)]
    literals += [value for part in parts if isinstance(part, OneOf) for value in part.options]
    match kind.kind:
        case "bool":
            return [False, True]
        case "text":
            texts = [value for value in literals if isinstance(value, str)]
            if kind.values:
                return list(kind.values)
            return list(dict.fromkeys([*texts, "another"]))
        case "moment":
            moments = [value for value in literals if isinstance(value, datetime)] or [at]
            step = timedelta(microseconds=1)
            return sorted({m + delta for m in moments for delta in (-step, 0 * step, step)})
        case "integer":
            return _integers(kind, literals, parts, group_size)
        case _:
            return _amounts(literals, group_size)


def _integers(
    kind: FactType, literals: Sequence[Any], parts: Sequence[Node], group_size: int
) -> list[int]:
    numbers = {value for value in literals if type(value) is int} or {0}
    if any(isinstance(part, Arithmetic) for part in parts):
        # Where an expression turns over is not a literal: probe a grid around the scale of them.
        numbers |= {sign * 10**exponent for exponent in range(10) for sign in (-1, 1)}
    reach = max(1, group_size)
    around = {n + step for n in numbers for step in range(-reach, reach + 1)}
    return sorted({min(max(value, kind.minimum), kind.maximum) for value in around})


def _amounts(literals: Sequence[Any], group_size: int) -> list[str]:
    amounts = [value for value in literals if isinstance(value, Amount)] or [Amount(100, "USD", 2)]
    reach = max(1, group_size)
    return list(
        dict.fromkeys(
            str(Amount(max(a.units + step, 0), a.currency, a.scale))
            for a in amounts
            for step in range(-reach, reach + 1)
        )
    )


def _distinct(
    candidates: Iterable[dict[str, Any]],
    nodes: Sequence[Node],
    at: datetime,
    vocabulary: Vocabulary,
) -> list[dict[str, Any]]:
    """Keep one example for each set of answers; an answer that is unknown does not count."""
    questions: list[Callable[[Scope], Any]] = [compile_condition(node) for node in nodes]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for raw in candidates:
        facts = Facts.from_mapping({"activity": "buy", **_closed(raw)}, vocabulary)
        scope = Scope(facts, at)
        answers = tuple(question(scope) for question in questions)
        # An amount in one currency has no answer to a threshold in another; that is a cell too.
        unknown = [answer for answer in answers if type(answer) is Missing]
        if all(name.startswith("rates: ") for answer in unknown for name in answer):
            found.setdefault(answers, raw)
    assert found, f"no value answers {nodes}"
    return list(found.values())


def _closed(raw: Raw) -> dict[str, Any]:
    lists: dict[str, Any] = {"persons": (), "assets": (), **dict.fromkeys(NEXUS_KINDS, ())}
    return {**lists, **raw}


def _amount_groups(
    rules: Sequence[Rule], known: frozenset[str], *, with_unknown: bool
) -> list[Group]:
    """Let a counter's answer stand for each sum; facts in `known` already have examples."""
    groups: dict[str, Group] = {}
    unknown: dict[str, None] = {}
    for rule in rules:
        if rule.amount is None or rule.counter in groups:
            continue
        currency = rule.amount.thresholds[0].currency if rule.amount.thresholds else "USD"
        base: dict[str, Any] = {rule.amount.fact: str(Amount(0, currency, 2))}
        if rule.amount.threshold_fact is not None:
            base[rule.amount.threshold_fact] = base[rule.amount.fact]
        base = {name: value for name, value in base.items() if name not in known}
        unknown[rule.amount.fact] = None
        answers = tuple({**base, "fits": {rule.counter: fits}} for fits in (True, False))
        groups[rule.counter] = Group(frozenset({rule.counter}), answers)
    if with_unknown:
        # Comes last, so that the amount it takes away is not put back by a rule's own example.
        return [*groups.values(), *(Group(frozenset({n}), ({}, {n: None})) for n in unknown)]
    return list(groups.values())


def _freeze_groups(rules: Sequence[Rule], at: datetime, *, with_unknown: bool) -> list[Group]:
    groups: list[Group] = []
    for freeze in dict.fromkeys(rule.freeze for rule in rules if rule.freeze is not None):
        named = {freeze.authority: "an authority", freeze.case: "a case"}
        examples: list[Raw] = [
            {**named, freeze.review: at + timedelta(days=1)},
            {**named, freeze.review: at - timedelta(days=1)},
        ]
        if with_unknown:
            examples += [{**examples[0], name: None} for name in (*named, freeze.review)]
        groups.append(Group(frozenset((*named, freeze.review)), tuple(examples)))
    return groups
