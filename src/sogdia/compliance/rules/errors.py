"""What can go wrong with rules, facts, signatures and evidence.

RulesError
├── PackError               a pack was refused when it was loaded; names file, line and rule
│   ├── PackUnreadable          not a folder of TOML, or a file breaks TOML's own grammar
│   ├── PackMalformed           a field is missing, unknown or of the wrong type
│   ├── UnknownTerm             a state, currency, activity, class or fact nobody declared
│   ├── ConditionError          a condition does not parse, or is not typed and total
│   ├── RuleUnlawful            a rule that may not exist: blocks an exit, exceeds its nexus, …
│   └── SuccessionError         supersession that is cyclic, dangling or leaves an overlap
├── FactError               a fact is unknown or of the wrong type: bad input to a decision
├── AmountError             text or fields that are not an amount of a known currency
├── SignatureError          see `signing.py` for one class per cause
└── EvidenceError           a bundle that is damaged, or whose packs are not at hand
"""

from dataclasses import dataclass
from pathlib import Path


class RulesError(Exception):
    """The root of every expected failure of the rule library."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a pack something was written. Lines count from 1; rule is the clause id."""

    file: Path | None = None
    line: int | None = None
    rule: str | None = None

    def __str__(self) -> str:
        where = str(self.file) if self.file is not None else "pack"
        if self.line is not None:
            where += f":{self.line}"
        return where + (f": rule {self.rule}" if self.rule is not None else "")


class PackError(RulesError):
    """A pack was refused when it was loaded; nothing of it is in force."""

    def __init__(self, place: Place, problem: str, remedy: str = "") -> None:
        super().__init__(place, problem, remedy)
        self.place = place
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}" + (f"; {self.remedy}" if self.remedy else "")


class PackUnreadable(PackError):
    """The folder is missing, too large, or a file is not TOML."""


class PackMalformed(PackError):
    """A field is missing, unknown or of the wrong type."""


class UnknownTerm(PackError):
    """A state, currency, activity, class or fact that nothing declares."""


class ConditionError(PackError):
    """A condition that does not parse, is ill-typed, or could fail when it decides."""


class RuleUnlawful(PackError):
    """A rule that no authority may write, such as one that stops an exit."""


class SuccessionError(PackError):
    """A supersession that is cyclic, names nothing, or leaves two texts in force at once."""


class AmountError(RulesError, ValueError):
    """Text or fields that are not an amount of a known currency."""


class FactError(RulesError, ValueError):
    """A fact that is not declared, or not of its declared type. `name` is the fact's name."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name = name
        self.problem = problem

    def __str__(self) -> str:
        return f"fact {self.name!r}: {self.problem}"


class EvidenceError(RulesError):
    """A bundle that is damaged, of an unknown format, or whose packs are not at hand."""
