"""What a pack means, found without data: by deciding every cell of the facts' space.

unreachable     a rule that speaks in no cell of any day
contradictions  one authority permits and bars the same cell
gaps            cells in which a competent authority wrote no rule
exits           a proof by enumeration that nothing but a complete freeze stops an exit
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sogdia.compliance.rules.cells import cells
from sogdia.compliance.rules.deciding import decide
from sogdia.compliance.rules.decision import Decision
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.pack import Action, Rule
from sogdia.compliance.rules.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Example:
    """A cell, by an example of its facts, and the moment at which it was decided."""

    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two rules of one authority, of which one permits and the other bars, and where they meet."""

    permits: str
    bars: str
    example: Example


@dataclass(frozen=True, slots=True)
class Gap:
    """An activity in which an authority leaves cells unanswered: how many of how many."""

    authority: str
    activity: str
    cells: int
    of: int
    example: Example


@dataclass(slots=True)
class _Heard:
    """Which rules spoke anywhere, and which of them gave the answer somewhere."""

    spoke: set[str] = field(default_factory=set)
    prevailed: set[str] = field(default_factory=set)

    def note(self, decision: Decision) -> None:
        for voice in decision.spoken:
            self.spoke.add(voice.rule.key)
            if voice.action is decision.action:
                self.prevailed.add(voice.rule.key)
        for voice in decision.simulated:
            self.spoke.add(voice.rule.key)
            self.prevailed.add(voice.rule.key)


@dataclass(slots=True)
class Analysis:
    """The findings over every day on which the law changed.

    `exit_cells` counts the cells of exits that were decided, unknown facts included;
    `blocked_exits` holds those that were stopped by anything but a complete freeze.
    """

    cells: int = 0
    exit_cells: int = 0
    unreachable: list[str] = field(default_factory=list)
    overruled: list[str] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    blocked_exits: list[Example] = field(default_factory=list)


def analyse(book: RuleBook) -> Analysis:
    """Decide every cell of every activity on every day the law of `book` changed.

    Raises TooManyCells. Authorities are analysed one by one, since each answers for its own law;
    the exits are proved over all of them together.
    """
    found = Analysis()
    heard = _Heard()
    clashes: dict[tuple[str, str], Contradiction] = {}
    gaps: dict[tuple[str, str], Gap] = {}
    for authority in dict.fromkeys(pack.authority for pack in book.packs):
        alone = RuleBook([pack for pack in book.packs if pack.authority == authority])
        for day, activity, rules in _days(alone, alone.vocabulary.entries):
            total, silent, first = 0, 0, None
            for raw, decision in _decided(alone, rules, activity, day):
                total += 1
                heard.note(decision)
                _note_clashes(decision, Example(day, raw), clashes)
                if decision.silent and not decision.spoken:
                    silent += 1
                    first = first or Example(day, raw)
            found.cells += total
            if first is not None:
                gaps[authority, activity] = Gap(authority, activity, silent, total, first)
        _prove_exits(alone, found, heard)
    found.contradictions = list(clashes.values())
    found.gaps = list(gaps.values())
    found.unreachable = sorted({c.rule.key for c in book.clauses} - heard.spoke)
    found.overruled = sorted(heard.spoke - heard.prevailed)
    return found


def _days(
    book: RuleBook, activities: Iterable[str]
) -> Iterator[tuple[datetime, str, tuple[Rule, ...]]]:
    """Yield each activity on the first day of each state of the law that concerns it."""
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for day in book.moments():
        law = book.law_of(day, day)
        for activity in sorted(activities):
            rules = (*law.rules[activity], *law.drafts[activity])
            key = activity, tuple(id(rule) for rule in rules)
            if rules and key not in seen:
                seen.add(key)
                yield day, activity, rules


def _decided(
    book: RuleBook,
    rules: Sequence[Rule],
    activity: str,
    day: datetime,
    *,
    with_unknown: bool = False,
) -> Iterator[tuple[Mapping[str, Any], Decision]]:
    for raw in cells(rules, activity, day, book.vocabulary, with_unknown=with_unknown):
        yield raw, decide(book, Facts.from_mapping(raw, book.vocabulary), day)


def _note_clashes(
    decision: Decision, example: Example, clashes: dict[tuple[str, str], Contradiction]
) -> None:
    if decision.action < Action.HALT_ENTRY:
        return
    for permitting in decision.spoken:
        if permitting.action is not Action.ALLOW or permitting.note:
            continue
        for barring in decision.spoken:
            if barring.action >= Action.HALT_ENTRY:
                pair = permitting.rule.key, barring.rule.key
                clashes.setdefault(pair, Contradiction(*pair, example))


def _prove_exits(book: RuleBook, found: Analysis, heard: _Heard) -> None:
    """Decide the cells of every exit, unknown facts included, and collect what was stopped.

    The cells are those of the rules that order more than a report, since the meet takes the
    strongest and no other can stop anything; each decision still consults every rule.
    """
    for day, activity, rules in _days(book, book.vocabulary.exits):
        strong = [rule for rule in rules if rule.action > Action.REPORT]
        for raw, decision in _decided(book, strong, activity, day, with_unknown=True):
            found.exit_cells += 1
            if not decision.may_proceed and not _is_lawful_freeze(decision, day):
                found.blocked_exits.append(Example(day, raw))
        for _, decision in _decided(book, rules, activity, day):
            found.exit_cells += 1
            heard.note(decision)


def _is_lawful_freeze(decision: Decision, day: datetime) -> bool:
    return any(
        s.action is Action.FREEZE
        and s.freeze is not None
        and s.freeze.authority != ""
        and s.freeze.case != ""
        and s.freeze.review >= day
        for s in decision.spoken
    )
