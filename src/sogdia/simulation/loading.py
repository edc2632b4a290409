"""From a TOML file to a checked scenario; every refusal names file, key and what is permitted."""

import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from sogdia.simulation.errors import InvalidScenario, UnreadableScenario
from sogdia.simulation.scenario import Scenario

T = TypeVar("T")


def load_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        UnreadableScenario: there is no such file, or it is no TOML.
        InvalidScenario: a key is unknown or has a value that it cannot have.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableScenario(file=str(path), detail=error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableScenario(file=str(path), detail=str(error)) from error
    return read_scenario(values, str(path))


def read_scenario(values: Mapping[str, Any], file: str) -> Scenario:
    """Check the values of a scenario that came from `file`.

    Raises:
        InvalidScenario: a key is unknown or has a value that it cannot have.
    """
    reading = _Reading(file)
    scenario = reading.table(Scenario, values, "")
    reading.check_names(scenario)
    reading.check_counts(scenario)
    return scenario


@dataclass(frozen=True, slots=True)
class _Reading:
    file: str

    def refuse(self, key: str, problem: str, permitted: str) -> InvalidScenario:
        return InvalidScenario(file=self.file, key=key, problem=problem, permitted=permitted)

    def table(self, kind: type[T], values: Any, place: str) -> T:
        if not isinstance(values, Mapping):
            raise self.refuse(place, f"is {_shown(values)}", "a table")
        known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
        for key in values:
            if key not in known:
                raise self.refuse(_under(place, key), "is not a key", ", ".join(sorted(known)))
        found = {key: self.value(known[key], v, _under(place, key)) for key, v in values.items()}
        return kind(**found)

    def value(self, spec: Field[Any], value: Any, key: str) -> Any:
        rules = spec.metadata
        table: Any = spec.default_factory
        if isinstance(table, type) and is_dataclass(table):
            return self.table(table, value, key)
        if "tables" in rules:
            if not isinstance(value, list):
                raise self.refuse(key, f"is {_shown(value)}", f"tables, each as [[{key}]]")
            kind = rules["tables"]
            return tuple(self.table(kind, v, f"{key}[{n}]") for n, v in enumerate(value))
        if "words" in rules:
            return self.words(value, key, rules["words"])
        if "permitted" in rules:
            if value not in rules["permitted"]:
                raise self.refuse(key, f"is {_shown(value)}", ", ".join(rules["permitted"]))
            return value
        if "low" in rules:
            return self.number(spec, value, key)
        if not isinstance(value, str) or not value:
            raise self.refuse(key, f"is {_shown(value)}", "a text that is not empty")
        return value

    def number(self, spec: Field[Any], value: Any, key: str) -> float:
        low, high = spec.metadata["low"], spec.metadata["high"]
        is_whole = isinstance(spec.default, int)
        kinds = int if is_whole else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool) or not low <= value <= high:
            kind = "whole numbers" if is_whole else "numbers"
            raise self.refuse(key, f"is {_shown(value)}", f"{kind} from {low} to {high}")
        return value if is_whole else float(value)

    def words(self, value: Any, key: str, permitted: tuple[str, ...]) -> tuple[str, ...]:
        wanted = ", ".join(permitted) if permitted else "texts"
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.refuse(key, f"is {_shown(value)}", f"a list of {wanted}")
        for word in value:
            if permitted and word not in permitted:
                raise self.refuse(key, f"contains {_shown(word)}", wanted)
        return tuple(value)

    def check_names(self, scenario: Scenario) -> None:
        names = [jurisdiction.name for jurisdiction in scenario.jurisdictions]
        for n, name in enumerate(names):
            if name in names[:n]:
                raise self.refuse(f"jurisdiction[{n}].name", f"is {name!r} again", "other names")
        for n, event in enumerate(scenario.event):
            key = f"event[{n}].jurisdictions"
            if not event.jurisdictions and event.kind != "heal":
                raise self.refuse(key, "is empty", ", ".join(names))
            for name in event.jurisdictions:
                if name not in names:
                    raise self.refuse(key, f"contains {_shown(name)}", ", ".join(names))

    def check_counts(self, scenario: Scenario) -> None:
        owners = scenario.jurisdictions
        if not any(j.work and j.miners for j in owners):
            raise self.refuse("jurisdiction", "has nobody who mines", "work and miners above 0")
        if not any(j.nodes for j in owners):
            raise self.refuse("jurisdiction", "has nobody", "nodes above 0 in one of them")
        miners = sum(j.miners for j in owners)
        if miners > scenario.network.nodes:
            key = "network.nodes"
            raise self.refuse(key, f"is {scenario.network.nodes}", f"{miners} miners or more")
        work = sum(a.work for a in scenario.attacker)
        if work >= 100:
            raise self.refuse("attacker", f"have {work:g} % of the work", "less than 100 in all")


def _under(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
