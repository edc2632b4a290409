"""Load a folder of TOML into a Pack, or refuse it with file, line and rule.

Nothing is half-loaded: a pack comes back whole and checked, or an error is raised.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import rfc8785

from sogdia.compliance.rules.amounts import currency_scale
from sogdia.compliance.rules.clauses import ClauseReader
from sogdia.compliance.rules.document import (
    EndingForm,
    Form,
    InstrumentForm,
    PackFile,
    RulesFile,
    VectorsFile,
)
from sogdia.compliance.rules.errors import (
    AmountError,
    PackMalformed,
    PackUnreadable,
    Place,
    RuleUnlawful,
    SuccessionError,
    UnknownTerm,
)
from sogdia.compliance.rules.pack import (
    MARKS,
    STATUSES,
    Ending,
    Instrument,
    Nexus,
    Pack,
    Rule,
    Vector,
)
from sogdia.compliance.rules.source import Source
from sogdia.compliance.rules.vocabulary import (
    NEXUS_KINDS,
    FactType,
    Vocabulary,
    fact_type,
    shipped,
)

# A pack is one authority's law: a handful of rule files, not a directory tree.
FILES_MAX = 64
# Enough for a whole statute; each rule costs a decision time when its activity comes up.
RULES_MAX = 2_000

_PATH = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")

F = TypeVar("F", bound=Form)


def load_pack(folder: Path, vocabulary: Vocabulary | None = None) -> Pack:
    """Load and check the pack in `folder`.

    Raises a PackError: PackUnreadable, PackMalformed, UnknownTerm, ConditionError, RuleUnlawful
    or SuccessionError.
    """
    if not folder.is_dir():
        raise PackUnreadable(Place(folder), "is not a folder")
    files = sorted(folder.glob("*.toml"))
    if len(files) > FILES_MAX:
        raise PackUnreadable(Place(folder), f"holds {len(files)} files, the limit is {FILES_MAX}")
    return load_sources([Source.read(file) for file in files], vocabulary, folder)


def load_sources(
    sources: Sequence[Source], vocabulary: Vocabulary | None = None, folder: Path | None = None
) -> Pack:
    """Load a pack from sources already read, as evidence carries them. Raises a PackError."""
    by_kind = _sorted_by_kind(sources, folder or Path())
    return _Loader(by_kind, vocabulary or shipped(), folder).load()


def _sorted_by_kind(sources: Sequence[Source], folder: Path) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {"pack": [], "rules": [], "vectors": []}
    for source in sorted(sources, key=lambda source: source.file.name):
        kind = re.match(r"(pack)\.toml$|(rules|vectors)[^/]*\.toml$", source.file.name)
        if kind is None:
            raise PackUnreadable(
                Place(source.file), "is no part of a pack", "name it rules….toml or vectors….toml"
            )
        found[kind.group(1) or kind.group(2)].append(source)
    for name in ("pack", "rules"):
        if not found[name]:
            raise PackUnreadable(Place(folder), f"has no {name}.toml")
    return found


def convert(source: Source, form: type[F]) -> F:
    """Return the file's values in the shape of `form`. Raises PackMalformed with the line."""
    try:
        return msgspec.convert(source.data, form)
    except msgspec.ValidationError as error:
        problem = str(error)
        match = _PATH.search(problem)
        path = tuple(
            int(index) if index else name
            for name, index in _STEP.findall(match.group(1) if match else "")
        )
        unknown = re.search(r"unknown field `([^`]+)`", problem)
        if unknown:
            path = (*path, unknown.group(1))
        rule = _clause_at(source.data, path)
        raise PackMalformed(source.place(path, rule), _PATH.sub("", problem)) from None


def _clause_at(data: Mapping[str, Any], path: tuple[str | int, ...]) -> str | None:
    if len(path) < 2 or path[0] not in ("rule", "vector") or not isinstance(path[1], int):
        return None
    name = data[path[0]][path[1]].get("clause" if path[0] == "rule" else "name")
    return name if isinstance(name, str) else None


