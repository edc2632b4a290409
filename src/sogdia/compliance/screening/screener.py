"""Screen customers against lists.

F1  A customer is clear only after comparison with every required list; anything else that
    happens, whatever it is, is `NotScreened`.
F2  Screening against a delta finds what screening against the whole list finds among the
    entries of the delta: no score depends on what else is on the list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sogdia.compliance.screening.entity import Entity, Kind
from sogdia.compliance.screening.errors import ScreeningError
from sogdia.compliance.screening.features import Comparison, evaluate
from sogdia.compliance.screening.index import NameIndex
from sogdia.compliance.screening.lists.snapshot import Delta, ListVersion, Snapshot
from sogdia.compliance.screening.name import Name, analyse
from sogdia.compliance.screening.organisation import analyse_organisation
from sogdia.compliance.screening.person_match import NameMatch, match_names
from sogdia.compliance.screening.result import (
    Clear,
    Clearance,
    Hit,
    Hits,
    NotScreened,
    Screening,
)
from sogdia.compliance.screening.script import Script, dominant_script
from sogdia.compliance.screening.thresholds import THRESHOLD_MIN, Thresholds

HITS_MAX = 50  # of one customer; more mean a threshold set in error, and the best 50 say so


@dataclass(frozen=True, slots=True)
class _Listed:
    version: ListVersion
    entity: Entity


@dataclass(frozen=True, slots=True)
class _Found:
    """A listed name that was compared, how it matched, and the script it was asked for in."""

    listed_name: str
    match: NameMatch
    script: Script


class _Book:
    """The names of one kind of party, whose they are, and the index over them."""

    __slots__ = ("index", "names", "owners")

    def __init__(self) -> None:
        self.names: list[Name] = []
        self.owners: list[_Listed] = []
        self.index = NameIndex(())


class Screener:
    """Lists made searchable. Immutable; build a new one when a list changes."""

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        *,
        required: Iterable[str] = (),
        thresholds: Thresholds | None = None,
        clearances: Iterable[Clearance] = (),
    ) -> None:
        """Index the snapshots. `required` are list ids without which nobody is clear."""
        self._setup(
            [(s.version, s.entries.values()) for s in snapshots], required, thresholds, clearances
        )

    @classmethod
    def for_delta(
        cls,
        delta: Delta,
        *,
        thresholds: Thresholds | None = None,
        clearances: Iterable[Clearance] = (),
    ) -> "Screener":
        """Return a screener for what a new version of a list added or changed."""
        screener = cls.__new__(cls)
        screener._setup([(delta.after, delta.to_screen)], (), thresholds, clearances)
        return screener

    def _setup(
        self,
        lists: Sequence[tuple[ListVersion, Iterable[Entity]]],
        required: Iterable[str],
        thresholds: Thresholds | None,
        clearances: Iterable[Clearance],
    ) -> None:
        self._versions = tuple(version for version, _ in lists)
        loaded = {version.list_id for version in self._versions}
        self._missing = tuple(sorted(set(required) - loaded))
        self._thresholds = thresholds or Thresholds()
        self._clearances = {
            (c.customer_id, c.version.list_id, c.version.digest, c.entity_id): c for c in clearances
        }
        self._persons, self._others = _Book(), _Book()
        self._by_identifier: dict[tuple[str, str], list[_Listed]] = {}
        for version, entities in lists:
            for entity in entities:
                listed = _Listed(version, entity)
                for identifier in entity.identifiers:
                    key = (identifier.scheme.value, identifier.value)
                    self._by_identifier.setdefault(key, []).append(listed)
                book = self._persons if entity.kind is Kind.PERSON else self._others
                for text in entity.names:
                    book.names.append(_analyse(text, entity.kind))
                    book.owners.append(listed)
        self._persons.index = NameIndex(self._persons.names)
        self._others.index = NameIndex(self._others.names)

    @property
    def versions(self) -> tuple[ListVersion, ...]:
        """Return the list versions that customers are compared with."""
        return self._versions

    def screen(self, customer: Entity) -> Screening:
        """Screen one customer. Never raises for what is in the customer's data."""
        if self._missing or not self._versions:
            reason = "a required list is missing" if self._missing else "no list is loaded"
            return NotScreened(customer.entity_id, reason, self._missing)
        try:
            hits = self.search(customer)
        except ScreeningError as error:
            return NotScreened(customer.entity_id, str(error), ())
        open_hits, cleared = [], []
        for hit in hits:
            if hit.score < hit.threshold:
                continue
            clearance = self._clearance(customer, hit)
            if clearance is None:
                open_hits.append(hit)
            else:
                cleared.append((hit, clearance))
        if open_hits:
            best = tuple(open_hits[:HITS_MAX])
            return Hits(customer.entity_id, best, tuple(cleared), self._versions)
        return Clear(customer.entity_id, tuple(cleared), self._versions)

    def search(self, customer: Entity, *, score_min: float = THRESHOLD_MIN) -> list[Hit]:
        """Return everything that scores at least `score_min`, best first, without deciding.

        Raises:
            InvalidName: a name of the customer cannot be analysed.
        """
        best: dict[tuple[str, str], Hit] = {}
        for text in customer.names:
            query = _analyse(text, customer.kind)
            script = dominant_script(query.text)
            for listed, listed_name, match in self._matches(customer, query):
                self._keep(best, customer, listed, _Found(listed_name, match, script))
        for identifier in customer.identifiers:
            for listed in self._by_identifier.get((identifier.scheme.value, identifier.value), ()):
                match = NameMatch(0.0, "found by identifier")
                found = _Found(listed.entity.primary_name, match, Script.LATIN)
                self._keep(best, customer, listed, found)
        hits = [hit for hit in best.values() if hit.score >= score_min]
        hits.sort(key=lambda h: (-h.score, h.version.list_id, h.listed.entity_id))
        return hits

    def _matches(self, customer: Entity, query: Name) -> Iterable[tuple[_Listed, str, NameMatch]]:
        book = self._persons if customer.kind is Kind.PERSON else self._others
        for candidate in book.index.candidates(query):
            theirs = book.names[candidate.name_id]
            match = match_names(query, theirs, syllables=candidate.syllables)
            yield book.owners[candidate.name_id], theirs.text, match

    def _keep(
        self,
        best: dict[tuple[str, str], Hit],
        customer: Entity,
        listed: _Listed,
        found: _Found,
    ) -> None:
        score, reasons = evaluate(Comparison(customer, listed.entity, found.match))
        key = (listed.version.list_id, listed.entity.entity_id)
        known = best.get(key)
        threshold = self._thresholds.threshold(listed.version.list_id, found.script)
        hit = Hit(listed.version, listed.entity, found.listed_name, score, threshold, reasons)
        # Scripts have thresholds of their own: the better hit is the one further above its own.
        if known is None or score - threshold > known.score - known.threshold:
            best[key] = hit
        elif score > known.score:
            best[key] = replace(known, score=score, reasons=reasons)

    def _clearance(self, customer: Entity, hit: Hit) -> Clearance | None:
        version = hit.version
        key = (customer.entity_id, version.list_id, version.digest, hit.listed.entity_id)
        return self._clearances.get(key)


def _analyse(text: str, kind: Kind) -> Name:
    return analyse(text) if kind is Kind.PERSON else analyse_organisation(text)
