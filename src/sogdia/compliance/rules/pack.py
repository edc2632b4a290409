"""What a pack is, once loaded: values only, checked and frozen.

P1  A pack has one authority and claims no more than the authority may (its nexus).
P2  A clause is named by (authority, version, clause id); supersession names clauses one by one.
P3  Every moment carries a zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

from sogdia.compliance.rules.amounts import Amount
from sogdia.compliance.rules.evaluation import Condition
from sogdia.compliance.rules.expressions import Node
from sogdia.compliance.rules.vocabulary import FactType, Vocabulary

LANGUAGES = ("en", "zh", "ru", "kk")
STATUSES = ("law", "guidance", "policy", "draft")
# How a line of the law was checked: on the authority's site or a verbatim copy; in excerpts;
# from memory; or inferred by design and not law.
MARKS = ("V*", "V", "M", "D")


class Action(IntEnum):
    """What a decision orders, in order of strength.

    NO_AUTHORITY is not an order: no rule was written. It outweighs permission, since silence of
    one competent authority is not freedom, and yields to every order that stops.
    """

    ALLOW = 0
    REPORT = 1
    LIMIT = 2
    NO_AUTHORITY = 3
    HOLD = 4
    HALT_ENTRY = 5
    WIND_DOWN = 6
    FREEZE = 7

    @property
    def word(self) -> str:
        """The action as packs and decisions write it, such as `halt-entry`."""
        return self.name.lower().replace("_", "-")


ACTIONS = {action.word: action for action in Action if action is not Action.NO_AUTHORITY}


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law, notice or guideline, with its own moments; `source` says where it was read."""

    id: str
    title: Mapping[str, str]
    adopted: datetime
    published: datetime
    effective: datetime
    status: str
    mark: str
    source: str
    repealed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """Instrument and article that a rule rests on; `mark` says how far the line was verified."""

    instrument: Instrument
    article: str
    mark: str
    note: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the line was read; otherwise it is from memory or a design inference."""
        return self.mark in ("V", "V*")

    def __str__(self) -> str:
        article = f", {self.article}" if self.article else ""
        unverified = "" if self.is_verified else f" [unverified: {self.mark}]"
        title = self.instrument.title["en"]
        return f"{title}{article} ({self.instrument.adopted.date()}){unverified}"


@dataclass(frozen=True, slots=True)
class Window:
    """Over what time amounts are summed: one transaction, a calendar period, or rolling days."""

    kind: str
    days: int = 0

    def __str__(self) -> str:
        return f"rolling-{self.days}-days" if self.kind == "rolling" else self.kind


@dataclass(frozen=True, slots=True)
class AmountRule:
    """When a sum over a window reaches (`inclusive`) or passes a threshold.

    `thresholds` holds one amount for each currency, the first being the one that others convert
    into; `threshold_fact` names a fact instead. `adds` and `subtracts` are the activities counted,
    `same` the facts in which an earlier transaction must equal this one. `within` is `allow` when
    the clause permits what stays below, `silent` when it says nothing of it.
    """

    fact: str
    thresholds: tuple[Amount, ...]
    threshold_fact: str | None
    inclusive: bool
    window: Window
    tz: str
    scope: str
    adds: frozenset[str]
    subtracts: frozenset[str]
    same: tuple[str, ...]
    within: str


@dataclass(frozen=True, slots=True)
class FreezeRule:
    """Which facts name the authority, case and review date of a freeze; without `amount` it
    takes the whole holding."""

    authority: str
    case: str
    review: str
    amount: str | None = None


Nexus = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One clause. Compared by identity; `key` is its name among all packs.

    `activities`, `persons` and `assets` are `None` for any. `effective` and `until` bound its
    validity by the law's own dates, before supersession. `unless` exempts what the rule would
    otherwise catch; where there is an amount, it is only asked beyond the amount.
    """

    authority: str
    version: str
    clause: str
    activities: frozenset[str] | None
    persons: frozenset[str] | None
    assets: frozenset[str] | None
    nexus: Nexus
    when: Node
    condition: Condition
    unless: Node | None
    exemption: Condition | None
    action: Action
    reason: str
    citation: Citation
    text: Mapping[str, str]
    effective: datetime
    published: datetime
    until: datetime | None = None
    amount: AmountRule | None = None
    freeze: FreezeRule | None = None
    disclose: bool = True
    duties: tuple[str, ...] = ()
    params: Mapping[str, str | int | bool] = field(default_factory=dict)
    is_draft: bool = False

    @property
    def key(self) -> str:
        """`authority/version/clause`."""
        return f"{self.authority}/{self.version}/{self.clause}"

    @property
    def counter(self) -> str:
        """The name of this rule's sum in `totals` and `fits`: it outlives a version."""
        return f"{self.authority}/{self.clause}"


@dataclass(frozen=True, slots=True)
class Ending:
    """Clauses of an earlier version that end at `effective`, superseded or only repealed."""

    version: str
    clauses: tuple[str, ...]
    effective: datetime
    is_repeal: bool


@dataclass(frozen=True, slots=True)
class Vector:
    """A dated example: facts, and what the decision must be; `index` is its place in `file`."""

    name: str
    at: datetime
    known_at: datetime | None
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    beside: tuple[str, ...]
    file: Path
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A loaded pack. `digest` is the SHA-256 of its canonical form; `serial` only ever grows;
    `sources` is its text by file name; `vocabulary` holds the words it was read with."""

    authority: str
    version: str
    serial: int
    title: Mapping[str, str]
    notice: str
    status: str
    tz: str
    adopted: datetime
    published: datetime
    effective: datetime
    scope: Nexus
    instruments: Mapping[str, Instrument]
    rules: tuple[Rule, ...]
    endings: tuple[Ending, ...]
    vectors: tuple[Vector, ...]
    facts: Mapping[str, FactType]
    digest: bytes
    canonical: bytes
    sources: Mapping[str, str]
    vocabulary: Vocabulary
    folder: Path | None = None

    @property
    def name(self) -> str:
        """`authority/version`."""
        return f"{self.authority}/{self.version}"
