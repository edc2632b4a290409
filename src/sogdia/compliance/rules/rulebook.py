"""Many packs, and which of their clauses were law at a moment, as far as was then published.

B1  A clause is in force from the later of its effect and its publication, until its end.
B2  A superseding pack ends exactly the clauses that it names; all others stay.
B3  What a deployment admits at a moment decides nothing about the moments before it.
B4  No clause id of one authority is in force twice at one time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from sogdia.compliance.rules.errors import Place, SuccessionError
from sogdia.compliance.rules.pack import Ending, Nexus, Pack, Rule
from sogdia.compliance.rules.vocabulary import Vocabulary, shipped

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Moments cluster around few changes of law; a replay of years touches each slice once.
SLICES_MAX = 4096


def microseconds(moment: datetime) -> int:
    """Return the moment as whole microseconds since 1970, so that moments sort as integers."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule with the bounds that its pack and its successors put on it, in microseconds.

    `ends` pairs when an ending was known with when it takes effect.
    """

    rule: Rule
    known: int
    effective: int
    until: int | None
    ends: tuple[tuple[int, int], ...]

    def is_in_force(self, at: int, known_at: int) -> bool:
        """Tell whether the clause binds at `at`, as far as was published by `known_at`."""
        if at < self.effective or known_at < self.known:
            return False
        if self.until is not None and at >= self.until:
            return False
        return not any(known_at >= known and at >= end for known, end in self.ends)

    def last_end(self) -> int | None:
        """Return when the clause ends, all things known, or `None`."""
        ends = [end for _, end in self.ends]
        if self.until is not None:
            ends.append(self.until)
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Slice:
    """The law of one span of time: rules by activity, and who claims what."""

    rules: Mapping[str, tuple[Rule, ...]]
    drafts: Mapping[str, tuple[Rule, ...]]
    authorities: tuple[tuple[str, Nexus], ...]


class RuleBook:
    """The packs of every authority that a deployment knows.

    Built from packs, it takes history as history: each clause is known from its own publication.
    `publish` admits a pack into a running deployment instead. `unrecognised` names ties, as
    (authority, nexus kind), that the deciding venue's state does not recognise.

    Raises SuccessionError for a version loaded twice, a dangling or cyclic supersession, or two
    texts of one clause in force at once.
    """

    def __init__(
        self,
        packs: Iterable[Pack],
        vocabulary: Vocabulary | None = None,
        *,
        unrecognised: Iterable[tuple[str, str]] = (),
        admitted: Mapping[str, datetime] | None = None,
    ) -> None:
        self.packs: tuple[Pack, ...] = tuple(sorted(packs, key=lambda p: (p.authority, p.serial)))
        self.unrecognised = frozenset(unrecognised)
        self.admitted = dict(admitted or {})
        self.vocabulary = _common_words(self.packs, vocabulary)
        _check_versions(self.packs)
        _check_order(self.packs)
        self.clauses = self._bound()
        _check_overlap(self.clauses)
        self._law = sorted(self._law_moments())
        self._news = sorted(
            {c.known for c in self.clauses}
            | {known for c in self.clauses for known, _ in c.ends}
            | {self._known(pack) for pack in self.packs}
        )
        self._slices: dict[tuple[int, int], Slice] = {}

    def publish(self, pack: Pack, at: datetime) -> "RuleBook":
        """Return a book that also holds `pack`, which this deployment admitted at `at`.

        Decisions for moments before `at` stay as they were. Raises SuccessionError.
        """
        return RuleBook(
            (*self.packs, pack),
            self.vocabulary,
            unrecognised=self.unrecognised,
            admitted={**self.admitted, pack.name: at},
        )

    def law_of(self, at: datetime, known_at: datetime) -> Slice:
        """Return the law in force at `at`, as far as it was published by `known_at`."""
        moment, news = microseconds(at), microseconds(known_at)
        key = bisect_right(self._law, moment), bisect_right(self._news, news)
        found = self._slices.get(key)
        if found is None:
            if len(self._slices) >= SLICES_MAX:
                self._slices.clear()
            found = self._slices[key] = self._slice(moment, news)
        return found

    def moments(self) -> tuple[datetime, ...]:
        """Return every moment at which the law, as published, changes, in order."""
        found = set(self._law) | set(self._news)
        return tuple(_EPOCH + moment * _MICROSECOND for moment in sorted(found))

    def _known(self, pack: Pack) -> int:
        admitted = self.admitted.get(pack.name)
        known = microseconds(pack.published)
        return known if admitted is None else max(known, microseconds(admitted))

    def _bound(self) -> tuple[Clause, ...]:
        ends: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for pack in self.packs:
            if pack.status == "draft":
                continue  # what is only proposed ends nothing
            for ending in pack.endings:
                for clause in ending.clauses:
                    ends.setdefault((pack.authority, ending.version, clause), []).append(
                        (self._known(pack), microseconds(ending.effective))
                    )
        return tuple(
            Clause(
                rule,
                max(self._known(pack), microseconds(rule.published)),
                max(microseconds(pack.effective), microseconds(rule.effective)),
                None if rule.until is None else microseconds(rule.until),
                tuple(ends.get((rule.authority, rule.version, rule.clause), ())),
            )
            for pack in self.packs
            for rule in sorted(pack.rules, key=lambda rule: rule.clause)
        )

    def _law_moments(self) -> set[int]:
        moments = {microseconds(pack.effective) for pack in self.packs}
        for clause in self.clauses:
            moments.add(clause.effective)
            moments.update(end for _, end in clause.ends)
            if clause.until is not None:
                moments.add(clause.until)
        return moments

    def _slice(self, at: int, known_at: int) -> Slice:
        live = [clause.rule for clause in self.clauses if clause.is_in_force(at, known_at)]
        words = self.vocabulary.entries | self.vocabulary.exits
        claims: dict[str, dict[str, frozenset[str]]] = {}
        for pack in self.packs:
            if self._known(pack) > known_at or microseconds(pack.effective) > at:
                continue
            if pack.status == "draft":
                continue  # what is only proposed makes nobody competent
            ties = claims.setdefault(pack.authority, {})
            for kind, codes in pack.scope:
                if kind != "peg":
                    ties[kind] = ties.get(kind, frozenset()) | codes
        return Slice(
            _by_activity([rule for rule in live if not rule.is_draft], words),
            _by_activity([rule for rule in live if rule.is_draft], words),
            tuple((authority, tuple(ties.items())) for authority, ties in claims.items()),
        )


def _common_words(packs: tuple[Pack, ...], vocabulary: Vocabulary | None) -> Vocabulary:
    """Return the words of all packs, which were read with the same files of words."""
    words = vocabulary or (packs[0].vocabulary if packs else shipped())
    for pack in packs:
        if pack.vocabulary.additions != words.additions:
            raise SuccessionError(
                _place(pack),
                "was read with other words than the packs beside it",
                "load them together",
            )
        try:
            words = words.with_facts(pack.facts)
        except ValueError as error:
            raise SuccessionError(_place(pack), f"{error} by another pack") from None
    return words


def _by_activity(rules: list[Rule], words: frozenset[str]) -> Mapping[str, tuple[Rule, ...]]:
    return MappingProxyType(
        {
            word: tuple(r for r in rules if r.activities is None or word in r.activities)
            for word in words
        }
    )


def _check_versions(packs: tuple[Pack, ...]) -> None:
    seen: dict[str, Pack] = {}
    serials: dict[tuple[str, int], Pack] = {}
    for pack in packs:
        if pack.name in seen:
            raise SuccessionError(_place(pack), f"version {pack.name} is loaded twice")
        twin = serials.get((pack.authority, pack.serial))
        if twin is not None:
            raise SuccessionError(_place(pack), f"serial {pack.serial} is also that of {twin.name}")
        seen[pack.name] = serials[pack.authority, pack.serial] = pack
    for pack in packs:
        for ending in pack.endings:
            _check_target(pack, ending, seen.get(f"{pack.authority}/{ending.version}"))


def _check_target(pack: Pack, ending: Ending, target: Pack | None) -> None:
    if target is None:
        raise SuccessionError(
            _place(pack),
            f"ends clauses of {pack.authority}/{ending.version}, which is not loaded",
            "load that version too",
        )
    unknown = set(ending.clauses) - {rule.clause for rule in target.rules}
    if unknown:
        raise SuccessionError(
            _place(pack), f"ends {', '.join(sorted(unknown))}, which {target.name} does not hold"
        )


def _check_order(packs: tuple[Pack, ...]) -> None:
    """Refuse a supersession that runs in a circle, or from an older serial to a newer one."""
    graph = {
        pack.name: {f"{pack.authority}/{ending.version}" for ending in pack.endings}
        for pack in packs
    }
    by_name = {pack.name: pack for pack in packs}

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " → ".join((*path[path.index(name) :], name))
            raise SuccessionError(_place(by_name[name]), f"cyclic supersession: {circle}")
        for earlier in sorted(graph[name]):
            walk(earlier, (*path, name))

    for pack in packs:
        walk(pack.name, ())
        for earlier in sorted(graph[pack.name]):
            if by_name[earlier].serial >= pack.serial:
                raise SuccessionError(
                    _place(pack),
                    f"serial {pack.serial} ends clauses of {earlier}, whose serial "
                    f"{by_name[earlier].serial} is not lower",
                )


def _check_overlap(clauses: tuple[Clause, ...]) -> None:
    by_id: dict[tuple[str, str], list[Clause]] = {}
    for clause in clauses:
        by_id.setdefault((clause.rule.authority, clause.rule.clause), []).append(clause)
    for same in by_id.values():
        same.sort(key=lambda clause: clause.effective)
        for earlier, later in pairwise(same):
            end = earlier.last_end()
            if end is None or end > later.effective:
                raise SuccessionError(
                    Place(rule=later.rule.key),
                    f"overlapping validity with {earlier.rule.key}, which is still in force",
                    "supersede that clause by name, or give this one an id of its own",
                )


def _place(pack: Pack) -> Place:
    file = None if pack.folder is None else pack.folder / "pack.toml"
    return Place(file)
