"""Run a pack's own dated vectors: the examples that its authority expects to be decided so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sogdia.compliance.rules.deciding import decide
from sogdia.compliance.rules.decision import Decision
from sogdia.compliance.rules.errors import FactError, Place
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.pack import Pack, Vector
from sogdia.compliance.rules.rulebook import RuleBook
from sogdia.compliance.rules.source import Source


@dataclass(frozen=True, slots=True)
class Failure:
    """A vector whose decision is not what it expects, or that has bad facts."""

    place: Place
    vector: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: vector {self.vector!r}: {self.problem}"


def run_vectors(pack: Pack, packs: Iterable[Pack]) -> list[Failure]:
    """Run every vector of `pack` against all versions of its authority, and those beside it.

    `packs` holds at least the authority's versions; a vector's `beside` names other authorities
    that are heard too.
    """
    packs = tuple(packs)
    books: dict[tuple[str, ...], RuleBook] = {}
    failures: list[Failure] = []
    for vector in pack.vectors:
        heard = tuple(sorted({pack.authority, *vector.beside}))
        if heard not in books:
            books[heard] = RuleBook([p for p in packs if p.authority in heard])
        problem = _problem(books[heard], vector)
        if problem is not None:
            place = Source.read(vector.file).place(("vector", vector.index))
            failures.append(Failure(place, vector.name, problem))
    return failures


def _problem(book: RuleBook, vector: Vector) -> str | None:
    loaded = {pack.authority for pack in book.packs}
    absent = set(vector.beside) - loaded
    if absent:
        return f"is heard beside {', '.join(sorted(absent))}, which is not loaded"
    try:
        facts = Facts.from_mapping(vector.facts, book.vocabulary)
        decision = decide(book, facts, vector.at, vector.known_at)
    except FactError as error:
        return str(error)
    found = observed(decision)
    wrong = [
        f"{name} is {found[name]!r}, expected {_in_order(expected)!r}"
        for name, expected in vector.expect.items()
        if found[name] != _in_order(expected)
    ]
    return "; ".join(wrong) or None


def _in_order(expected: Any) -> Any:
    return sorted(expected) if isinstance(expected, list) else expected


def observed(decision: Decision) -> Mapping[str, Any]:
    """Return what a vector can expect of a decision, by the names of its `expect` table."""
    room = decision.room
    return {
        "action": decision.action.word,
        "reasons": list(decision.reasons),
        "missing": list(decision.missing),
        "duties": list(decision.duties),
        "room": None if room is None else str(room),
        "conflict": bool(decision.conflicts),
        "message": decision.customer_message("en"),
        "simulated": sorted({s.rule.reason for s in decision.simulated}),
    }
