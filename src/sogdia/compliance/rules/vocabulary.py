"""The declared words: activities, classes, places, authorities and facts.

Facts are stated and rules are written in these words alone, so that a misspelt class is an error
when a pack is loaded and never a rule that silently matches nobody.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import iso3166
import msgspec

ANY = "any"

# The ties by which an authority may claim a matter.
NEXUS_KINDS = ("residence", "licence", "venue", "issuer", "controller", "peg")

# Names with a place of their own in a statement of facts; no declared fact may take one.
RESERVED = frozenset(
    {"activity", "persons", "assets", "venue_id", "rates", "history", "totals", "fits", "at"}
    | set(NEXUS_KINDS)
)

# Integers of conditions stay within what a contract's int64 and canonical JSON both carry.
INTEGER_MAX = 2**53 - 1


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact may be. `kind` is bool, integer, amount, moment or text.

    `minimum` and `maximum` bound integers (inclusive); `values` lists the texts allowed, empty
    for any text.
    """

    kind: str
    about: str
    minimum: int = -INTEGER_MAX
    maximum: int = INTEGER_MAX
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may sign packs, and the most that its packs may claim."""

    id: str
    name: str
    states: frozenset[str]
    currencies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All declared words. Classes are given with everything they are a member of, themselves
    included. `additions` holds the texts of the files that a deployment added."""

    entries: frozenset[str]
    exits: frozenset[str]
    persons: Mapping[str, frozenset[str]]
    assets: Mapping[str, frozenset[str]]
    zones: Mapping[str, str]
    authorities: Mapping[str, Authority]
    facts: Mapping[str, FactType]
    exclusive: tuple[frozenset[str], ...]
    states: frozenset[str] = field(default=frozenset(iso3166.countries_by_alpha2))
    additions: tuple[str, ...] = ()

    def is_activity(self, name: str) -> bool:
        """Tell whether `name` is a declared activity."""
        return name in self.entries or name in self.exits

    def is_place(self, code: str) -> bool:
        """Tell whether `code` is a state (ISO 3166-1 alpha-2) or a declared zone."""
        return code in self.states or code in self.zones

    def places(self, codes: Iterable[str]) -> frozenset[str]:
        """Return the codes and, for each zone, the state that it lies in."""
        codes = frozenset(codes)
        return codes | {self.zones[code] for code in codes if code in self.zones}

    def contradiction(self, persons: frozenset[str]) -> frozenset[str] | None:
        """Return two classes among `persons` that exclude each other, or `None`."""
        return next((pair for pair in self.exclusive if pair <= persons), None)

    def with_facts(self, extra: Mapping[str, FactType]) -> "Vocabulary":
        """Return this vocabulary with further facts.

        Raises ValueError when a name is reserved, or already declared with another type.
        """
        for name, kind in extra.items():
            known = self.facts.get(name)
            if name in RESERVED:
                raise ValueError(f"fact {name!r} is built in and cannot be declared")
            if known is not None and known != kind:
                raise ValueError(f"fact {name!r} is already declared as {known.kind}")
        return Vocabulary(
            self.entries,
            self.exits,
            self.persons,
            self.assets,
            self.zones,
            self.authorities,
            MappingProxyType({**self.facts, **extra}),
            self.exclusive,
            additions=self.additions,
        )


def _closure(classes: Mapping[str, list[str]]) -> Mapping[str, frozenset[str]]:
    def ancestors(name: str, path: tuple[str, ...]) -> frozenset[str]:
        if name in path or name not in classes:
            raise ValueError(f"class {name!r} is not declared, or a member of itself: {path}")
        found = frozenset({name})
        for parent in classes[name]:
            found |= ancestors(parent, (*path, name))
        return found

    return MappingProxyType({name: ancestors(name, ()) for name in classes})


def fact_type(data: Mapping[str, Any]) -> FactType:
    """Build a fact's type from its declaration. Raises ValueError when it is not one."""
    kind = data.get("type")
    if kind not in ("bool", "integer", "amount", "moment", "text"):
        raise ValueError(f"type is bool, integer, amount, moment or text, not {kind!r}")
    low, high = data.get("minimum", -INTEGER_MAX), data.get("maximum", INTEGER_MAX)
    if not -INTEGER_MAX <= low <= high <= INTEGER_MAX:
        raise ValueError(f"minimum {low} and maximum {high} must lie in order within ±(2^53 - 1)")
    return FactType(kind, data.get("about", ""), low, high, tuple(data.get("values", ())))


class AuthorityForm(msgspec.Struct, forbid_unknown_fields=True):
    """[authority.ID]"""

    name: str
    states: list[str]
    currencies: list[str]


class WordsFile(msgspec.Struct, forbid_unknown_fields=True):
    """vocabulary.toml. A deployment's own file adds words; it changes none that are declared."""

    exits: list[str] = []
    entries: list[str] = []
    exclusive: list[list[str]] = []
    person: dict[str, list[str]] = {}
    asset: dict[str, list[str]] = {}
    zone: dict[str, str] = {}
    authority: dict[str, AuthorityForm] = {}
    fact: dict[str, dict[str, Any]] = {}


def shipped_words() -> bytes:
    """Return the file of the words that ship."""
    return (resources.files("sogdia.compliance") / "packs" / "vocabulary.toml").read_bytes()


@lru_cache(maxsize=1)
def shipped() -> Vocabulary:
    """Return the vocabulary that ships with the packs."""
    return extended(())


def extended(additions: Sequence[str]) -> Vocabulary:
    """Return the shipped vocabulary with the words of further files, given as TOML text.

    Raises ValueError when a text is not such a file, or declares a word again: an authority, for
    one, can never claim more by declaring itself a second time.
    """
    texts = [shipped_words().decode(), *additions]
    files = [msgspec.convert(tomllib.loads(text), WordsFile) for text in texts]
    authorities = {
        id_: Authority(id_, form.name, frozenset(form.states), frozenset(form.currencies))
        for id_, form in _joined(files, "authority").items()
    }
    entries = _joined(files, "entries").keys()
    exits = _joined(files, "exits").keys()
    if entries & exits:
        raise ValueError(f"{', '.join(sorted(entries & exits))} is both an entry and an exit")
    return Vocabulary(
        frozenset(entries),
        frozenset(exits),
        _closure(_joined(files, "person")),
        _closure(_joined(files, "asset")),
        MappingProxyType(_joined(files, "zone")),
        MappingProxyType(authorities),
        MappingProxyType({n: fact_type(row) for n, row in _joined(files, "fact").items()}),
        tuple(frozenset(pair) for file in files for pair in file.exclusive),
        additions=tuple(additions),
    )


def _joined(files: Sequence[WordsFile], field_: str) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for file in files:
        words = getattr(file, field_)
        for word in words:
            if word in joined or (field_ == "fact" and word in RESERVED):
                raise ValueError(f"{field_} {word!r} is declared already")
            joined[word] = words[word] if isinstance(words, dict) else None
    return joined