class _Loader:
    """Holds what the parts of one pack need of each other while they are checked."""

    def __init__(
        self, sources: dict[str, list[Source]], vocabulary: Vocabulary, folder: Path | None
    ) -> None:
        self._sources = sources
        self._folder = folder
        self._main = sources["pack"][0]
        self._form = convert(self._main, PackFile)
        self._vocabulary = vocabulary

    def load(self) -> Pack:
        head = self._form.pack
        self._check_head()
        facts = self._facts()
        instruments = self._instruments()
        scope = self._scope()
        rules = self._rules(instruments, scope)
        canonical = self._canonical()
        return Pack(
            authority=head.authority,
            version=head.version,
            serial=head.serial,
            title=_texts(head.title),
            notice=head.notice,
            status=head.status,
            tz=head.tz,
            adopted=head.adopted,
            published=head.published,
            effective=head.effective,
            scope=scope,
            instruments=instruments,
            rules=rules,
            endings=self._endings(),
            vectors=tuple(v for source in self._sources["vectors"] for v in _vectors(source)),
            facts=facts,
            digest=hashlib.sha256(canonical).digest(),
            canonical=canonical,
            sources=MappingProxyType(
                {s.file.name: s.text for sources in self._sources.values() for s in sources}
            ),
            vocabulary=self._vocabulary,
            folder=self._folder,
        )

    def _check_head(self) -> None:
        head, place = self._form.pack, self._main.place
        if head.authority not in self._vocabulary.authorities:
            raise UnknownTerm(
                place(("pack", "authority")),
                f"authority {head.authority!r} is not registered",
                "register it with the states and currencies it may claim",
            )
        _check_status(head.status, lambda: place(("pack", "status")))
        try:
            ZoneInfo(head.tz)
        except (KeyError, ValueError, OSError):
            raise UnknownTerm(
                place(("pack", "tz")), f"{head.tz!r} is not a zone of the tz database"
            ) from None
        if head.published < head.adopted:
            raise PackMalformed(
                place(("pack", "published")),
                f"published {head.published} before it was adopted {head.adopted}",
            )

    def _facts(self) -> dict[str, FactType]:
        facts: dict[str, FactType] = {}
        for index, form in enumerate(self._form.fact):
            declared = {k: v for k, v in msgspec.structs.asdict(form).items() if v is not None}
            try:
                facts[form.name] = fact_type(declared)
                self._vocabulary = self._vocabulary.with_facts({form.name: facts[form.name]})
            except ValueError as error:
                raise PackMalformed(self._main.place(("fact", index)), str(error)) from None
        return facts

    def _instruments(self) -> dict[str, Instrument]:
        found: dict[str, Instrument] = {}
        for index, form in enumerate(self._form.instrument):
            if form.id in found:
                place = self._main.place(("instrument", index, "id"))
                raise PackMalformed(place, f"instrument {form.id!r} is declared twice")
            self._check_instrument(form, index)
            fields = msgspec.structs.asdict(form)
            found[form.id] = Instrument(**{**fields, "title": MappingProxyType(form.title)})
        return found

    def _check_instrument(self, form: InstrumentForm, index: int) -> None:
        def place(field: str) -> Place:
            return self._main.place(("instrument", index, field))

        _check_status(form.status, lambda: place("status"))
        if form.mark not in MARKS:
            raise UnknownTerm(place("mark"), f"mark {form.mark!r} is not one of {', '.join(MARKS)}")
        if "en" not in form.title:
            raise PackMalformed(place("title"), f"instrument {form.id!r} has no English title")
        if form.published < form.adopted:
            raise PackMalformed(
                place("published"), f"{form.id!r} is published before it was adopted"
            )
        if form.repealed is not None and form.repealed <= form.effective:
            raise SuccessionError(
                place("repealed"),
                f"{form.id!r} is repealed {form.repealed} before it takes effect {form.effective}",
            )

    def _scope(self) -> Nexus:
        authority = self._vocabulary.authorities[self._form.pack.authority]
        scope: list[tuple[str, frozenset[str]]] = []
        for kind in NEXUS_KINDS:
            codes: list[str] | None = getattr(self._form.scope, kind)
            if codes is None:
                continue
            for code in codes:
                self._check_code(kind, code)
            claimable = authority.currencies if kind == "peg" else authority.states
            beyond = set(codes) - claimable
            if beyond:
                raise RuleUnlawful(
                    self._main.place(("scope", kind)),
                    f"authority {authority.id!r} claims {kind} {', '.join(sorted(beyond))}, "
                    f"which is outside its nexus ({', '.join(sorted(claimable)) or 'none'})",
                )
            scope.append((kind, frozenset(codes)))
        if not scope:
            raise PackMalformed(self._main.place(("scope",)), "the scope claims nothing")
        return tuple(scope)

    def _check_code(self, kind: str, code: str) -> None:
        if kind == "peg":
            try:
                currency_scale(code)
            except AmountError as error:
                raise UnknownTerm(self._main.place(("scope", kind)), str(error)) from None
        elif not self._vocabulary.is_place(code):
            raise UnknownTerm(
                self._main.place(("scope", kind)),
                f"{code!r} is not a state of ISO 3166-1 alpha-2 or a declared zone",
            )

    def _rules(self, instruments: dict[str, Instrument], scope: Nexus) -> tuple[Rule, ...]:
        rules: dict[str, Rule] = {}
        for source in self._sources["rules"]:
            reader = ClauseReader(source, self._form.pack, instruments, scope, self._vocabulary)
            for index, form in enumerate(convert(source, RulesFile).rule):
                if form.clause in rules:
                    raise SuccessionError(
                        source.place(("rule", index, "clause"), form.clause),
                        "the clause is written twice in one version, so both would be in force",
                    )
                rules[form.clause] = reader.read(form, index)
        if len(rules) > RULES_MAX:
            raise PackMalformed(
                Place(self._folder), f"has {len(rules)} rules, the limit is {RULES_MAX}"
            )
        return tuple(rules.values())

    def _endings(self) -> tuple[Ending, ...]:
        return tuple(
            self._ending(form, kind, index)
            for kind, forms in (
                ("supersedes", self._form.supersedes),
                ("repeals", self._form.repeals),
            )
            for index, form in enumerate(forms)
        )

    def _ending(self, form: EndingForm, kind: str, index: int) -> Ending:
        if form.version == self._form.pack.version:
            raise SuccessionError(
                self._main.place((kind, index, "version")),
                f"version {form.version!r} {kind} itself",
            )
        if len(set(form.clauses)) != len(form.clauses):
            raise SuccessionError(
                self._main.place((kind, index, "clauses")), "a clause is named twice"
            )
        return Ending(
            form.version,
            tuple(form.clauses),
            form.effective or self._form.pack.effective,
            kind == "repeals",
        )

    def _canonical(self) -> bytes:
        whole = {
            kind: [_plain(source.data) for source in sources]
            for kind, sources in self._sources.items()
        }
        try:
            return rfc8785.dumps(whole)
        except rfc8785.CanonicalizationError as error:
            raise PackMalformed(
                Place(self._folder), f"has no canonical form: {error}", "integers stay below 2^53"
            ) from None


def _check_status(status: str, place: Callable[[], Place]) -> None:
    # A place costs a search of the file, so it is only looked up for an error.
    if status not in STATUSES:
        raise UnknownTerm(place(), f"status {status!r} is not one of {', '.join(STATUSES)}")


def _texts(form: Form) -> Mapping[str, str]:
    return MappingProxyType(msgspec.structs.asdict(form))


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str | bool | int):
        return value
    # Floats, local dates and local times have no place in a pack; say what they look like.
    return f"{type(value).__name__}:{value}"


def _vectors(source: Source) -> list[Vector]:
    form = convert(source, VectorsFile)
    return [
        Vector(
            vector.name,
            vector.at,
            vector.known_at,
            MappingProxyType({**form.defaults, **vector.facts}),
            MappingProxyType(
                {k: v for k, v in msgspec.structs.asdict(vector.expect).items() if v is not None}
            ),
            tuple(vector.beside),
            source.file,
            index,
        )
        for index, vector in enumerate(form.vector)
    ]
